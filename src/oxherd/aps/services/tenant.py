"""A subscription: one customer, and its context. The controller is the master of its name, limits and suspension."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone

from oxherd.aps import bodies, errands
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsEntry, ApsInstance, ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes, ours
from oxherd.aps.services import brand, seats
from oxherd.aps.states import ResourceState
from oxherd.aps.types import TENANT
from oxherd.errors import NotYours
from oxherd.provisioning.states import SubjectKind
from oxherd.subscriptions.commands import change_subscription
from oxherd.tenants import commands
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import remove_tenant
from oxherd.tenants.states import GONE

ENTRY_SECONDS = 60
PAGES = frozenset({"users", "groups", "resources", "domains", "requests"})
# Counters that are limits of a customer.
LIMITS = {
    "STORAGE": "quota_mb",
    "DOMAINS": "domain_limit",
    "SUBDOMAINS": "subdomain_limit",
    "GROUPS": "group_limit",
    "RESOURCES": "resource_limit",
}


def of(row: ApsResource) -> Tenant:
    """Raises NotYours for one that was removed here."""
    tenant = Tenant.objects.select_related("brand").filter(pk=row.object_pk).exclude(state__in=GONE).first()
    if tenant is None:
        raise NotYours("There is no such customer any more.")
    return tenant


def above(call: Call) -> Tenant:
    """The customer with which the resource in a body is linked. Raises Fault, or NotYours, where there is none."""
    return of(ours(call.instance, "tenant", bodies.needed(call.body, "tenant"), "tenant"))


def add(instance: ApsInstance, row: ApsResource, actor: Any, name: str) -> Tenant:
    """Make the customer that a row asks for, in the caller's transaction. Raises Refused with the field to mend."""
    on = brand.of(ours(instance, "brand", bodies.uuid_of(row.wanted["brand"]), "brand"))
    wishes = row.wanted
    tenant = commands.add_tenant(
        actor=actor(on),
        brand=on,
        name=name,
        context_name=wishes.get("contextName", ""),
        seats=seats.wanted(instance, on.pk, wishes),
        **_limits(wishes),
    )
    commands.note_master(tenant, instance.name)
    row.object_id, row.tenant, row.state = tenant.pk, tenant, ResourceState.DONE
    return tenant


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    on = ours(call.instance, "brand", bodies.needed(call.body, "brand"), "brand")
    row.wanted = {**wishes, "brand": str(on.aps_id)}
    above = {name: bodies.linked(call.body, name) for name in ("account", "subscription")}
    row.links = {name: str(found) for name, found in above.items() if found}
    account = above["account"]
    if wishes.get("name", "").strip():
        add(call.instance, row, call.actor, wishes["name"])
        return
    if account is None:
        raise Fault(400, "Give the customer a name, or link it with its account.", field="name")
    row.state = ResourceState.ASKED
    errands.ask_to_fetch(row.pk)


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    tenant = of(row)
    changes: dict[str, Any] = _limits(asked)
    if "name" in asked:
        changes["name"] = asked["name"]
    counted = seats.wanted(call.instance, tenant.brand_id, row.wanted)
    if any(name.startswith("OX_PROFILE_") for name in asked) and counted:
        changes["seats"] = counted
    if changes:
        change_subscription(actor=call.actor(tenant), tenant=tenant, **changes)


def _limits(wishes: Wishes) -> dict[str, int | None]:
    return {ours: wishes[theirs] for theirs, ours in LIMITS.items() if theirs in wishes}


def _remove(call: Call, row: ApsResource) -> Subject | None:
    tenant = Tenant.objects.filter(pk=row.object_pk).first()
    if tenant is None:
        return None
    if tenant.state not in GONE:
        remove_tenant(actor=call.actor(tenant), tenant=tenant)
    return SubjectKind.TENANT, tenant.pk


def _tell(row: ApsResource) -> dict[str, Any]:
    tenant = of(row)
    told: dict[str, Any] = {"contextName": tenant.context_name, "state": tenant.state}
    if tenant.context_id is not None:
        told["contextId"] = tenant.context_id
    return {**told, **seats.usage(row, tenant)}


def _subject(row: ApsResource) -> Subject | None:
    return (SubjectKind.TENANT, row.object_id) if row.object_id else None


def _retry(call: Call, row: ApsResource) -> None:
    tenant = Tenant.objects.get(pk=row.object_pk)
    commands.retry_tenant(actor=call.actor(tenant), tenant=tenant)


def _disable(call: Call, row: ApsResource) -> dict[str, Any]:
    tenant = of(row)
    commands.suspend_tenant(actor=call.actor(tenant), tenant=tenant)
    return {}


def _enable(call: Call, row: ApsResource) -> dict[str, Any]:
    tenant = of(row)
    commands.resume_tenant(actor=call.actor(tenant), tenant=tenant)
    return {}


def _entry(call: Call, row: ApsResource) -> dict[str, Any]:
    """A ticket with which the person at the controller's panel enters ours inside its frame; the digest alone stays."""
    tenant, page = of(row), call.body.get("page", "users")
    if not isinstance(page, str) or page not in PAGES:
        raise Fault(400, f"The page is one of {', '.join(sorted(PAGES))}.", field="page")
    ticket = secrets.token_urlsafe(32)
    ApsEntry.objects.create(
        instance=call.instance,
        tenant=tenant,
        identity=call.identity,
        page=page,
        digest=sha256(ticket.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(seconds=ENTRY_SECONDS),
    )
    return {"url": f"{settings.BASE_URL}/frame/enter/", "ticket": ticket}


def _account_changed(call: Call, row: ApsResource) -> dict[str, Any]:  # noqa: ARG001 - as of all operations
    """The event says only that something has changed: the worker asks what."""
    errands.ask_to_fetch(row.pk)
    return {}


SERVICE = Service(
    one=TENANT,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    operations={"enable": _enable, "disable": _disable, "entry": _entry, "onAccountChanged": _account_changed},
    making="Creating the context on the platform",
    changing="Bringing the change to the context",
    removing="Closing the context on the platform",
)
