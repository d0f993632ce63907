"""What audit entries speak of, as it stands now: by this an undo sees whether somebody changed it since."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains import commands as domains
from oxherd.domains import queries as domain_queries
from oxherd.domains.models import Domain
from oxherd.forwarders import commands as forwarders
from oxherd.forwarders import queries as forwarder_queries
from oxherd.groups import commands as groups
from oxherd.groups import queries as group_queries
from oxherd.people import queries as people
from oxherd.people import records
from oxherd.people.models import ServiceUser
from oxherd.people.removal_queries import account_of
from oxherd.resources import commands as resources
from oxherd.resources import queries as resource_queries


@dataclass(frozen=True, slots=True)
class Subject:
    """hold: the row as it is now, locked against other commands. now: what it is, by the names that entries use."""

    permission: Permission
    rows: Callable[[Actor], QuerySet[Any]]
    hold: Callable[[Any], Any]
    now: Callable[[Any], dict[str, Any]]


def _user(user: ServiceUser) -> dict[str, Any]:
    return {**records.describe(user), **records.describe_account(account_of(user))}


def _domain(domain: Domain) -> Domain:
    rows = Domain.objects.select_for_update(of=("self",)).select_related("tenant__brand", "parent")
    return rows.get(pk=domain.pk)


SUBJECTS: Mapping[str, Subject] = {
    "serviceuser": Subject(Permission.MANAGE_USERS, people.for_actor, records.held, _user),
    "group": Subject(Permission.MANAGE_GROUPS, group_queries.for_actor, groups.held, groups.describe),
    "resource": Subject(Permission.MANAGE_GROUPS, resource_queries.for_actor, resources.held, resources.describe),
    "forwarder": Subject(Permission.MANAGE_GROUPS, forwarder_queries.for_actor, forwarders.held, forwarders.describe),
    "domain": Subject(Permission.MANAGE_DOMAINS, domain_queries.for_actor, _domain, domains.describe),
}
