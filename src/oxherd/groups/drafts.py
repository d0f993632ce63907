"""Groups that are being added or changed, kept between pages: for a day, one administrator and one tenant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import NotAllowed, NotYours
from oxherd.groups import picker
from oxherd.groups.commands import add_group, change_group
from oxherd.groups.models import DraftMember, Group, GroupDraft
from oxherd.people.models import ServiceUser
from oxherd.tenants.models import Tenant

KEPT_FOR = timedelta(days=1)
GONE = "This form has expired or was discarded. Nothing was saved. Start again."
MADE = "made"  # in the fields of a finished draft: the id of the group


@dataclass(frozen=True, slots=True)
class GroupWish:
    """The fields of a group, every text as it was typed; None for what stays as it is, in a group that is there."""

    display_name: str | None = None
    name: str | None = None
    address: str | None = None  # local part @ domain; empty for none
    outside: tuple[str, ...] | None = None
    senders: str | None = None


@dataclass(slots=True)
class Saved:
    """What has become of a draft. left_out: how many were to come or go, and have been removed meanwhile."""

    group: Group
    coming: int = 0
    going: int = 0
    left_out: int = 0


def start(*, actor: Actor, tenant: Tenant) -> GroupDraft:
    """A draft for a new group; what is older than a day goes."""
    actor.require(Permission.MANAGE_GROUPS, tenant)
    purge()
    return GroupDraft.objects.create(administrator_id=_owner(actor), tenant=tenant)


def load(actor: Actor, tenant: Tenant, key: UUID) -> GroupDraft:
    """The actor's own draft for a new group. Raises NotYours for another's, a discarded or an expired one."""
    actor.require(Permission.MANAGE_GROUPS, tenant)
    draft = _kept().filter(pk=key, administrator_id=_owner(actor), tenant=tenant, group=None).first()
    if draft is None:
        raise NotYours(GONE)
    draft.tenant = tenant
    return draft


def of_group(actor: Actor, group: Group) -> GroupDraft:
    """The actor's draft for a group; one that is not saved yet where nothing has been changed."""
    actor.require(Permission.MANAGE_GROUPS, group)
    owner = _owner(actor)
    draft = _kept().filter(administrator_id=owner, group=group).first() or blank(group)
    draft.administrator_id, draft.tenant, draft.group = owner, group.tenant, group
    return draft


def blank(group: Group) -> GroupDraft:
    """The group as it is, for those who only read: never saved."""
    return GroupDraft(group=group, tenant=group.tenant)


def keep(draft: GroupDraft, *, fields: dict[str, Any]) -> None:
    """Keep what was typed, unless the draft was finished meanwhile in another window."""
    _begin(draft)
    draft.fields = fields
    unfinished = GroupDraft.objects.filter(pk=draft.pk).exclude(fields__has_key=MADE)
    unfinished.update(fields=fields, changed_at=timezone.now())


def hold(draft: GroupDraft) -> None:
    """Keep other changes of the draft away until the commit."""
    GroupDraft.objects.select_for_update().filter(pk=draft.pk).first()


@transaction.atomic
def bring_in(draft: GroupDraft, users: QuerySet[ServiceUser]) -> int:
    """Let users come into the group when it is saved; returns for how many that is new."""
    return _move(draft, users, joins=True)


@transaction.atomic
def take_out(draft: GroupDraft, users: QuerySet[ServiceUser]) -> int:
    """Let members go when the group is saved; returns for how many that is new."""
    return _move(draft, users, joins=False)


def take_back(draft: GroupDraft, user_ids: Iterable[int] | None = None) -> int:
    """Forget what was to happen to these users, or to all; returns to how many."""
    changes = DraftMember.objects.filter(draft=draft)
    number, _ = (changes if user_ids is None else changes.filter(user__in=list(user_ids))).delete()
    return number


