"""The verbs of groups. Each checks, writes, records and asks the worker in one transaction."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.domains import circles
from oxherd.domains.commands import register
from oxherd.domains.models import Address, AddressKind
from oxherd.domains.queries import split
from oxherd.errors import NotYours
from oxherd.groups import rules
from oxherd.groups.membership import bring_in, logins, take_out
from oxherd.groups.models import Group
from oxherd.groups.outside import outside_of, resolved, write
from oxherd.groups.queries import address_of
from oxherd.people.object_names import object_name_from
from oxherd.people.records import claim_tenant
from oxherd.people.search import name_key, search_text
from oxherd.provisioning import commands as provisioning
from oxherd.provisioning.states import Presence, SubjectKind, SyncStatus
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_changes

# Parts of an audit entry that are of no concern to the platform.
OF_MAIL = {"outside", "senders"}


@transaction.atomic
def add_group(
    *,
    actor: Actor,
    tenant: Tenant,
    display_name: str,
    name: str = "",
    address: str = "",
    members: Collection[int] = (),
    outside: Collection[str] | None = None,
    senders: str | None = None,
) -> Group:
    """Add a group of the tenant's users.

    name: as the platform takes it; made from the display name when empty. address: for mail to all members, as typed;
    may be empty. members: ids of users. outside: addresses of elsewhere that get its mail too, as typed; senders: who
    may write to it (Senders, None: anyone); both only where we carry the brand's mail. Raises Refused at display_name,
    name, address, members, outside or senders.
    """
    group = insert_group(
        actor, tenant, display_name=display_name, name=name, address=address, members=members, outside=outside,
        senders=senders,
    )  # fmt: skip
    ask(actor, group)
    return group


def insert_group(
    actor: Actor,
    tenant: Tenant,
    *,
    display_name: str,
    name: str,
    address: str,
    members: Collection[int],
    outside: Collection[str] | None = None,
    senders: str | None = None,
    **known: Any,
) -> Group:
    """As `add_group`, in the caller's transaction, and the platform hears nothing of it. known: what it has already."""
    actor.require(Permission.MANAGE_GROUPS, tenant)
    tenant = claim_tenant(tenant, alone=tenant.group_limit is not None)
    takes_changes(tenant)
    rules.there_is_room(tenant)
    group = Group(tenant=tenant, **known)
    _name(group, display_name, name)
    _save(group)
    _write_mail(group, address or None, outside, senders)
    _index(group)
    bring_in(group, members)
    record(actor, Action.GROUP_ADD, group, place=tenant, after=describe(group) | _came(members))
    return group


@transaction.atomic
def change_group(
    *,
    actor: Actor,
    group: Group,
    display_name: str | None = None,
    name: str | None = None,
    address: str | None = None,
    add: Collection[int] = (),
    remove: Collection[int] = (),
    outside: Collection[str] | None = None,
    senders: str | None = None,
) -> Group:
    """Change what is given; `add` and `remove` are ids of users, and who is a member already or none is no error.

    outside: all addresses of elsewhere that get its mail from now on, as typed; senders: as of `add_group`. The
    platform knows of neither, and is not asked. Raises Refused at display_name, name, address, members, outside or
    senders.
    """
    actor.require(Permission.MANAGE_GROUPS, group)
    group = held(group)
    rules.is_present(group)
    before = describe(group)
    if display_name is not None or name is not None:
        _name(group, group.display_name if display_name is None else display_name, group.name if name is None else name)
    if (group.display_name, group.name) != (before["display_name"], before["name"]):
        _save(group)
    _write_mail(group, address, outside, senders)
    old, new = changes(before, describe(group))
    if new:
        _index(group)
    new |= _moved(group, add, remove)
    if not new:
        return group
    record(actor, Action.GROUP_CHANGE, group, place=group, before=old, after=new)
    if new.keys() - OF_MAIL:
        ask(actor, group)
    else:
        Group.objects.filter(pk=group.pk).update(changed_at=timezone.now())
    return group


@transaction.atomic
def remove_group(*, actor: Actor, group: Group) -> None:
    """Take a group from the platform; it can be restored with its members for some days."""
    actor.require(Permission.MANAGE_GROUPS, group)
    group = held(group)
    rules.is_present(group)
    record(actor, Action.GROUP_REMOVE, group, place=group, before=describe(group))
    group.presence, group.removed_at, group.removed_by = Presence.REMOVED, timezone.now(), actor.name
    group.save(update_fields=["presence", "removed_at", "removed_by"])
    register({}, fields={}, group_id=group.pk)
    ask(actor, group)


@transaction.atomic
def restore_group(*, actor: Actor, group: Group, name: str = "", address: str | None = None) -> Group:
    """Bring a removed group back with its members.

    name: another one, where somebody else has it now. address: the group's address is not kept; give one, as typed, or
    leave it empty. Raises Refused at `name` or `address`.
    """
    actor.require(Permission.MANAGE_GROUPS, group)
    group = held(group)
    rules.is_removed(group)
    rules.there_is_room(claim_tenant(group.tenant, alone=group.tenant.group_limit is not None))
    group.presence, group.removed_at, group.removed_by = Presence.PRESENT, None, ""
    _name(group, group.display_name, name or group.name)
    _save(group)
    _write_mail(group, address or None, field="address")
    _index(group)
    record(actor, Action.GROUP_RESTORE, group, place=group, after=describe(group))
    ask(actor, group)
    return group


