"""Makes the platform's user match an OX account."""

import logging
from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.brands.abilities import Ability, kind_can
from oxherd.errors import PlatformMisconfigured, PlatformNotFound, PlatformTaken
from oxherd.ox.interface import UserChange, UserData
from oxherd.people import passwords
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.records import release_addresses
from oxherd.people.states import UserStatus
from oxherd.profiles.models import classes_of
from oxherd.profiles.modules import ADD_ONS
from oxherd.provisioning import ledger
from oxherd.provisioning.commands import wake
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence
from oxherd.sync.account_rows import AccountNow, read, settle
from oxherd.sync.ahead import written_ahead
from oxherd.sync.attempts import attempt, left_behind
from oxherd.sync.followers import follow
from oxherd.sync.forwarders import follow_forwarders
from oxherd.sync.lanes import lanes
from oxherd.sync.waiting import WaitFor

logger = logging.getLogger(__name__)
QUOTAS = {"drive_quota_mb", "mail_quota_mb"}


def push_account(job: SyncJob) -> None:
    now = read(job.subject_id)
    if now is None:
        ledger.done(job)
        return
    if now.presence == Presence.LEAVING and now.is_held_back:
        ledger.superseded(job)  # by the one that was put off until the deletion may begin
        return
    if not now.is_ready:
        raise WaitFor(f"tenant:{now.tenant_id}", "The customer's context is not ready on the platform.")
    try:
        with lanes.place():
            _push(now)
    except (PlatformMisconfigured, PlatformNotFound):
        # The same answer comes while the context is being suspended or removed.
        again = read(job.subject_id)
        if again is None:
            ledger.done(job)
            return
        if not again.is_ready:
            raise WaitFor(f"tenant:{now.tenant_id}", "The customer is suspended.") from None
        raise
    if now.presence == Presence.LEAVING:
        _let_go(now, job)
    else:
        _settle(now, job)


def _settle(now: AccountNow, job: SyncJob) -> None:
    """Write down the outcome; what names a user who is new, renamed, locked or unlocked there follows with it."""
    wanted = wanted_of(now) if now.ox_id else {}
    is_the_same = now.ox_id == now.known_ox_id and now.ox_name in {"", wanted.get("name")}
    if is_the_same and now.applied.get("mail_enabled") == wanted.get("mail_enabled"):
        _settle_the_same(now, wanted, job)
        return
    with transaction.atomic():
        settle(now, wanted, job)
        follow(now.user_id)
    wake(job.subject)


def _settle_the_same(now: AccountNow, wanted: dict[str, Any], job: SyncJob) -> None:
    """Forwarders name an address, and so follow another one of the same user."""
    moves = now.known_applied.get("primary_address") != wanted.get("primary_address")
    if not moves:
        settle(now, wanted, job)
        return
    with transaction.atomic():
        settle(now, wanted, job)
        follow_forwarders(now.user_id)


def hold(account_id: int) -> None:
    """Keep commands away from the account's user until the commit."""
    ServiceUser.objects.select_for_update(of=("self",)).filter(account=account_id).first()


def mark_failed(account_id: int) -> None:
    ServiceUser.objects.filter(account=account_id).update(status=UserStatus.ERROR)


def _push(now: AccountNow) -> None:
    if now.presence == Presence.LEAVING:
        _remove(now)
    elif now.presence == Presence.REMOVED:
        _lock(now)
    else:
        _put(now)


def _put(now: AccountNow) -> None:
    if now.ox_id is not None:
        try:
            _change(now, now.ox_id, wanted_of(now))
        except PlatformNotFound:  # deleted behind our back
            logger.warning("user %s of account %s is gone; making it anew", now.ox_id, now.id)
            now.ox_id = None
    if now.ox_id is None:
        _create(now)


def _lock(now: AccountNow) -> None:
    """Keep the user out, with all data in place; one that was never made stays so."""
    if now.ox_id is None and (found := left_behind(now, [now.login, *now.former_names])):
        now.ox_id, now.ox_name, now.drive_used_mb = found.ox_id, found.name, found.used_quota_mb
        now.applied = {}
    if now.ox_id is not None:
        try:
            _change(now, now.ox_id, wanted_of(now))
        except PlatformNotFound:
            again = read(now.id)
            if again is None or not again.is_ready:  # the same answer comes while the context is being suspended
                raise
            logger.warning("user %s of account %s is gone; there is nothing to lock", now.ox_id, now.id)
            now.ox_id = None
    if now.ox_id is None:
        now.sealed_password = ""  # not delivered: it stays for a restore


