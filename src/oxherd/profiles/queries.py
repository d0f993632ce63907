from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.profiles.models import Profile


def for_actor(actor: Actor) -> QuerySet[Profile]:
    return Profile.objects.filter(actor.sees(brand="brand", tenant=None))
