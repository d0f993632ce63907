"""The kinds of things that can be removed and restored, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains import commands as domains
from oxherd.domains.models import Domain
from oxherd.groups import commands as groups
from oxherd.groups.models import Group
from oxherd.people import records as people
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import delete_user
from oxherd.resources import commands as resources
from oxherd.resources.models import Resource


@dataclass(frozen=True, slots=True)
class Kind:
    """hold: the row as it is now, locked; raises an OxherdError for one that is gone. delete: for good."""

    word: str  # in addresses
    label: str
    model: type[Any]
    permission: Permission
    hold: Callable[[Any], Any]
    delete: Callable[[Actor, Any], None]


KINDS = {
    kind.word: kind
    for kind in (
        Kind(
            "user",
            "User",
            ServiceUser,
            Permission.MANAGE_USERS,
            people.held,
            lambda actor, row: delete_user(actor=actor, user=row),
        ),
        Kind(
            "group",
            "Group",
            Group,
            Permission.MANAGE_GROUPS,
            groups.held,
            lambda actor, row: groups.delete_group(actor=actor, group=row),
        ),
        Kind(
            "resource",
            "Resource",
            Resource,
            Permission.MANAGE_GROUPS,
            resources.held,
            lambda actor, row: resources.delete_resource(actor=actor, resource=row),
        ),
        Kind(
            "domain",
            "Domain",
            Domain,
            Permission.MANAGE_DOMAINS,
            domains.held_domain,
            lambda actor, row: domains.delete_domain(actor=actor, domain=row),
        ),
    )
}
