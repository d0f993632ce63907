from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand


def for_actor(actor: Actor) -> QuerySet[Brand]:
    return Brand.objects.filter(actor.sees(brand="pk", tenant=None))