@transaction.atomic
def finish(*, actor: Actor, draft: GroupDraft, read: Callable[[dict[str, Any]], GroupWish]) -> Saved:
    """Make or change the group of a draft; doing it again changes nothing more.

    read: what the door understands from the draft's fields. Only who comes and who goes is passed on, so that what
    others have changed meanwhile stays. Users who have been removed are left out. Raises Refused with the field to
    mend, and the draft stays; NotYours where there is no such draft.
    """
    _begin(draft)
    locked = _kept().select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if locked is None:
        raise NotYours(GONE)
    if MADE in locked.fields:
        return Saved(Group.objects.get(pk=locked.fields[MADE]))
    wish = read(locked.fields)
    coming, going = _ids(picker.coming(draft)), _ids(picker.going(draft))
    left_out = picker.gone(draft)
    texts = {"display_name": wish.display_name, "name": wish.name, "address": wish.address}
    mail: dict[str, Any] = {"outside": wish.outside, "senders": wish.senders}
    if draft.group is None:
        sure = {key: text or "" for key, text in texts.items()}
        group = add_group(actor=actor, tenant=draft.tenant, members=coming, **sure, **mail)
        GroupDraft.objects.filter(pk=draft.pk).update(fields={MADE: group.pk})
        take_back(draft)
    else:
        group = change_group(actor=actor, group=draft.group, add=coming, remove=going, **texts, **mail)
        locked.delete()
    return Saved(group, len(coming), len(going), left_out)


def made(draft: GroupDraft) -> int | None:
    """The id of the group that this draft became, None while it is open."""
    pk: int | None = draft.fields.get(MADE)
    return pk


def drop(draft: GroupDraft) -> None:
    GroupDraft.objects.filter(pk=draft.pk).delete()


def purge() -> int:
    """Delete the drafts that nobody has touched for a day; returns how many."""
    number, _ = GroupDraft.objects.filter(changed_at__lt=timezone.now() - KEPT_FOR).delete()
    return number


def _kept() -> QuerySet[GroupDraft]:
    return GroupDraft.objects.filter(changed_at__gte=timezone.now() - KEPT_FOR)


def _owner(actor: Actor) -> int:
    if actor.administrator_id is None:
        raise NotAllowed("Only an administrator who is signed in keeps drafts.")
    return actor.administrator_id


def _begin(draft: GroupDraft) -> None:
    """Save the draft of a group with its first change; another window may have been quicker."""
    if draft.group is None or not draft._state.adding:  # noqa: SLF001 - Django's documented interface
        return
    purge()
    kept, _ = GroupDraft.objects.get_or_create(
        administrator_id=draft.administrator_id, group=draft.group, defaults={"key": draft.key, "tenant": draft.tenant}
    )
    draft.pk, draft._state.adding = kept.pk, False  # noqa: SLF001 - Django's documented interface


# Who was to go and now shall stay, or the other way round, has no change any more; the others get one.
FORGET = "DELETE FROM oxherd_draftmember WHERE draft_id = %(draft)s AND joins <> %(joins)s AND user_id = ANY(%(users)s)"
NOTE = """
INSERT INTO oxherd_draftmember (draft_id, user_id, joins)
SELECT %(draft)s, chosen.id, %(joins)s FROM oxherd_serviceuser chosen
 WHERE chosen.id = ANY(%(users)s) AND chosen.tenant_id = %(tenant)s AND chosen.presence = 'present'
   AND %(joins)s <> EXISTS (SELECT 1 FROM oxherd_member WHERE group_id = %(group)s AND user_id = chosen.id)
ON CONFLICT DO NOTHING
"""


def _move(draft: GroupDraft, users: QuerySet[ServiceUser], *, joins: bool) -> int:
    """Two statements, however many users there are: a form may hold a hundred thousand of them."""
    _begin(draft)
    ids = list(users.order_by().values_list("pk", flat=True))
    values: dict[str, Any] = {
        "draft": draft.pk,
        "joins": joins,
        "users": ids,
        "tenant": draft.tenant_id,
        "group": draft.group_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FORGET, values)
        moved: int = cursor.rowcount
        cursor.execute(NOTE, values)
        moved += cursor.rowcount
    GroupDraft.objects.filter(pk=draft.pk).update(changed_at=timezone.now())
    return moved


def _ids(users: QuerySet[ServiceUser]) -> list[int]:
    return list(users.values_list("pk", flat=True))