@transaction.atomic
def delete_group(*, actor: Actor, group: Group) -> None:
    """Remove a group for good: the row goes as soon as the platform has let go."""
    actor.require(Permission.MANAGE_GROUPS, group)
    group = held(group)
    record(actor, Action.GROUP_DELETE, group, place=group, before=describe(group))
    group.presence = Presence.LEAVING
    group.save(update_fields=["presence"])
    register({}, fields={}, group_id=group.pk)
    ask(actor, group)


@transaction.atomic
def retry_group(*, actor: Actor, group: Group) -> None:
    """Try again what OX refused or what got stuck. Raises Refused where there is nothing to try again."""
    actor.require(Permission.RETRY, group)
    group = held(group)
    provisioning.retry(actor, SubjectKind.GROUP, group.pk, place=group)
    Group.objects.filter(pk=group.pk).update(status=SyncStatus.IN_PROGRESS)
    record(actor, Action.GROUP_RETRY, group, place=group)


def held(group: Group) -> Group:
    """The group as it is now, locked against other commands. Raises NotYours for one that is gone."""
    rows = Group.objects.select_for_update(of=("self",), no_key=True).select_related("tenant__brand")
    fresh = rows.filter(pk=group.pk).first()
    if fresh is None:
        raise NotYours("There is no such group.")
    return fresh


def describe(group: Group) -> dict[str, Any]:
    """outside and senders: only where we carry the brand's mail."""
    told = {"display_name": group.display_name, "name": group.name, "address": address_of(group)}
    return told | ({"outside": outside_of(group), "senders": group.senders} if group.tenant.brand.carries_mail else {})


def _moved(group: Group, add: Collection[int], remove: Collection[int]) -> dict[str, Any]:
    """Let users come and go; who did. The ids are for an undo: a login may be another by then."""
    added, removed = bring_in(group, add), take_out(group, remove)
    came = {"members_added": logins(added), "added": sorted(added)} if added else {}
    return came | ({"members_removed": logins(removed), "removed": sorted(removed)} if removed else {})


def _came(members: Collection[int]) -> dict[str, Any]:
    """Who was in from the beginning; the ids tell a user's history."""
    return {"members": logins(members)} | ({"added": sorted(members)} if members else {})


def _name(group: Group, display_name: str, name: str) -> None:
    group.display_name = rules.display_name(display_name)
    group.sort_name = name_key(group.display_name)
    group.name = rules.name(name or object_name_from(group.display_name))
    rules.name_is_free(group.tenant, group.name, but_for=group.pk or 0)


def _save(group: Group) -> None:
    """Raises Refused at `name` where somebody was quicker by a moment."""
    group.search_text = group.search_text or ""
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        rules.name_is_free(group.tenant, group.name, but_for=group.pk or 0)
        raise


def _write_mail(
    group: Group,
    address: str | None,
    outside: Collection[str] | None = None,
    senders: str | None = None,
    *,
    field: str = "outside",
) -> None:
    """Write what is given of the group's mail. field: to blame where it would go round in a circle."""
    if address is None and outside is None and senders is None:
        return
    wanted = None if outside is None else resolved(group.tenant, outside)
    onward = set(outside_of(group)) if wanted is None else wanted
    if onward:
        circles.hold_routes()
    if address is not None:
        _write_address(group, address)
    if wanted is not None:
        write(group, wanted)
    if onward and (now := address_of(group)):
        circles.leads_not_back(now, onward, field)
    if senders is not None and senders != group.senders:
        group.senders = rules.senders(group.tenant, senders)
        Group.objects.filter(pk=group.pk).update(senders=group.senders)


def _write_address(group: Group, typed: str) -> None:
    """Register the group's address, as typed; empty for none. Raises Refused at `address`."""
    if not typed.strip():
        register({}, fields={}, group_id=group.pk)
        return
    local_part, domain = split(group.tenant, typed, "address")
    address = f"{local_part}@{domain.name}"
    register({address: (domain, AddressKind.GROUP)}, fields={address: "address"}, group_id=group.pk)


def _index(group: Group) -> None:
    """Write the words by which the group is found."""
    addresses = list(Address.objects.filter(group=group).values_list("address", flat=True))
    addresses += outside_of(group) if group.tenant.brand.carries_mail else []
    group.search_text = search_text(group.tenant_id, [group.display_name, group.name], addresses)
    Group.objects.filter(pk=group.pk).update(search_text=group.search_text)


def ask(actor: Actor, group: Group) -> None:
    Group.objects.filter(pk=group.pk).update(status=SyncStatus.IN_PROGRESS, changed_at=timezone.now())
    group.status = SyncStatus.IN_PROGRESS
    provisioning.request_sync(actor, SubjectKind.GROUP, group.pk, place=group)
