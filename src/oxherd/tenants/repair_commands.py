"""The verbs by which a tenant and its context are brought together again. `holds`: what the platform was found to hold,
field by field in the worker's words (`sync.tenants.wanted_of`)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants import rules
from oxherd.tenants.commands import held, index
from oxherd.tenants.models import Tenant

Held = Mapping[str, Any]


@transaction.atomic
def send_context_again(*, actor: Actor, tenant: Tenant, holds: Held) -> Tenant:
    """The panel is right: send to the platform what it holds otherwise."""
    actor.require(Permission.REPAIR, tenant)
    tenant = held(tenant)
    rules.takes_changes(tenant)
    tenant.applied = tenant.applied | dict(holds)
    tenant.save(update_fields=["applied"])
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    return tenant


@transaction.atomic
def make_context_again(*, actor: Actor, tenant: Tenant) -> Tenant:
    """The panel is right: the platform shall have the context it has not; its users wait until it is there."""
    actor.require(Permission.REPAIR, tenant)
    tenant = held(tenant)
    rules.takes_changes(tenant)
    tenant.applied, tenant.is_provisioned = {}, False
    tenant.save(update_fields=["applied", "is_provisioned"])
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    return tenant


@transaction.atomic
def change_context_name(*, actor: Actor, tenant: Tenant, name: str) -> None:
    """Take over another name of the context. Raises Refused at `context_name`."""
    actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = held(tenant)
    rules.takes_changes(tenant)
    before, tenant.context_name = tenant.context_name, name
    if name == before:
        return
    if name.lower() != before.lower():
        rules.context_name_is_allowed(tenant.brand, name)
    index(tenant)
    tenant.save(update_fields=["context_name", "search_text"])
    names = {"context_name": before}, {"context_name": name}
    record(actor, Action.TENANT_CHANGE, tenant, place=tenant, before=names[0], after=names[1])
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