def wanted_of(now: AccountNow) -> dict[str, Any]:
    """The user as the platform shall hold it, in plain JSON values; the photo by its digest."""
    wanted = {
        "mail_enabled": True,
        "name": now.name,
        "display_name": now.display_name,
        "given_name": now.given_name,
        "surname": now.surname,
        "primary_address": now.primary_address,
        "aliases": sorted({now.primary_address, *now.aliases}),
        "language": now.language,
        "timezone": now.time_zone,
        "drive_quota_mb": now.drive_quota_mb,
        "photo": now.photo_digest,
        "access_combination": now.access_combination,
    }
    if kind_can(now.kind, Ability.MAIL_QUOTA):
        wanted["mail_quota_mb"] = now.mail_quota_mb
    if kind_can(now.kind, Ability.CLASS_OF_SERVICE):
        wanted["class_of_service"] = classes_of(now.class_of_service, now.access_combination)
    if kind_can(now.kind, Ability.ADD_ONS):
        wanted |= {name: on for name in ADD_ONS if (on := getattr(now, name)) is not None}
    return wanted if now.presence == Presence.PRESENT else {**wanted, **_locked(now)}


def _locked(now: AccountNow) -> dict[str, Any]:
    """What differs while a user is removed: no sign-in, and name and addresses are free for others.

    The platform wants an address and a display name of each user; nobody writes to these ones (RFC 2606).
    """
    tombstone = f"removed-{now.marker}@context-{now.tenant_marker}.invalid"
    return {
        "mail_enabled": False,
        "display_name": f"{now.display_name} (removed {now.marker[:8]})",
        "primary_address": tombstone,
        "aliases": [tombstone],
    }


def _create(now: AccountNow) -> None:
    """Make the user, or take over the one that this account's own broken-off job left behind."""
    password = sealing.unseal(now.sealed_password) or passwords.generate()
    # Looked for before: under the new name and address the platform would take a second one.
    found = left_behind(now, now.former_names)
    if found is None:
        wanted = wanted_of(now)
        try:
            with attempt(now, wanted):
                user = UserData(**_typed(now, wanted), password=password, marker=now.marker)
                now.ox_id, now.ox_name = now.platform.create_user(now.access, user), now.login
        except PlatformTaken:
            found = left_behind(now, [now.login])
            if found is None:
                raise
    if found:
        now.ox_id, now.ox_name, now.drive_used_mb = found.ox_id, found.name, found.used_quota_mb
        change = UserChange(**_typed(now, wanted_of(now) | _taken_away(now, wanted_of(now))), password=password)
        now.platform.change_user(now.access, found.ox_id, change)


def _change(now: AccountNow, ox_id: int, wanted: dict[str, Any]) -> None:
    """Send only what differs from what was last applied."""
    before = now.applied
    changed = {key: value for key, value in wanted.items() if key not in before or before[key] != value}
    changed |= _taken_away(now, wanted)
    if changed.keys() & QUOTAS:  # whether mail and files share one depends on both
        changed |= {key: wanted[key] for key in QUOTAS & wanted.keys()}
    fields = _typed(now, changed)
    if now.sealed_password:
        fields["password"] = sealing.unseal(now.sealed_password)
    if fields:
        _doubt(now)
        now.platform.change_user(now.access, ox_id, UserChange(**fields))


def _taken_away(now: AccountNow, wanted: dict[str, Any]) -> dict[str, Any]:
    """Add-ons of which nothing is to be said any more, and which the platform has, or may have, from before."""
    if not kind_can(now.kind, Ability.ADD_ONS):
        return {}
    return {name: None for name in ADD_ONS if name not in wanted and (name in now.applied or not now.applied)}


def _doubt(now: AccountNow) -> None:
    """All of a change may be carried out, or a part: until that is known, the next one sends everything."""
    if now.known_applied:
        with written_ahead():
            OxAccount.objects.filter(pk=now.id).update(applied={})
        now.known_applied = {}


def _typed(now: AccountNow, fields: dict[str, Any]) -> dict[str, Any]:
    """The connector's values for those of the ledger: aliases as a tuple, the photo itself."""
    typed = dict(fields)
    for key in ("aliases", "class_of_service"):
        if key in typed:
            typed[key] = tuple(typed[key])
    if typed.get("photo"):
        photo = Photo.objects.filter(user_id=now.user_id).first()
        typed["photo"] = bytes(photo.jpeg) if photo else None
    return typed


def _remove(now: AccountNow) -> None:
    ox_id = now.ox_id
    if ox_id is None:  # a broken-off job may have made it all the same
        found = left_behind(now, [now.login, *now.former_names])
        ox_id = found.ox_id if found else None
    if ox_id is not None:
        now.platform.remove_user(now.access, ox_id)


@transaction.atomic
def _let_go(now: AccountNow, job: SyncJob) -> None:
    """Let the account's rows go with the platform's user, and close the job; nothing if it is ours no more."""
    users = ServiceUser.objects.select_for_update(of=("self",)).select_related("tenant", "domain")
    user = users.filter(pk=now.user_id).first()
    account = OxAccount.objects.filter(pk=now.id).first()
    if not ledger.done(job) or user is None or account is None:  # gone with the whole tenant
        return
    if account.presence != Presence.LEAVING:  # enabled again meanwhile; its own job makes the user anew
        OxAccount.objects.filter(pk=account.pk).update(ox_id=None, ox_name="", applied={})
        return
    follow_forwarders(user.pk)
    if user.presence == Presence.LEAVING:
        user.delete()
        return
    account.delete()
    ServiceUser.objects.filter(pk=user.pk).update(status=UserStatus.DISABLED)
    release_addresses(user)
