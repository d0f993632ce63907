from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand, Logo, Upsell


def for_actor(actor: Actor) -> QuerySet[Brand]:
    return Brand.objects.filter(actor.sees(brand="pk", tenant=None))


def offer(key: str) -> Upsell | None:
    """The open offer behind a public key, with its brand; None for any other key. Needs no actor: it is public."""
    return Upsell.objects.filter(key=key, is_open=True).select_related("brand").first()


def logo_digest(brand: Brand) -> str:
    """Of the brand's logo, without loading it; empty without one."""
    return Logo.objects.filter(brand=brand).values_list("digest", flat=True).first() or ""


def takes_requests(brand: Brand) -> bool:
    """Whether users of the brand's webmail can ask for a higher profile."""
    return Upsell.objects.filter(brand=brand, is_open=True).exists()
