from collections.abc import Iterable, Sequence

from django.db.models import Count, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.domains.models import Address
from oxherd.errors import NotYours
from oxherd.groups.models import Group, Member
from oxherd.people.models import ServiceUser
from oxherd.people.search import matching
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.tenants.models import Tenant


def for_actor(actor: Actor) -> QuerySet[Group]:
    return Group.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def one(actor: Actor, tenant: Tenant, pk: int) -> Group:
    """Raises NotYours for a group that does not exist in this tenant or that the actor may not see."""
    group = for_actor(actor).filter(pk=pk, tenant=tenant).select_related("tenant__brand").first()
    if group is None:
        raise NotYours("There is no such group.")
    return group


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[Group]:
    """The present groups of these ids, by name; those out of sight are left out."""
    groups = for_actor(actor).filter(tenant=tenant, pk__in=list(pks)).exclude(presence=Presence.REMOVED)
    return list(groups.select_related("tenant__brand").order_by("sort_name", "id"))


def found(actor: Actor, tenant: Tenant, *, text: str = "", status: str = "") -> QuerySet[Group]:
    """The groups of a tenant that match: every word of `text` begins a word of name or address."""
    groups = for_actor(actor).filter(tenant=tenant).exclude(presence=Presence.REMOVED)
    groups = matching(groups, tenant, text).defer("search", "search_text", "applied")
    return groups.filter(status=status) if status in SyncStatus.values else groups


def members_of(group: Group) -> QuerySet[ServiceUser]:
    """The members who are present."""
    return ServiceUser.objects.filter(memberships__group=group, presence=Presence.PRESENT)


def sizes(groups: Iterable[Group]) -> dict[int, int]:
    """How many members each has, by the group's id; one query."""
    members = Member.objects.filter(group__in=[group.pk for group in groups], user__presence=Presence.PRESENT)
    return dict(members.values_list("group_id").annotate(Count("id")))


def of_user(user: ServiceUser) -> QuerySet[Group]:
    """The groups that the user belongs to, by name."""
    return Group.objects.filter(members__user=user, presence=Presence.PRESENT).order_by("sort_name", "id")


def address_of(group: Group) -> str:
    """The stored address; empty where there is none."""
    return Address.objects.filter(group=group).values_list("address", flat=True).first() or ""


def addresses(groups: Iterable[Group]) -> dict[int, str]:
    """The stored addresses by the group's id; groups without one are left out. One query."""
    held = Address.objects.filter(group__in=[group.pk for group in groups])
    return dict(held.values_list("group_id", "address"))
