"""May this happen?"""

from oxherd.drift.models import Difference
from oxherd.drift.states import Way
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState


def can_be_compared(tenant: Tenant) -> None:
    if tenant.state == TenantState.LEAVING:
        raise Refused(f"{tenant} is being removed. There is nothing left to compare.")


def is_not_repaired(difference: Difference) -> None:
    if difference.repair:
        raise Refused(f"{difference} was repaired already ({Way(difference.repair).label}).")
