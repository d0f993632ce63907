from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.errors import NotYours
from oxherd.folding import prefix_query
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.states import TenantState


def for_actor(actor: Actor) -> QuerySet[Tenant]:
    """One that was removed is seen by its provider alone."""
    seen = Tenant.objects.filter(actor.sees(brand="brand_id", tenant="pk")).select_related("brand")
    of_provider = actor.sees(brand="brand_id", tenant=None)
    return seen.filter(~Q(state=TenantState.REMOVED) | of_provider) if of_provider else seen


def one(actor: Actor, pk: int) -> Tenant:
    """Raises NotYours for a tenant that does not exist or that the actor may not see."""
    tenant = for_actor(actor).filter(pk=pk).first()
    if tenant is None:
        raise NotYours("There is no such customer.")
    return tenant


def found(actor: Actor, text: str = "") -> QuerySet[Tenant]:
    """The tenants of which every word of `text` is a part of name or context name, whatever case and accents.

    Each with its `folded_name`, which lists go by.
    """
    tenants = for_actor(actor).annotate(folded_name=Lower("name")).defer("search", "search_text")
    text = text.replace("\x00", "").strip()
    query = prefix_query(text)
    if not query:
        return tenants.none() if text else tenants
    return tenants.filter(search=SearchQuery(query, config="simple", search_type="raw"))


def seats_of(tenant: Tenant) -> QuerySet[Seats]:
    """The profiles that this tenant may use, lowest rank first."""
    return Seats.objects.filter(tenant=tenant).select_related("profile").order_by("profile__rank", "profile__name")


def count_by_brand(brands: Iterable[Brand]) -> dict[int, int]:
    """How many customers each brand has, by its id; one query."""
    rows = Tenant.objects.filter(brand__in=[brand.pk for brand in brands]).order_by()
    return dict(rows.values_list("brand_id").annotate(number=Count("pk")))
