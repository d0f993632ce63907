"""Users of a controller's who could not be made here, for those who look for them in our pages."""

from dataclasses import dataclass

from oxherd.aps.models import ApsResource
from oxherd.aps.states import ResourceState
from oxherd.tenants.models import Tenant
from oxherd.walls.sight import EVERYTHING, seeing

MOST = 20
WHO = "who"  # in a user's `reported`: as the controller called the person last


@dataclass(frozen=True, slots=True)
class Failure:
    """who: name or login in the controller; empty where it could not be asked. sentence: why."""

    who: str
    sentence: str


def failures_of(tenant: Tenant) -> list[Failure]:
    """The newest ones first. No query for a customer that no controller manages."""
    if not tenant.managed_by:
        return []
    rows = ApsResource.objects.filter(tenant=tenant, service="user", state=ResourceState.FAILED)
    with seeing(EVERYTHING):  # whoever may see the customer may know
        found = list(rows.order_by("-changed_at", "-pk").values_list("reported__who", "problem")[:MOST])
    return [Failure(who or "", problem) for who, problem in found]
