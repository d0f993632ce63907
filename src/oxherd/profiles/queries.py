from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.profiles.models import Profile


def for_actor(actor: Actor) -> QuerySet[Profile]:
    return Profile.objects.filter(actor.sees(brand="brand", tenant=None))


def of_brand(brand: Brand) -> QuerySet[Profile]:
    """The profiles of a brand, lowest rank first."""
    return Profile.objects.filter(brand=brand).order_by("rank", "name")
