"""What users look after, and somebody else has to when they leave."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from oxherd.domains.models import Domain
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource

MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Ties:
    """The first few resources and domains by name, and how many more there are."""

    resources: list[Resource]
    more_resources: int
    domains: list[Domain]
    more_domains: int


def ties_of(users: Iterable[ServiceUser] | QuerySet[ServiceUser]) -> Ties:
    """What is to be handed over when these users leave; four queries at most."""
    resources, more_resources = _first(managed(users).select_related("manager"))
    domains, more_domains = _first(caught_by(users).select_related("catch_all"))
    return Ties(resources, more_resources, domains, more_domains)


def managed(users: Iterable[ServiceUser] | QuerySet[ServiceUser]) -> QuerySet[Resource]:
    return Resource.objects.filter(manager__in=_named(users), presence=Presence.PRESENT)


def caught_by(users: Iterable[ServiceUser] | QuerySet[ServiceUser]) -> QuerySet[Domain]:
    """The domains whose stray mail one of the users gets; who has no OX gets none."""
    domains = Domain.objects.filter(catch_all__in=_named(users), presence=Presence.PRESENT)
    return domains.filter(catch_all__account__presence=Presence.PRESENT)


def _named(users: Iterable[ServiceUser] | QuerySet[ServiceUser]) -> list[int] | QuerySet[ServiceUser]:
    return users.order_by() if isinstance(users, QuerySet) else [user.pk for user in users]


def _first(rows: QuerySet) -> tuple[list, int]:  # type: ignore[type-arg]  # of resources, and of domains
    found = list(rows.order_by("sort_name", "pk")[: MOST_NAMED + 1])
    return found[:MOST_NAMED], 0 if len(found) <= MOST_NAMED else rows.count() - MOST_NAMED
