"""The verbs by which a resource and the platform's resource are brought together again, in either direction.

`holds` is what the platform was found to hold, field by field in the worker's words (`sync.resources.wanted`): the
manager by the platform's id.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.resources import rules
from oxherd.resources.commands import ResourceWish, as_wish, ask, change_resource, held, insert_resource
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant

Held = Mapping[str, Any]
PLAIN = ("name", "display_name", "description", "address")


@transaction.atomic
def send_resource_again(*, actor: Actor, resource: Resource, holds: Held) -> None:
    """The panel is right: send to the platform what it holds otherwise."""
    actor.require(Permission.REPAIR, resource)
    resource = _present(resource)
    _note(resource, holds)
    ask(actor, resource)


@transaction.atomic
def make_resource_again(*, actor: Actor, resource: Resource) -> None:
    """The panel is right: the platform shall have the resource it has not."""
    actor.require(Permission.REPAIR, resource)
    resource = _present(resource)
    forget_resources(resource.tenant, resource=resource)
    ask(actor, resource)


@transaction.atomic
def take_resource_over(*, actor: Actor, resource: Resource, holds: Held) -> None:
    """The platform is right: take over what it holds otherwise.

    Raises Refused at display_name, name, description, address or manager.
    """
    actor.require(Permission.REPAIR, resource)
    resource = _present(resource)
    _note(resource, holds)
    wish = replace(as_wish(resource), **{name: holds[name] for name in PLAIN if name in holds})
    if "manager_id" in holds:
        wish = replace(wish, manager=_manager(resource.tenant, holds["manager_id"]))
    change_resource(actor=actor, resource=resource, wish=wish)
    ask(actor, resource)


@transaction.atomic
def adopt_resource(*, actor: Actor, tenant: Tenant, ox_id: int, holds: Held) -> Resource:
    """Make a resource of the platform one of ours, without telling the platform anything.

    Raises Refused at display_name, name, description, address or manager.
    """
    if Resource.objects.filter(tenant=tenant, ox_id=ox_id).exists():
        raise Refused(f"The resource {holds['display_name']} has been taken over already.")
    manager = _manager(tenant, holds["manager_id"])
    wish = ResourceWish(**{name: holds[name] for name in PLAIN}, manager=manager)
    return insert_resource(actor, tenant, wish, ox_id=ox_id, applied=dict(holds), status=SyncStatus.IN_OX)


def forget_resources(tenant: Tenant, *, resource: Resource | None = None) -> None:
    """Of what the platform knew of resources, nothing holds any more: of one of them, or of all of the tenant."""
    resources = Resource.objects.filter(tenant=tenant)
    (resources.filter(pk=resource.pk) if resource else resources).update(ox_id=None, applied={})


def _present(resource: Resource) -> Resource:
    fresh = held(resource)
    rules.is_present(fresh)
    return fresh


def _note(resource: Resource, holds: Held) -> None:
    """Write down what the platform was found to hold: the next job sends what differs from it, and no more."""
    Resource.objects.filter(pk=resource.pk).update(applied=resource.applied | dict(holds))


def _manager(tenant: Tenant, ox_id: int | None) -> ServiceUser | None:
    """Raises Refused at `manager` for one who is no user of ours."""
    if ox_id is None:
        return None
    account = OxAccount.objects.filter(tenant=tenant, ox_id=ox_id, presence=Presence.PRESENT)
    user = ServiceUser.objects.filter(account__in=account).first()
    if user is None:
        raise Refused("Its manager in OX is not in the panel. Take this user from OX first.", field="manager")
    return user
