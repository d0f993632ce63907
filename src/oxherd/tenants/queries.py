from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.errors import NotYours
from oxherd.tenants.models import Seats, Tenant


def for_actor(actor: Actor) -> QuerySet[Tenant]:
    return Tenant.objects.filter(actor.sees(brand="brand_id", tenant="pk")).select_related("brand")


def one(actor: Actor, pk: int) -> Tenant:
    """Raises NotYours for a tenant that does not exist or that the actor may not see."""
    tenant = for_actor(actor).filter(pk=pk).first()
    if tenant is None:
        raise NotYours("There is no such customer.")
    return tenant


def found(actor: Actor, text: str = "") -> QuerySet[Tenant]:
    """The tenants whose name or context holds `text`, each with its `folded_name`, which lists go by."""
    text = text.replace("\x00", "")  # no text of PostgreSQL holds it
    tenants = for_actor(actor).annotate(folded_name=Lower("name"))
    return tenants.filter(Q(name__icontains=text) | Q(context_name__icontains=text)) if text else tenants


def counted(tenants: QuerySet[Tenant], most: int = 1000) -> tuple[int, bool]:
    """How many there are, and whether the count stopped at `most`."""
    number = tenants.order_by()[: most + 1].count()
    return min(number, most), number > most


def page(
    tenants: QuerySet[Tenant], *, after: tuple[str, int] | None, backwards: bool = False, size: int = 50
) -> tuple[list[Tenant], bool]:
    """One page of `found` by name, and whether there is another in the same direction.

    after: folded name and id of the row to go on from; None begins at the end of the direction.
    """
    beyond, sign = ("lt", "-") if backwards else ("gt", "")
    if after is not None:
        name, pk = after
        further = Q(**{f"folded_name__{beyond}": name}) | Q(folded_name=name, **{f"id__{beyond}": pk})
        tenants = tenants.filter(further)
    taken = list(tenants.order_by(f"{sign}folded_name", f"{sign}id")[: size + 1])
    shown = taken[:size]
    return (shown[::-1] if backwards else shown), len(taken) > size


def seats_of(tenant: Tenant) -> QuerySet[Seats]:
    """The profiles that this tenant may use, lowest rank first."""
    return Seats.objects.filter(tenant=tenant).select_related("profile").order_by("profile__rank", "profile__name")
