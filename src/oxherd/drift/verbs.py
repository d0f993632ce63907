"""What either way of a repair means for each kind of object: the ordinary commands of its room. Called by `repairs`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.drift import contexts, rules
from oxherd.drift.models import Difference, Eviction
from oxherd.drift.states import DifferenceKind, ObjectKind, Way
from oxherd.errors import Refused
from oxherd.forwarders.commands import remove_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.repair_commands import (
    adopt_forwarder,
    make_forwarder_again,
    send_forwarder_again,
    take_forwarder_over,
)
from oxherd.groups.commands import remove_group
from oxherd.groups.models import Group
from oxherd.groups.repair_commands import adopt_group, make_group_again, send_group_again, take_group_over
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.repair_commands import Stranger, adopt_user, make_user_again, send_user_again, take_user_over
from oxherd.provisioning.commands import follow_up, request_sync
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.resources.commands import hand_over, held_all, remove_resource
from oxherd.resources.models import Resource
from oxherd.resources.queries import managed_by
from oxherd.resources.repair_commands import (
    adopt_resource,
    make_resource_again,
    send_resource_again,
    take_resource_over,
)
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant
from oxherd.tenants.repair_commands import send_context_again

Verb = Callable[[Actor, Any, Difference], object]
Subject = tuple[SubjectKind, int]


@dataclass(frozen=True, slots=True)
class Verbs:
    """send, make: the panel is right about what differs, about what is missing. take, drop: the platform is.

    adopt: makes a stranger one of ours. job: the object by whose id its jobs go; the row itself where it is empty.
    """

    model: type[Model]
    kind: SubjectKind
    send: Verb
    make: Verb
    take: Verb
    drop: Verb
    adopt: Callable[[Actor, Tenant, Difference], object] | None = None
    manages: Permission = Permission.REPAIR
    job: Callable[[Any], int] = lambda row: int(row.pk)


def carry_out(actor: Actor, difference: Difference, way: Way) -> tuple[Model, Subject | None]:
    """Returns what was repaired, and whose job brings it to the platform. Raises Refused."""
    verbs = VERBS[ObjectKind(difference.object_kind)]
    if difference.kind == DifferenceKind.STRANGER:
        return (_evict if way == Way.TO_OX else _adopt)(actor, difference, verbs)
    row = _row(difference, verbs)
    subject = verbs.kind, verbs.job(row)
    if difference.kind == DifferenceKind.DIFFERENT:
        (verbs.send if way == Way.TO_OX else verbs.take)(actor, row, difference)
    else:
        (verbs.make if way == Way.TO_OX else verbs.drop)(actor, row, difference)
    return row, subject


def _row(difference: Difference, verbs: Verbs) -> Any:
    rows = verbs.model._default_manager.filter(pk=difference.subject_id)  # noqa: SLF001 - Django's documented interface
    row = rows.first()
    if row is None:
        raise Refused(f"{difference} is not in the panel any more. Compare again.")
    return row


def _evict(actor: Actor, difference: Difference, verbs: Verbs) -> tuple[Model, Subject]:
    """Ask the worker to delete the stranger on the platform."""
    tenant = difference.comparison.tenant
    actor.require(verbs.manages, tenant)
    rules.is_stranger_still(difference)
    names = {"ox_name": difference.held["name"], "name": difference.name}
    which: dict[str, Any] = {"tenant": tenant, "object_kind": difference.object_kind, "ox_id": difference.ox_id or 0}
    if not difference.ox_id:  # it has a name only
        which["ox_name"] = names["ox_name"]
    eviction, _ = Eviction.objects.update_or_create(**which, defaults=names)
    request_sync(actor, SubjectKind.STRANGER, eviction.pk, place=eviction)
    return eviction, (SubjectKind.STRANGER, eviction.pk)


def _adopt(actor: Actor, difference: Difference, verbs: Verbs) -> tuple[Any, Subject | None]:
    assert verbs.adopt  # noqa: S101 - a context is never a stranger
    return verbs.adopt(actor, difference.comparison.tenant, difference), None


def _send_user(actor: Actor, user: ServiceUser, difference: Difference) -> None:
    send_user_again(actor=actor, user=user, held=difference.held)
    _follow(actor, user, difference)


def _take_user(actor: Actor, user: ServiceUser, difference: Difference) -> None:
    photo = bytes(difference.photo) if difference.photo else None
    take_user_over(actor=actor, user=user, held=difference.held, photo=photo)
    _follow(actor, user, difference)


def _drop_user(actor: Actor, user: ServiceUser, _: Difference) -> None:
    """Whom OX has no more manages nothing there."""
    resources = held_all(managed_by(user))
    hand_over(actor=actor, resources=resources, managers={resource.pk: None for resource in resources})
    disable_ox(actor=actor, user=user)


def _follow(actor: Actor, user: ServiceUser, difference: Difference) -> None:
    """What names the user on the platform has to name the new number."""
    if "ox_id" not in difference.held:
        return
    groups = Group.objects.filter(members__user=user, presence=Presence.PRESENT).values_list("pk", flat=True)
    resources = Resource.objects.filter(manager=user, presence=Presence.PRESENT).values_list("pk", flat=True)
    follow_up(actor, SubjectKind.GROUP, list(groups), place=user)
    follow_up(actor, SubjectKind.RESOURCE, list(resources), place=user)


def _adopt_user(actor: Actor, tenant: Tenant, difference: Difference) -> ServiceUser:
    photo = bytes(difference.photo) if difference.photo else None
    stranger = Stranger(ox_id=difference.ox_id or 0, held=difference.held, photo=photo)
    return adopt_user(actor=actor, tenant=tenant, stranger=stranger)


def _send_catch_all(actor: Actor, domain: Domain, _: Difference) -> None:
    """Its push compares with the platform by itself."""
    actor.require(Permission.REPAIR, domain)
    request_sync(actor, SubjectKind.CATCH_ALLS, domain.tenant_id, place=domain)


def _take_catch_all(actor: Actor, domain: Domain, difference: Difference) -> None:
    """Raises Refused for one who is no user of ours."""
    name = difference.held["catch_all"]
    address = ""
    if name:
        accounts = OxAccount.objects.filter(tenant=domain.tenant_id, ox_name=name, presence=Presence.PRESENT)
        address = accounts.values_list("primary_address", flat=True).first() or ""
        if not address:
            raise Refused(f"{name} gets this mail in OX, and is not in the panel. Take this user from OX first.")
    change_domain(actor=actor, domain=domain, catch_all=address)


VERBS = {
    ObjectKind.CONTEXT: Verbs(
        Tenant,
        SubjectKind.TENANT,
        send=lambda actor, row, difference: send_context_again(actor=actor, tenant=row, holds=difference.held),
        make=lambda actor, row, _: contexts.make_all_again(actor=actor, tenant=row),
        take=lambda actor, row, difference: contexts.take_context_over(actor=actor, tenant=row, holds=difference.held),
        drop=lambda actor, row, _: delete_tenant(actor=actor, tenant=row),
    ),
    ObjectKind.USER: Verbs(
        ServiceUser,
        SubjectKind.ACCOUNT,
        send=_send_user,
        make=lambda actor, row, _: make_user_again(actor=actor, user=row),
        take=_take_user,
        drop=_drop_user,
        adopt=_adopt_user,
        manages=Permission.MANAGE_USERS,
        job=lambda row: OxAccount.objects.filter(user=row).values_list("pk", flat=True).first() or 0,
    ),
    ObjectKind.GROUP: Verbs(
        Group,
        SubjectKind.GROUP,
        send=lambda actor, row, difference: send_group_again(actor=actor, group=row, holds=difference.held),
        make=lambda actor, row, _: make_group_again(actor=actor, group=row),
        take=lambda actor, row, difference: take_group_over(actor=actor, group=row, holds=difference.held),
        drop=lambda actor, row, _: remove_group(actor=actor, group=row),
        adopt=lambda actor, tenant, difference: adopt_group(
            actor=actor, tenant=tenant, ox_id=difference.ox_id or 0, holds=difference.held
        ),
        manages=Permission.MANAGE_GROUPS,
    ),
    ObjectKind.RESOURCE: Verbs(
        Resource,
        SubjectKind.RESOURCE,
        send=lambda actor, row, difference: send_resource_again(actor=actor, resource=row, holds=difference.held),
        make=lambda actor, row, _: make_resource_again(actor=actor, resource=row),
        take=lambda actor, row, difference: take_resource_over(actor=actor, resource=row, holds=difference.held),
        drop=lambda actor, row, _: remove_resource(actor=actor, resource=row),
        adopt=lambda actor, tenant, difference: adopt_resource(
            actor=actor, tenant=tenant, ox_id=difference.ox_id or 0, holds=difference.held
        ),
        manages=Permission.MANAGE_GROUPS,
    ),
    ObjectKind.FORWARDER: Verbs(
        Forwarder,
        SubjectKind.FORWARDER,
        send=lambda actor, row, difference: send_forwarder_again(actor=actor, forwarder=row, holds=difference.held),
        make=lambda actor, row, _: make_forwarder_again(actor=actor, forwarder=row),
        take=lambda actor, row, difference: take_forwarder_over(actor=actor, forwarder=row, holds=difference.held),
        drop=lambda actor, row, _: remove_forwarder(actor=actor, forwarder=row),
        adopt=lambda actor, tenant, difference: adopt_forwarder(
            actor=actor, tenant=tenant, address=difference.held["name"], holds=difference.held
        ),
        manages=Permission.MANAGE_GROUPS,
    ),
    ObjectKind.CATCH_ALL: Verbs(
        Domain,
        SubjectKind.CATCH_ALLS,
        send=_send_catch_all,
        make=_send_catch_all,
        take=_take_catch_all,
        drop=_take_catch_all,
        manages=Permission.MANAGE_DOMAINS,
        job=lambda row: row.tenant_id,
    ),
}
