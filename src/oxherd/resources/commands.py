"""The verbs of resources. Each checks, writes, records and asks the worker in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import Told, changes, record, record_all
from oxherd.audit.states import Action
from oxherd.domains.commands import register
from oxherd.domains.models import AddressKind
from oxherd.domains.queries import split
from oxherd.errors import NotYours
from oxherd.people.models import ServiceUser
from oxherd.people.object_names import object_name_from
from oxherd.people.records import claim_tenant
from oxherd.people.search import name_key, search_text
from oxherd.provisioning import commands as provisioning
from oxherd.provisioning.commands import request_sync_of_all
from oxherd.provisioning.states import Presence, SubjectKind, SyncStatus
from oxherd.resources import rules
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_changes


@dataclass(frozen=True, slots=True)
class ResourceWish:
    """A resource as an administrator asks for it; every text as it was typed."""

    display_name: str
    address: str  # local part @ domain
    name: str = ""  # empty: made from the display name
    description: str = ""
    manager: ServiceUser | None = None


@transaction.atomic
def add_resource(*, actor: Actor, tenant: Tenant, wish: ResourceWish) -> Resource:
    """Add a resource. Raises Refused at display_name, name, description, address or manager."""
    resource = insert_resource(actor, tenant, wish)
    ask(actor, resource)
    return resource


def insert_resource(actor: Actor, tenant: Tenant, wish: ResourceWish, **known: Any) -> Resource:
    """As `add_resource`, in the caller's transaction, and the platform hears nothing of it. known: what it has."""
    actor.require(Permission.MANAGE_GROUPS, tenant)
    tenant = claim_tenant(tenant, alone=tenant.resource_limit is not None)
    takes_changes(tenant)
    rules.there_is_room(tenant)
    resource = Resource(tenant=tenant, **known)
    _assign(resource, wish)
    record(actor, Action.RESOURCE_ADD, resource, place=tenant, after=describe(resource))
    return resource


@transaction.atomic
def change_resource(*, actor: Actor, resource: Resource, wish: ResourceWish) -> Resource:
    """Make the resource as wished. Raises Refused at display_name, name, description, address or manager."""
    actor.require(Permission.MANAGE_GROUPS, resource)
    resource = held(resource)
    rules.is_present(resource)
    before = describe(resource)
    _assign(resource, wish)
    old, new = changes(before, describe(resource))
    if new:
        record(actor, Action.RESOURCE_CHANGE, resource, place=resource, before=old, after=new)
        ask(actor, resource)
    return resource


@transaction.atomic
def hand_over(*, actor: Actor, resources: Sequence[Resource], managers: Mapping[int, ServiceUser | None]) -> int:
    """Give resources that the caller holds (`held_all`) another manager each, or none, in a few statements.

    managers: by resource id. Call it before a manager's own row is locked: whoever changes a resource holds it first.
    Returns how many were changed. Raises Refused at `manager`.
    """
    kept = {pk: _kept(manager) for pk, manager in {each.pk: each for each in managers.values() if each}.items()}
    for resource in {resource.tenant_id: resource for resource in resources}.values():
        actor.require(Permission.MANAGE_GROUPS, resource)
    pairs = {(r.tenant_id, m.pk): (r.tenant, kept[m.pk]) for r in resources if (m := managers[r.pk])}
    for tenant, manager in pairs.values():
        rules.manages(tenant, manager)
    told: list[Told] = []
    for resource in resources:
        before, chosen = describe(resource), managers[resource.pk]
        resource.manager = kept[chosen.pk] if chosen else None
        old, new = changes(before, describe(resource))
        told += [Told(resource, old, new)] if new else []
    changed = [each.subject for each in told]
    for resource in changed:
        resource.changed_at, resource.status = timezone.now(), SyncStatus.IN_PROGRESS
    Resource.objects.bulk_update(changed, ["manager", "changed_at", "status"], batch_size=1000)
    record_all(actor, Action.RESOURCE_CHANGE, told)
    for _, same in groupby(sorted(changed, key=lambda each: each.tenant_id), key=lambda each: each.tenant_id):
        own = list(same)
        request_sync_of_all(actor, SubjectKind.RESOURCE, [resource.pk for resource in own], place=own[0])
    return len(changed)


@transaction.atomic
def remove_resource(*, actor: Actor, resource: Resource) -> None:
    """Take a resource from the platform; it can be restored for some days, without the bookings."""
    actor.require(Permission.MANAGE_GROUPS, resource)
    resource = held(resource)
    rules.is_present(resource)
    record(actor, Action.RESOURCE_REMOVE, resource, place=resource, before=describe(resource))
    resource.presence, resource.removed_at, resource.removed_by = Presence.REMOVED, timezone.now(), actor.name
    resource.save(update_fields=["presence", "removed_at", "removed_by"])
    register({}, fields={}, resource_id=resource.pk)
    ask(actor, resource)


