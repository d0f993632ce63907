"""What a user belongs to and decides on, for the user's page."""

from typing import Any

from oxherd.groups.queries import of_user
from oxherd.people.models import ServiceUser
from oxherd.resources.queries import managed_by

MOST = 20


def memberships(user: ServiceUser) -> dict[str, Any]:
    """The first groups of the user and the first resources that the user manages, by name; two queries."""
    groups, resources = list(of_user(user)[: MOST + 1]), list(managed_by(user)[: MOST + 1])
    return {
        "groups": groups[:MOST],
        "managed": resources[:MOST],
        "more_groups": len(groups) > MOST,
        "more_managed": len(resources) > MOST,
    }
