from collections.abc import Iterable, Sequence

from django.db.models import Count, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.states import ComparisonState, DifferenceKind, ObjectKind
from oxherd.errors import NotYours
from oxherd.people.models import OxAccount
from oxherd.people.search import matching
from oxherd.tenants.models import Tenant

Counts = dict[tuple[ObjectKind, DifferenceKind], int]


def for_actor(actor: Actor) -> QuerySet[Difference]:
    seen = actor.sees(brand="comparison__tenant__brand_id", tenant="comparison__tenant_id")
    return Difference.objects.filter(seen)


def comparisons(actor: Actor, tenant: Tenant) -> QuerySet[Comparison]:
    """Of a tenant, the newest first."""
    seen = actor.sees(brand="tenant__brand_id", tenant="tenant_id")
    return Comparison.objects.filter(seen, tenant=tenant).order_by("-id")


def newest(actor: Actor, tenant: Tenant) -> Comparison | None:
    """The last one, whatever came of it."""
    return comparisons(actor, tenant).first()


def shown(actor: Actor, tenant: Tenant) -> Comparison | None:
    """The last one that came to its end."""
    return comparisons(actor, tenant).filter(state=ComparisonState.DONE).first()


def one(actor: Actor, tenant: Tenant, pk: int) -> Difference:
    """Raises NotYours for one that is not there (any more) or that the actor may not see."""
    difference = for_actor(actor).filter(pk=pk, comparison__tenant=tenant).select_related("comparison__tenant").first()
    if difference is None:
        raise NotYours("There is no such difference any more.")
    return difference


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[Difference]:
    """Those of these ids that are there still, in the order of the list, without what is heavy."""
    rows = for_actor(actor).filter(comparison__tenant=tenant, pk__in=list(pks))
    return list(light(rows).select_related("comparison__tenant").order_by("sort_name", "id"))


def found(
    actor: Actor, comparison: Comparison, *, text: str = "", object_kind: str = "", kind: str = ""
) -> QuerySet[Difference]:
    """The differences that a comparison has found and that match, without what is heavy."""
    rows = for_actor(actor).filter(comparison=comparison)
    rows = matching(rows, comparison.tenant, text)
    if object_kind in ObjectKind.values:
        rows = rows.filter(object_kind=object_kind)
    if kind in DifferenceKind.values:
        rows = rows.filter(kind=kind)
    return light(rows)


def light(rows: QuerySet[Difference]) -> QuerySet[Difference]:
    return rows.defer("search", "search_text", "held", "photo")


def to_be_repaired(rows: QuerySet[Difference]) -> QuerySet[Difference]:
    """Those that nobody has repaired, or ordered to be."""
    return rows.filter(repair="", order=None)


def counted(rows: QuerySet[Difference]) -> Counts:
    """How many there are of each kind of object and difference."""
    pairs = rows.order_by().values_list("object_kind", "kind").annotate(Count("id"))
    return {(ObjectKind(object_kind), DifferenceKind(kind)): number for object_kind, kind, number in pairs}


def names_in_ox(tenant: Tenant, ox_ids: Iterable[int]) -> dict[int, str]:
    """The names of users by their ids on the platform; one query."""
    accounts = OxAccount.objects.filter(tenant=tenant, ox_id__in=list(ox_ids))
    pairs = accounts.values_list("ox_id", "user__display_name")
    return {ox_id: name for ox_id, name in pairs if ox_id is not None}
