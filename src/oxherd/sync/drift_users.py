"""Compares the users of a context with a tenant's OX accounts."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db.models import QuerySet

from oxherd.drift.models import Difference
from oxherd.drift.states import DifferenceKind, ObjectKind
from oxherd.errors import PlatformNotFound
from oxherd.ox.interface import UNSET, FoundUser
from oxherd.people.models import OxAccount
from oxherd.people.usage import note_drive_use
from oxherd.profiles.modules import ADD_ONS
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.sync.account_rows import AccountNow, read_attempted, read_in_ox, read_marked, read_named
from oxherd.sync.attempts import is_attempt
from oxherd.sync.drift_scope import Fields, Ids, Part, Scope, T, difference, differing, in_batches, shown
from oxherd.sync.people import wanted_of

# The platform tells the modules of one user at a time: so many are asked for at once.
AT_ONCE = 8
LARGEST_PHOTO = 1024 * 1024
_MODULES, _CLASSES = "access_combination", "class_of_service"


def compare_users(scope: Scope) -> Iterator[Part]:
    paired = Ids()
    for batch in in_batches(scope.platform.list_users(scope.access)):
        for user in batch:
            scope.users.add(user.ox_id)
        yield _compare(scope, [user for user in batch if user.name != scope.tenant.context_admin], paired)
    ours = OxAccount.objects.filter(tenant=scope.tenant, presence=Presence.PRESENT).select_related("user")
    ours = ours.only("ox_id", "ox_name", "primary_address", "user__display_name", "user__login")
    yield from _missing(scope, ours, paired)


def held_by(user: FoundUser) -> Fields:
    """The user as the platform has it, in the form of `sync.people.wanted_of`, without the access combination."""
    primary = user.primary_address.lower()
    return {
        "mail_enabled": user.mail_enabled,
        "name": user.name,
        "display_name": user.display_name,
        "given_name": user.given_name,
        "surname": user.surname,
        "primary_address": primary,
        "aliases": sorted({primary, *(alias.lower() for alias in user.aliases)}),
        "language": user.language,
        "timezone": user.timezone,
        "drive_quota_mb": user.drive_quota_mb,
        "photo": user.photo_sha256,
    }


def _compare(scope: Scope, users: Sequence[FoundUser], paired: Ids) -> Part:
    ours = {account.ox_id: account for account in read_in_ox(scope.tenant.pk, [user.ox_id for user in users])}
    ours |= _claimed(scope, [user for user in users if user.ox_id not in ours], paired)
    moving = scope.motion.of(SubjectKind.ACCOUNT, [account.id for account in ours.values()])
    pairs, strangers, left_out = [], [], 0
    for user in users:
        account = ours.get(user.ox_id)
        if account is None:
            strangers.append(user)
        elif account.id in moving or account.presence == Presence.LEAVING:
            left_out += 1
        else:
            pairs.append((user, account))
    use = {account.id: user.used_quota_mb for user, account in pairs if user.used_quota_mb is not None}
    note_drive_use(use)  # it is told anyway
    strangers = _looked_at_again(scope, strangers)
    mailboxes = mailboxes_of(scope, [user for user, _ in pairs])
    asked = [user.ox_id for user, account in pairs if _asks_for_modules(scope, user, account, mailboxes)]
    combinations = combinations_of(scope, [*asked, *(user.ox_id for user in strangers)])
    found = [_different(scope, user, account, combinations, mailboxes) for user, account in pairs]
    found += [_stranger(scope, user, combinations) for user in strangers]
    return Part([each for each in found if each is not None], compared=len(users), left_out=left_out)


def _claimed(scope: Scope, users: Sequence[FoundUser], paired: Ids) -> dict[int | None, AccountNow]:
    """Accounts of ours that stand for these users without knowing it, by the users' ids.

    A broken-off job has made the user, whose mark tells, or what was noted before; or somebody has made a deleted user
    anew by hand, whose name tells. `paired` gets to know the accounts, which are not missing then.
    """
    if not users:
        return {}
    markers = {user.marker for user in users if user.marker and _is_uuid(user.marker)}
    by_mark = {account.marker: account for account in read_marked(scope.tenant.pk, markers)} if markers else {}
    names = [user.name for user in users]
    attempted = [] if scope.platform.marks_users else read_attempted(scope.tenant.pk, names)
    by_name = {account.name: account for account in read_named(scope.tenant.pk, names)}
    claimed: dict[int | None, AccountNow] = {}
    for user in users:
        by_look = next((each for each in attempted if is_attempt(each, user)), None)
        account = by_mark.get(user.marker or "") or by_look or by_name.get(user.name)
        if account is None or account.id in paired or _has_another(scope, account):
            continue
        paired.add(account.id)
        scope.claimed.add(user.ox_id)
        claimed[user.ox_id] = account
    return claimed


def _has_another(scope: Scope, account: AccountNow) -> bool:
    """Whether the platform still has the user that the account is known to stand for."""
    return account.ox_id is not None and scope.platform.find_user(scope.access, ox_id=account.ox_id) is not None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _looked_at_again(scope: Scope, strangers: list[FoundUser]) -> list[FoundUser]:
    """Those who are strangers still: while others work, one may have come or gone between our two looks."""
    if not strangers or not scope.motion.anywhere():
        return strangers
    there = [user for user in strangers if scope.platform.find_user(scope.access, ox_id=user.ox_id)]
    ours = {account.ox_id for account in read_in_ox(scope.tenant.pk, [user.ox_id for user in there])}
    return [user for user in there if user.ox_id not in ours]


def _asks_for_modules(scope: Scope, user: FoundUser, account: AccountNow, mailboxes: dict[int, Fields]) -> bool:
    """Who may be taken over is asked for in any case: that needs to know which profile it is to be."""
    if account.ox_id != user.ox_id:
        return True
    if _MODULES not in scope.not_kept:
        return scope.is_deep
    classes = mailboxes.get(user.ox_id, {}).get(_CLASSES)
    return classes is not None and classes != wanted_of(account)[_CLASSES]


def combinations_of(scope: Scope, ox_ids: Sequence[int]) -> dict[int, str | None]:
    """The access combination of each user, None where its modules have no name; who is gone meanwhile is left out."""

    def ask(ox_id: int) -> tuple[int, str | None] | None:
        try:
            return ox_id, scope.platform.access_combination(scope.access, ox_id)
        except PlatformNotFound:
            return None

    return _of_each(ask, ox_ids)


def mailboxes_of(scope: Scope, users: Sequence[FoundUser]) -> dict[int, Fields]:
    """What the platform holds of each mailbox, where it keeps them: as it told with the user, else asked when deep."""
    mail, told = scope.platform.mail, dict(filter(None, map(_told_of_mailbox, users)))
    asked = [user.ox_id for user in users if user.ox_id not in told]
    if mail is None or not scope.is_deep:
        return told

    def ask(ox_id: int) -> tuple[int, Fields] | None:
        try:
            return ox_id, {
                "mail_quota_mb": mail.mail_quota(scope.access, ox_id),
                _CLASSES: list(mail.class_of_service(scope.access, ox_id)),
            }
        except PlatformNotFound:
            return None

    return told | _of_each(ask, asked)


def _told_of_mailbox(user: FoundUser) -> tuple[int, Fields] | None:
    if user.mail_quota_mb is UNSET or user.class_of_service is UNSET:
        return None
    return user.ox_id, {"mail_quota_mb": user.mail_quota_mb, _CLASSES: list(user.class_of_service)}


def _of_each(ask: Callable[[int], tuple[int, T] | None], ox_ids: Sequence[int]) -> dict[int, T]:
    if not ox_ids:
        return {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(answer for answer in pool.map(ask, ox_ids) if answer)


def _different(
    scope: Scope,
    user: FoundUser,
    account: AccountNow,
    combinations: dict[int, str | None],
    mailboxes: dict[int, Fields],
) -> Difference | None:
    wanted, held = wanted_of(account), held_by(user) | mailboxes.get(user.ox_id, {})
    held |= {name: getattr(user, name) for name in ADD_ONS if name in wanted}
    if user.ox_id in combinations:
        held[_MODULES] = combinations[user.ox_id]
    held = {name: value for name, value in held.items() if name == _MODULES or name not in scope.not_kept}
    names = [name for name in differing(wanted, held) if name not in scope.not_kept]
    told = {name: held[name] for name in [*names, *_told_with(scope, names)] if name in held}
    if account.ox_id != user.ox_id:
        wanted["ox_id"], held["ox_id"] = account.ox_id, user.ox_id
        names.append("ox_id")
        told = held
    elif not names:
        return None
    return difference(
        scope,
        ObjectKind.USER,
        DifferenceKind.DIFFERENT,
        name=account.display_name,
        detail=shown(account.primary_address),
        subject_id=account.user_id,
        ox_id=user.ox_id,
        here={name: wanted[name] for name in names},
        there={name: held[name] for name in names},
        held=told,
        photo=_picture(user) if "photo" in names else None,
    )


def _told_with(scope: Scope, names: Sequence[str]) -> list[str]:
    """Where the classes of service stand for the modules, it takes both to find a profile."""
    return [_MODULES] if _CLASSES in names and _MODULES in scope.not_kept else []


def _stranger(scope: Scope, user: FoundUser, combinations: dict[int, str | None]) -> Difference | None:
    if user.ox_id not in combinations:
        return None
    held = held_by(user) | {_MODULES: combinations[user.ox_id], "marker": user.marker}
    return difference(
        scope,
        ObjectKind.USER,
        DifferenceKind.STRANGER,
        name=user.display_name or user.name,
        detail=shown(user.primary_address),
        ox_id=user.ox_id,
        there={"name": user.name, "left_behind": user.marker is not None},
        held=held,
        photo=_picture(user),
    )


def _picture(user: FoundUser) -> bytes | None:
    return user.photo if user.photo and len(user.photo) <= LARGEST_PHOTO else None


def _missing(scope: Scope, ours: QuerySet[OxAccount], paired: Ids) -> Iterator[Part]:
    """Accounts whose user the platform does not have, or never had."""
    last = 0
    while rows := list(ours.filter(ox_id__gt=last).order_by("ox_id")[:1000]):
        gone = [account for account in rows if account.ox_id not in scope.users]
        yield _not_there(scope, [account for account in gone if account.pk not in paired])
        last = rows[-1].ox_id or 0
    last = 0
    while rows := list(ours.filter(ox_id=None, pk__gt=last).order_by("pk")[:1000]):
        yield _not_there(scope, [account for account in rows if account.pk not in paired])
        last = rows[-1].pk


def _not_there(scope: Scope, accounts: Sequence[OxAccount]) -> Part:
    moving = scope.motion.of(SubjectKind.ACCOUNT, [account.pk for account in accounts]) if accounts else set()
    return Part(
        [
            difference(
                scope,
                ObjectKind.USER,
                DifferenceKind.MISSING,
                name=account.user.display_name,
                detail=str(account),
                subject_id=account.user_id,
                ox_id=account.ox_id,
                here={"name": account.ox_name or account.user.login},
            )
            for account in accounts
            if account.pk not in moving
        ],
        left_out=len(moving),
    )
