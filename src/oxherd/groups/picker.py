"""Who is in a group and who is not, as it will be once a draft is saved."""

from django.db.models import Exists, OuterRef, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.groups.models import DraftMember, GroupDraft, Member
from oxherd.people import queries as people
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence

# What a row of the picker shows.
SHOWN = ("display_name", "sort_name", "login", "account__primary_address", "account__presence")


def outside(actor: Actor, draft: GroupDraft, text: str = "") -> QuerySet[ServiceUser]:
    """The tenant's users who match and will be no members."""
    users = _present(actor, draft, text).filter(~Exists(_change(draft, joins=True)))
    if draft.group_id is None:
        return users
    return users.filter(~Exists(_membership(draft)) | Exists(_change(draft, joins=False)))


def inside(actor: Actor, draft: GroupDraft, text: str = "") -> QuerySet[ServiceUser]:
    """The users who match and will be members."""
    coming = DraftMember.objects.filter(draft=draft.pk, joins=True).values("user_id")
    if draft.group_id is None:
        return _present(actor, draft, text).filter(pk__in=coming)
    stays = Member.objects.filter(group=draft.group_id).exclude(
        user__in=DraftMember.objects.filter(draft=draft.pk, joins=False).values("user_id")
    )
    return _present(actor, draft, text).filter(pk__in=stays.values("user_id").union(coming))


def coming(draft: GroupDraft) -> QuerySet[ServiceUser]:
    """Who is no member yet and shall be one."""
    return _changing(draft, joins=True).filter(~Exists(_membership(draft)))


def going(draft: GroupDraft) -> QuerySet[ServiceUser]:
    """Who is a member still and shall be none."""
    return _changing(draft, joins=False).filter(Exists(_membership(draft)))


def gone(draft: GroupDraft) -> int:
    """How many were to come or go, and have been removed meanwhile."""
    return DraftMember.objects.filter(draft=draft.pk).exclude(user__presence=Presence.PRESENT).count()


def _present(actor: Actor, draft: GroupDraft, text: str) -> QuerySet[ServiceUser]:
    users = people.found(actor, draft.tenant, text=text).filter(presence=Presence.PRESENT)
    return users.select_related("account").only(*SHOWN)


def _changing(draft: GroupDraft, *, joins: bool) -> QuerySet[ServiceUser]:
    changes = DraftMember.objects.filter(draft=draft.pk, joins=joins)
    return ServiceUser.objects.filter(pk__in=changes.values("user_id"), presence=Presence.PRESENT)


def _change(draft: GroupDraft, *, joins: bool) -> QuerySet[DraftMember]:
    return DraftMember.objects.filter(draft=draft.pk, joins=joins, user=OuterRef("pk"))


def _membership(draft: GroupDraft) -> QuerySet[Member]:
    return Member.objects.filter(group=draft.group_id, user=OuterRef("pk"))
