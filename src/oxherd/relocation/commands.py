"""The verb that moves all that depends on domains to another one, so that they can go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains.commands import remove_domains
from oxherd.domains.models import Domain, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.forwarders.commands import as_wish as as_forwarder_wish
from oxherd.forwarders.commands import change_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.groups.commands import change_group
from oxherd.groups.models import Group
from oxherd.people.models import ServiceUser
from oxherd.people.moving_commands import move_users
from oxherd.relocation import queries
from oxherd.resources.commands import as_wish, change_resource
from oxherd.resources.models import Resource
from oxherd.tenants.commands import held
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours, takes_changes
from oxherd.tenants.states import Mastered


@dataclass(frozen=True, slots=True)
class Moved:
    users: int
    groups: int
    resources: int
    forwarders: int


@transaction.atomic
def move_and_remove(*, actor: Actor, tenant: Tenant, domains: Sequence[Domain], to: Domain) -> Moved:
    """Move every login, address and alias in these domains to another, and remove them: all or nothing.

    What stands before the @ stays. Whatever is moved is pushed to the platform. Raises Refused at `to` where that
    cannot take them all (`queries.conflicts` lists why), at `domain` as `remove_domains` does.
    """
    for permission in (Permission.MANAGE_DOMAINS, Permission.MANAGE_USERS, Permission.MANAGE_GROUPS):
        actor.require(permission, tenant)
    tenant = held(tenant)
    takes_changes(tenant)
    if any(domain.parent_id is None for domain in domains):
        is_ours(tenant, actor, Mastered.DOMAINS)
    _takes_them(tenant, domains, to)
    # Resources, forwarders and groups before users, as everybody does who needs both.
    resources = Resource.objects.filter(addresses__domain__in=domains).select_related("tenant__brand", "manager")
    groups = Group.objects.filter(addresses__domain__in=domains).select_related("tenant__brand")
    forwarders = Forwarder.objects.filter(addresses__domain__in=domains).select_related("tenant__brand")
    users = ServiceUser.objects.filter(addresses__domain__in=domains).distinct()
    moved = Moved(
        resources=sum(_move_resource(actor, resource, to) for resource in resources.order_by("pk")),
        forwarders=sum(_move_forwarder(actor, forwarder, to) for forwarder in forwarders.order_by("pk")),
        groups=sum(_move_group(actor, group, to) for group in groups.order_by("pk").prefetch_related("addresses")),
        users=_move_users(actor, list(users.order_by("pk").only("pk", "display_name", "tenant")), domains, to),
    )
    remove_domains(actor=actor, tenant=tenant, domains=domains)
    return moved


def _takes_them(tenant: Tenant, domains: Sequence[Domain], to: Domain) -> None:
    if to.pk in {domain.pk for domain in domains} or not of_tenant(tenant).filter(pk=to.pk).exists():
        raise Refused("Choose a verified domain that stays.", field="to")
    found, more = queries.conflicts(domains, to)
    if found:
        number = f"More than {len(found)}" if more else str(len(found))
        raise Refused(
            f"{number} of the addresses cannot be moved to {to}: {found[0].address}: {found[0].sentence}", field="to"
        )


def _move_users(actor: Actor, users: list[ServiceUser], domains: Sequence[Domain], to: Domain) -> int:
    return move_users(actor=actor, users=users, old=domains, to=to) if users else 0


def _move_resource(actor: Actor, resource: Resource, to: Domain) -> int:
    wish = replace(as_wish(resource), address=_moved(resource.address, to))
    change_resource(actor=actor, resource=resource, wish=wish)
    return 1


def _move_forwarder(actor: Actor, forwarder: Forwarder, to: Domain) -> int:
    wish = replace(as_forwarder_wish(forwarder), address=_moved(forwarder.address, to))
    change_forwarder(actor=actor, forwarder=forwarder, wish=wish)
    return 1


def _move_group(actor: Actor, group: Group, to: Domain) -> int:
    for row in group.addresses.all():
        change_group(actor=actor, group=group, address=_moved(row.address, to))
    return 1


def _moved(address: str, to: Domain) -> str:
    return readable(f"{address.rpartition('@')[0]}@{to.name}")
