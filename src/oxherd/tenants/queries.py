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


def seats_of(tenant: Tenant) -> QuerySet[Seats]:
    """The profiles that this tenant may use, lowest rank first."""
    return Seats.objects.filter(tenant=tenant).select_related("profile").order_by("profile__rank", "profile__name")
