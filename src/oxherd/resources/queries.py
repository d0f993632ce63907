from collections.abc import Sequence

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.errors import NotYours
from oxherd.people.models import ServiceUser
from oxherd.people.search import matching
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant


def for_actor(actor: Actor) -> QuerySet[Resource]:
    return Resource.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def one(actor: Actor, tenant: Tenant, pk: int) -> Resource:
    """Raises NotYours for a resource that does not exist in this tenant or that the actor may not see."""
    resource = for_actor(actor).filter(pk=pk, tenant=tenant).select_related("tenant__brand", "manager").first()
    if resource is None:
        raise NotYours("There is no such resource.")
    return resource


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[Resource]:
    """The present resources of these ids, by name; those out of sight are left out."""
    resources = for_actor(actor).filter(tenant=tenant, pk__in=list(pks)).exclude(presence=Presence.REMOVED)
    return list(resources.select_related("tenant__brand", "manager").order_by("sort_name", "id"))


def found(actor: Actor, tenant: Tenant, *, text: str = "", status: str = "") -> QuerySet[Resource]:
    """The resources of a tenant that match: every word of `text` begins a word of name, address or description."""
    resources = for_actor(actor).filter(tenant=tenant).exclude(presence=Presence.REMOVED)
    resources = matching(resources, tenant, text).defer("search", "search_text", "applied").select_related("manager")
    return resources.filter(status=status) if status in SyncStatus.values else resources


def managed_by(user: ServiceUser) -> QuerySet[Resource]:
    """The present resources whose bookings the user decides on, by name."""
    return Resource.objects.filter(manager=user, presence=Presence.PRESENT).order_by("sort_name", "id")
