"""Makes the platform's context match a tenant."""

import logging
from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.brands.abilities import Ability, can
from oxherd.brands.states import PlatformKind
from oxherd.domains.queries import of_tenant
from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken
from oxherd.forwarders.repair_commands import forget_forwarders
from oxherd.groups.models import Group
from oxherd.ox.interface import ContextAdmin, ContextChange, ContextData, FoundContext, Platform
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.commands import wake
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.sync.ahead import written_ahead
from oxherd.sync.applied import after_push
from oxherd.sync.catch_alls import follow_catch_alls
from oxherd.sync.lanes import lanes
from oxherd.sync.platforms import platform_of
from oxherd.tenants.commands import note_context_id, renumber_context
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

logger = logging.getLogger(__name__)

# What the context's own administrator may do; its users get the combination of their profile.
CONTEXT_COMBINATION = {PlatformKind.APP_SUITE: "groupware_standard", PlatformKind.OX_CLOUD: "cloud_pim"}
# So many context ids in a row may belong to strangers before we ask for help.
MOST_STRANGERS = 50


def push_tenant(job: SyncJob) -> None:
    tenant = Tenant.objects.select_related("brand").filter(pk=job.subject_id).first()
    if tenant is None:
        ledger.done(job)
        return
    platform = platform_of(tenant.brand)
    if tenant.state == TenantState.LEAVING:
        _remove(platform, tenant, job)
        return
    wanted = wanted_of(tenant)
    with lanes.place():
        _put(platform, tenant, wanted)
    _settle(tenant, wanted, job)
    wake(job.subject)


@transaction.atomic
def _settle(tenant: Tenant, wanted: dict[str, Any], job: SyncJob) -> None:
    if not ledger.done(job):
        return
    now = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    now.applied = after_push(wanted, before=tenant.applied, stored=now.applied)
    now.is_provisioned = wanted["enabled"]
    follow_catch_alls(tenant)
    now.save(update_fields=["applied", "is_provisioned"])


def hold(tenant_id: int) -> None:
    """Keep commands away from the tenant until the commit."""
    Tenant.objects.select_for_update(no_key=True).filter(pk=tenant_id).first()


def wanted_of(tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.context_name,
        "login_mappings": login_mappings(tenant),
        "quota_mb": tenant.quota_mb,
        "enabled": tenant.state == TenantState.ACTIVE,
    }


def login_mappings(tenant: Tenant) -> list[str]:
    """The tenant's domains; of an adopted context also what it maps by itself, and not what it never mapped."""
    domains = set(of_tenant(tenant).values_list("name", flat=True))
    return sorted((domains - set(tenant.mappings.get("left_out", ()))) | set(tenant.mappings.get("kept", ())))


def _put(platform: Platform, tenant: Tenant, wanted: dict[str, Any]) -> None:
    if tenant.applied:
        try:
            _doubt_what_changes(tenant, wanted)
            _change(platform, tenant, tenant.applied, wanted)
        except PlatformNotFound:  # deleted behind our back
            logger.warning("context %s of tenant %s is gone; making it anew", tenant.context_id, tenant.pk)
            _forget(tenant)
        else:
            return
    _change(platform, tenant, _create(platform, tenant, wanted), wanted)


def _doubt_what_changes(tenant: Tenant, wanted: dict[str, Any]) -> None:
    """Written down before it is sent: should the answer be lost, the next change sends it too, whatever it is then."""
    known = {field: value for field, value in tenant.applied.items() if field in wanted and value == wanted[field]}
    if len(known) < len(wanted):
        tenant.applied = {**known, "in_doubt": True}
        with written_ahead():
            Tenant.objects.filter(pk=tenant.pk).update(applied=tenant.applied)


@transaction.atomic
def _forget(tenant: Tenant) -> None:
    """Nothing of the old context holds in the new one. It counts its users anew: an old id would be another user's."""
    Tenant.objects.filter(pk=tenant.pk).update(applied={}, is_provisioned=False)
    if not can(tenant.brand, Ability.CHOOSE_CONTEXT_ID):
        note_context_id(tenant, None)
    OxAccount.objects.filter(tenant=tenant).update(ox_id=None, ox_name="", applied={}, attempts=[])
    for model in (Group, Resource):
        model.objects.filter(tenant=tenant).update(ox_id=None, applied={})
    forget_forwarders(tenant)


def _create(platform: Platform, tenant: Tenant, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make the context, or take over the one that this tenant's own broken-off job left behind.

    Returns what the platform is known to hold afterwards; nothing is known of a context taken over.
    """
    data = ContextData(
        name=tenant.context_name,
        login_mappings=tuple(wanted["login_mappings"]),
        quota_mb=tenant.quota_mb,
        marker=str(tenant.marker),
    )
    combination = CONTEXT_COMBINATION[PlatformKind(tenant.brand.platform)]
    for _ in range(MOST_STRANGERS):
        try:
            made = platform.create_context(tenant.context_id, data, _admin(tenant), combination)
        except PlatformTaken:
            found = context_of(platform, tenant)
            if found is None:  # not the id, but the name or a domain is somebody else's
                raise
            if _is_ours(tenant, found):
                note_context_id(tenant, found.context_id)
                return {}
            if tenant.context_id is None:
                raise
            with written_ahead():  # so that a crash after the next create finds it again
                renumber_context(tenant)
        else:
            note_context_id(tenant, made.context_id)
            return {**wanted, "enabled": True}
    raise PlatformRefused("The context ids of this brand are in use on the platform. Set the brand's next id higher.")


def context_of(platform: Platform, tenant: Tenant) -> FoundContext | None:
    """What the platform has under the tenant's number, or under its name while the platform has not told the number."""
    if tenant.context_id is None:
        return platform.find_context(name=tenant.context_name)
    return platform.find_context(context_id=tenant.context_id)


def _change(platform: Platform, tenant: Tenant, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Send only what differs from what the platform is known to hold."""
    changed = {field: value for field, value in wanted.items() if field not in before or before[field] != value}
    enabled = changed.pop("enabled", None)
    if "login_mappings" in changed:
        changed["login_mappings"] = tuple(changed["login_mappings"])
    number = tenant.context_id or 0
    if changed:
        platform.change_context(number, ContextChange(**changed))
    if enabled is not None:
        (platform.enable_context if enabled else platform.disable_context)(number)


def _remove(platform: Platform, tenant: Tenant, job: SyncJob) -> None:
    with lanes.place():
        found = context_of(platform, tenant)
        # Where another's context stands under this id, ours was never made.
        if found is not None and _is_ours(tenant, found):
            platform.remove_context(found.context_id)
    with transaction.atomic():
        if ledger.done(job):
            tenant.delete()
    wake(job.subject)  # its users' jobs find nobody any more, and close


def _is_ours(tenant: Tenant, found: FoundContext) -> bool:
    """By our mark; one that was there before us has none, and is known by its name."""
    is_unmarked = tenant.is_adopted and found.marker is None and found.name == tenant.context_name
    return is_unmarked or found.marker == str(tenant.marker)


def _admin(tenant: Tenant) -> ContextAdmin:
    return ContextAdmin(
        login=tenant.context_admin,
        password=sealing.unseal(tenant.sealed_context_password),
        display_name="Context administrator",
        given_name="Context",
        surname="Administrator",
        # The platform wants an address; nobody writes to this one (RFC 2606).
        address=f"{tenant.context_admin}@context-{tenant.marker}.invalid",
        language="en_US",
        timezone="Europe/Berlin",
    )
