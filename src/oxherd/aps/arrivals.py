"""Users of a controller's on their way here, and those who could not be made, as our pages tell of them."""

from dataclasses import dataclass, field

from oxherd.aps.models import ApsResource
from oxherd.aps.states import ResourceState
from oxherd.tenants.models import Tenant
from oxherd.walls.sight import EVERYTHING, seeing

MOST = 20  # who failed is named up to so many
MOST_ASKED = 1000
WHO = "who"  # in a user's `reported`: as the controller called the person last


@dataclass(frozen=True, slots=True)
class Failure:
    """who: name or login in the controller; empty where it could not be asked. sentence: why."""

    who: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """asked: how many users are being fetched from the controller. failures: the newest ones first."""

    asked: int = 0
    failures: list[Failure] = field(default_factory=list)


def arrivals_of(tenant: Tenant) -> Arrivals:
    """No query for a customer that no controller manages."""
    if not tenant.managed_by:
        return Arrivals()
    rows = ApsResource.objects.filter(tenant=tenant, service="user")
    rows = rows.filter(state__in=[ResourceState.ASKED, ResourceState.FAILED]).order_by("-changed_at", "-pk")
    with seeing(EVERYTHING):  # whoever may see the customer may know
        found = list(rows.values_list("state", f"reported__{WHO}", "problem")[:MOST_ASKED])
    failures = [Failure(who or "", problem) for state, who, problem in found if state == ResourceState.FAILED]
    return Arrivals(len(found) - len(failures), failures[:MOST])
