from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.adoption.models import Adoption
from oxherd.brands.models import Brand
from oxherd.brands.queries import for_actor
from oxherd.errors import NotYours


def brands_of(actor: Actor) -> list[Brand]:
    """The brands whose platforms the actor may adopt contexts of, by name."""
    seen = for_actor(actor).order_by("name", "pk")
    return [brand for brand in seen if actor.may(Permission.MANAGE_TENANTS, brand)]


def one(actor: Actor, pk: int) -> Adoption:
    """Raises NotYours for one of a brand that is not the actor's."""
    found = Adoption.objects.filter(pk=pk, brand__in=brands_of(actor)).select_related("brand", "tenant").first()
    if found is None:
        raise NotYours("There is no such adoption.")
    return found


def latest(brands: list[Brand], number: int = 20) -> QuerySet[Adoption]:
    """What was adopted and rehearsed last for these brands, newest first."""
    rows = Adoption.objects.filter(brand__in=brands).select_related("brand", "tenant")
    return rows.defer("report").order_by("-pk")[:number]
