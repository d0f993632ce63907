"""Bringing back what was removed, and what others have taken meanwhile."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.domains.commands import restore_domain
from oxherd.domains.models import OWNERS, Address, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.forwarders import commands as forwarders
from oxherd.forwarders.models import Forwarder
from oxherd.groups import commands as groups
from oxherd.groups import rules as group_rules
from oxherd.groups.models import Group
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import Mending, restore_user
from oxherd.people.removal_queries import Conflict
from oxherd.people.removal_queries import conflicts_of as conflicts_of_user
from oxherd.removals.queries import Removed
from oxherd.resources import commands as resources
from oxherd.resources import rules as resource_rules
from oxherd.resources.models import Resource


def conflicts_of(removed: Removed) -> list[Conflict]:
    """What must be mended before this can be restored, each with the field to mend. A domain is restored as it was."""
    row = removed.row
    if isinstance(row, ServiceUser):
        return conflicts_of_user(row)
    if isinstance(row, Group):
        address = former_address(row)
        return [*_name(row, group_rules.name_is_free), *(_address(row, address) if address else [])]
    if isinstance(row, Forwarder):
        return _address(row, row.address)
    if isinstance(row, Resource):
        return [*_name(row, resource_rules.name_is_free), *_address(row, row.address), *_manager(row)]
    return []


def restore(*, actor: Actor, removed: Removed, mending: Mapping[str, Any] | None = None) -> None:
    """Bring it back. mending: by the fields of its conflicts, what it gets in place of what others have.

    Raises Refused at the field that is to be mended, or without one where there is no way now.
    """
    row, given = removed.row, dict(mending or {})
    if isinstance(row, ServiceUser):
        restore_user(actor=actor, user=row, mending=Mending(**given))
    elif isinstance(row, Group):
        address = given.get("address", former_address(row))
        groups.restore_group(actor=actor, group=row, name=given.get("name", ""), address=readable(address))
    elif isinstance(row, Resource):
        wish = replace(resources.as_wish(row), **given)
        resources.restore_resource(actor=actor, resource=row, wish=wish)
    elif isinstance(row, Forwarder):
        wanted = replace(forwarders.as_wish(row), **given)
        forwarders.restore_forwarder(actor=actor, forwarder=row, wish=wanted)
    else:
        restore_domain(actor=actor, domain=row)


def former_address(group: Group) -> str:
    """The stored address that a removed group had, as the audit tells; empty for none."""
    entries = AuditEntry.objects.filter(subject_kind="group", subject_id=group.pk, action=Action.GROUP_REMOVE)
    entry = entries.order_by("-id").first()
    return str(entry.before.get("address", "")) if entry else ""


def _name(row: Any, is_free: Any) -> list[Conflict]:
    try:
        is_free(row.tenant, row.name, but_for=row.pk)
    except Refused as refused:
        return [Conflict("name", refused.sentence, (row.name,))]
    return []


def _address(row: Any, address: str) -> list[Conflict]:
    if not of_tenant(row.tenant).filter(name=address.rpartition("@")[2]).exists():
        return [Conflict("address", f"The domain of {readable(address)} was removed.", (address,))]
    holder = Address.objects.filter(address=address).select_related(*OWNERS).first()
    if holder is None:
        return []
    return [Conflict("address", f"{holder} belongs to {holder.owner} now.", (address,))]


def _manager(resource: Resource) -> list[Conflict]:
    try:
        resource_rules.manages(resource.tenant, resource.manager)
    except Refused:
        return [Conflict("manager", f"{resource.manager} has no OX any more, and cannot decide on bookings.")]
    return []