@transaction.atomic
def restore_resource(*, actor: Actor, resource: Resource, wish: ResourceWish | None = None) -> Resource:
    """Bring a removed resource back, as it was or as wished.

    Raises Refused at display_name, name, description, address or manager, where somebody has it or is gone now.
    """
    actor.require(Permission.MANAGE_GROUPS, resource)
    resource = held(resource)
    rules.is_removed(resource)
    rules.there_is_room(claim_tenant(resource.tenant, alone=resource.tenant.resource_limit is not None))
    resource.presence, resource.removed_at, resource.removed_by = Presence.PRESENT, None, ""
    _assign(resource, wish or as_wish(resource))
    record(actor, Action.RESOURCE_RESTORE, resource, place=resource, after=describe(resource))
    ask(actor, resource)
    return resource


@transaction.atomic
def delete_resource(*, actor: Actor, resource: Resource) -> None:
    """Remove a resource for good: the row goes as soon as the platform has let go."""
    actor.require(Permission.MANAGE_GROUPS, resource)
    resource = held(resource)
    record(actor, Action.RESOURCE_DELETE, resource, place=resource, before=describe(resource))
    resource.presence, resource.manager = Presence.LEAVING, None
    resource.save(update_fields=["presence", "manager"])
    register({}, fields={}, resource_id=resource.pk)
    ask(actor, resource)


@transaction.atomic
def retry_resource(*, actor: Actor, resource: Resource) -> None:
    """Try again what OX refused or what got stuck. Raises Refused where there is nothing to try again."""
    actor.require(Permission.RETRY, resource)
    resource = held(resource)
    provisioning.retry(actor, SubjectKind.RESOURCE, resource.pk, place=resource)
    Resource.objects.filter(pk=resource.pk).update(status=SyncStatus.IN_PROGRESS)
    record(actor, Action.RESOURCE_RETRY, resource, place=resource)


def held(resource: Resource) -> Resource:
    """The resource as it is now, locked against other commands. Raises NotYours for one that is gone."""
    rows = Resource.objects.select_for_update(of=("self",), no_key=True).select_related("tenant__brand", "manager")
    fresh = rows.filter(pk=resource.pk).first()
    if fresh is None:
        raise NotYours("There is no such resource.")
    return fresh


def held_all(resources: QuerySet[Resource]) -> list[Resource]:
    """The present ones of these as they are now, locked in one order for everybody."""
    rows = resources.filter(presence=Presence.PRESENT).select_related("tenant__brand", "manager").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def as_wish(resource: Resource) -> ResourceWish:
    """The resource as it is, as a wish to be changed in parts."""
    return ResourceWish(
        display_name=resource.display_name,
        address=resource.readable_address,
        name=resource.name,
        description=resource.description,
        manager=resource.manager,
    )


def describe(resource: Resource) -> dict[str, Any]:
    return {
        "display_name": resource.display_name,
        "name": resource.name,
        "description": resource.description,
        "address": resource.address,
        "manager": resource.manager.login if resource.manager else "",
        "manager_id": resource.manager_id,
    }


def _assign(resource: Resource, wish: ResourceWish) -> None:
    """Check and write all fields, the register and the words by which the resource is found."""
    tenant = resource.tenant
    resource.display_name = rules.display_name(wish.display_name)
    resource.sort_name = name_key(resource.display_name)
    resource.name = rules.name(wish.name or object_name_from(resource.display_name))
    resource.description = rules.description(wish.description)
    rules.name_is_free(tenant, resource.name, but_for=resource.pk or 0)
    local_part, domain = split(tenant, wish.address, "address")
    resource.address = f"{local_part}@{domain.name}"
    resource.manager = _kept(wish.manager)
    rules.manages(tenant, resource.manager)
    words = [resource.display_name, resource.name, resource.description]
    resource.search_text = search_text(tenant.pk, words, [resource.address])
    _save(resource)
    wanted = {resource.address: (domain, AddressKind.RESOURCE)}
    register(wanted, fields={resource.address: "address"}, resource_id=resource.pk)


def _kept(manager: ServiceUser | None) -> ServiceUser | None:
    """The manager as he or she is now, held against leaving until the commit; None for one who is gone."""
    if manager is None:
        return None
    with connection.cursor() as cursor:  # Django has no FOR SHARE
        cursor.execute("SELECT 1 FROM oxherd_serviceuser WHERE id = %s FOR SHARE", [manager.pk])
    return ServiceUser.objects.filter(pk=manager.pk).first() or manager


def _save(resource: Resource) -> None:
    """Raises Refused at `name` where somebody was quicker by a moment."""
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError:
        rules.name_is_free(resource.tenant, resource.name, but_for=resource.pk or 0)
        raise


def ask(actor: Actor, resource: Resource) -> None:
    Resource.objects.filter(pk=resource.pk).update(status=SyncStatus.IN_PROGRESS)
    resource.status = SyncStatus.IN_PROGRESS
    provisioning.request_sync(actor, SubjectKind.RESOURCE, resource.pk, place=resource)
