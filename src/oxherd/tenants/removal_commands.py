"""A customer is removed: first with a net, then for good."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import NotYours
from oxherd.tenants import rules
from oxherd.tenants.commands import ask, managed
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState


@transaction.atomic
def remove_tenant(*, actor: Actor, tenant: Tenant, reason: str = "") -> Tenant:
    """Close the context; all that is in it stays for OXHERD_KEEP_REMOVED_DAYS, and can be restored until then.

    With 0 days it is deleted for good at once. reason: kept in the audit.
    """
    tenant = managed(actor, tenant)
    rules.takes_changes(tenant)
    if settings.KEEP_REMOVED_DAYS <= 0:
        return _delete(actor, tenant, Action.TENANT_REMOVE, reason)
    tenant.state_before, tenant.state = tenant.state, TenantState.REMOVED
    tenant.removed_at, tenant.removed_by = timezone.now(), actor.name
    _save(tenant)
    _record(actor, Action.TENANT_REMOVE, tenant, tenant.state_before, reason)
    ask(actor, tenant)
    return tenant


@transaction.atomic
def restore_tenant(*, actor: Actor, tenant: Tenant) -> Tenant:
    """Bring a removed customer back as it was: active, or suspended. Raises Refused for one that was not removed."""
    tenant = managed(actor, tenant)
    rules.can_be_restored(tenant)
    tenant.state, tenant.state_before = tenant.state_before or TenantState.ACTIVE, ""
    tenant.removed_at, tenant.removed_by = None, ""
    _save(tenant)
    _record(actor, Action.TENANT_RESTORE, tenant, TenantState.REMOVED)
    ask(actor, tenant)
    return tenant


@transaction.atomic
def delete_tenant(*, actor: Actor, tenant: Tenant, reason: str = "") -> Tenant:
    """Delete the context with all that is in it, removed before or not; the rows go when the platform has let go."""
    tenant = managed(actor, tenant)
    if tenant.state != TenantState.REMOVED:
        rules.takes_changes(tenant)
    return _delete(actor, tenant, Action.TENANT_DELETE, reason)


def purge_tenants(*, actor: Actor, most: int) -> list[Tenant]:
    """Delete for good those that were removed longer ago than is kept, the oldest first; returns them."""
    before = timezone.now() - timedelta(days=settings.KEEP_REMOVED_DAYS)
    due = Tenant.objects.filter(state=TenantState.REMOVED, removed_at__lt=before).order_by("removed_at", "id")
    return [tenant for tenant in due[:most] if _goes(actor, tenant)]


@transaction.atomic
def _goes(actor: Actor, tenant: Tenant) -> bool:
    try:
        fresh = managed(actor, tenant)
    except NotYours:  # gone meanwhile
        return False
    if fresh.state != TenantState.REMOVED:  # restored at this moment
        return False
    _delete(actor, fresh, Action.TENANT_DELETE, "")
    return True


def _delete(actor: Actor, tenant: Tenant, action: Action, reason: str) -> Tenant:
    before, tenant.state = tenant.state, TenantState.LEAVING
    _save(tenant)
    _record(actor, action, tenant, before, reason)
    ask(actor, tenant)
    return tenant


def _save(tenant: Tenant) -> None:
    tenant.save(update_fields=["state", "state_before", "removed_at", "removed_by"])


def _record(actor: Actor, action: Action, tenant: Tenant, before: str, reason: str = "") -> None:
    after = {"state": tenant.state, **({"reason": rules.reason_is_given(reason)} if reason else {})}
    record(actor, action, tenant, place=tenant, before={"state": before}, after=after)
