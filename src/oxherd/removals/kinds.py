"""The kinds of things that can be removed and restored, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.abilities import Ability, can
from oxherd.domains import commands as domains
from oxherd.domains import queries as domain_queries
from oxherd.domains.models import Domain
from oxherd.forwarders import commands as forwarders
from oxherd.forwarders import queries as forwarder_queries
from oxherd.forwarders.models import Forwarder
from oxherd.groups import commands as groups
from oxherd.groups import queries as group_queries
from oxherd.groups.models import Group
from oxherd.people import queries as people
from oxherd.people.models import ServiceUser
from oxherd.people.records import held as held_user
from oxherd.people.removal_commands import delete_user
from oxherd.resources import commands as resources
from oxherd.resources import queries as resource_queries
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Kind:
    """number: its place in this table, which never changes. seen: the rows that an actor may see.

    hold: the row as it is now, locked; raises an OxherdError for one that is gone. delete: for good. may_go: those of
    the rows that nothing else holds.
    """

    number: int
    word: str  # in addresses
    label: str
    permission: Permission
    model: type[Any]
    seen: Callable[[Actor], QuerySet[Any]]
    hold: Callable[[Any], Any]
    delete: Callable[[Actor, Any], None]
    shown: tuple[str, ...] = ("tenant__brand",)  # what a list fetches along
    may_go: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows


def kinds_of(tenant: Tenant) -> dict[str, Kind]:
    """The kinds that a tenant's platform has; each by its word."""
    has_forwarders = can(tenant.brand, Ability.FORWARDERS)
    return {word: kind for word, kind in KINDS.items() if kind.model is not Forwarder or has_forwarders}


def _free(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Domains, and their subdomains with them, wait for the users whose logins are in them."""
    return rows.filter(users__isnull=True).exclude(subdomains__users__isnull=False)


KINDS: Mapping[str, Kind] = {
    kind.word: kind
    for kind in (
        Kind(
            *(0, "user", "User", Permission.MANAGE_USERS, ServiceUser, people.for_actor, held_user),
            lambda actor, row: delete_user(actor=actor, user=row),
            shown=("tenant__brand", "account__profile"),
        ),
        Kind(
            *(1, "group", "Group", Permission.MANAGE_GROUPS, Group, group_queries.for_actor, groups.held),
            lambda actor, row: groups.delete_group(actor=actor, group=row),
        ),
        Kind(
            *(2, "resource", "Resource", Permission.MANAGE_GROUPS, Resource, resource_queries.for_actor),
            resources.held,
            lambda actor, row: resources.delete_resource(actor=actor, resource=row),
            shown=("tenant__brand", "manager"),
        ),
        Kind(
            *(3, "domain", "Domain", Permission.MANAGE_DOMAINS, Domain, domain_queries.for_actor),
            domains.held_domain,
            lambda actor, row: domains.delete_domain(actor=actor, domain=row),
            may_go=_free,
        ),
        Kind(
            *(4, "forwarder", "Forwarder", Permission.MANAGE_GROUPS, Forwarder, forwarder_queries.for_actor),
            forwarders.held,
            lambda actor, row: forwarders.delete_forwarder(actor=actor, forwarder=row),
        ),
    )
}
