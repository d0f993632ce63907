"""May this happen?"""

from oxherd.drift.models import Difference
from oxherd.drift.states import ObjectKind, Way
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState


def can_be_compared(tenant: Tenant) -> None:
    if tenant.state == TenantState.LEAVING:
        raise Refused(f"{tenant} is being removed. There is nothing left to compare.")
    if tenant.state == TenantState.REMOVED:
        raise Refused(f"{tenant} was removed. Restore it before you compare it with OX.")


def is_not_repaired(difference: Difference) -> None:
    if difference.repair:
        raise Refused(f"{difference} was repaired already ({Way(difference.repair).label}).")


def is_stranger_still(difference: Difference) -> None:
    """Nothing is deleted on the platform that one of ours stands for by now."""
    tenant = difference.comparison.tenant
    if difference.object_kind == ObjectKind.FORWARDER:
        ours = Forwarder.objects.filter(tenant=tenant, address=difference.held["name"])
        if ours.exclude(presence=Presence.REMOVED).exists():
            raise Refused(f"{difference} is in the panel by now. Compare again.")
        return
    models = {ObjectKind.USER: OxAccount, ObjectKind.GROUP: Group, ObjectKind.RESOURCE: Resource}
    model = models[ObjectKind(difference.object_kind)]
    rows = model._default_manager.filter(tenant=tenant, ox_id=difference.ox_id)  # noqa: SLF001 - Django's documented interface
    if rows.exists():
        raise Refused(f"{difference} is in the panel by now. Compare again.")
