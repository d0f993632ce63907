"""Roles that an installation makes for itself: named sets of permissions, for use where they belong and below."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import CustomRole, Membership, SignInPolicy
from oxherd.accounts.states import Permission, SecondFactor
from oxherd.administrators import rules
from oxherd.administrators.models import OPEN, Invitation
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import NotYours, Refused
from oxherd.inputs import one_line
from oxherd.tenants.models import Tenant

TOO_MUCH = "A role gives no more than you may do here yourself. You lack"


@transaction.atomic
def add_role(
    *,
    actor: Actor,
    name: str,
    permissions: Iterable[Permission],
    brand: Brand | None = None,
    tenant: Tenant | None = None,
) -> CustomRole:
    """Make a role of the provider, of a brand or of a tenant. Seeing is part of every role.

    Raises Refused at `name` (missing or taken) and `permissions` (none, or more than the actor holds there).
    """
    place = rules.place_of(brand, tenant)
    actor.require(Permission.MANAGE_ADMINISTRATORS, place)
    role = CustomRole(brand=brand, tenant=tenant, name=_name(name), permissions=_sorted(permissions))
    rules.holds(actor, role.gives, place, TOO_MUCH, field="permissions")
    _save(role, force_insert=True)
    record(actor, Action.ROLE_ADD, role, place=place, after=describe(role))
    return role


@transaction.atomic
def change_role(*, actor: Actor, role: CustomRole, name: str, permissions: Iterable[Permission]) -> CustomRole:
    """Change what a role gives to all who have it, at once.

    Raises Refused as `add_role` does; also where the role gave more than the actor holds, and for the actor's own role.
    """
    role = _held(actor, role)
    _not_ones_own(actor, role)
    place = role.tenant or role.brand
    rules.holds(actor, role.gives, place, TOO_MUCH, field="permissions")
    before = describe(role)
    role.name, role.permissions = _name(name), _sorted(permissions)
    rules.holds(actor, role.gives, place, TOO_MUCH, field="permissions")
    _save(role)
    old, new = changes(before, describe(role))
    if new:
        record(actor, Action.ROLE_CHANGE, role, place=place, before=old, after=new)
    return role


@transaction.atomic
def remove_role(*, actor: Actor, role: CustomRole) -> None:
    """Delete a role. Raises Refused while somebody has it or is invited to it, or a sign-in rule names it."""
    role = _held(actor, role)
    holders = Membership.objects.filter(custom_role=role).count()
    invited = Invitation.objects.filter(OPEN, custom_role=role).count()
    if holders or invited:
        told = [f"{holders} administrator{'s' * (holders != 1)}"] * bool(holders)
        told += [f"{invited} invitation{'s' * (invited != 1)}"] * bool(invited)
        raise Refused(f"{role} is in use by {' and '.join(told)}. Give them another role first.")
    Invitation.objects.filter(custom_role=role).delete()  # used or withdrawn: the audit tells of them
    for policy in SignInPolicy.objects.filter(second_factor=SecondFactor.SOME).select_for_update():
        policy.second_factor_roles = [key for key in policy.second_factor_roles if key != rules.key_of(role)]
        policy.save(update_fields=["second_factor_roles"])
    record(actor, Action.ROLE_REMOVE, role, place=role.tenant or role.brand, before=describe(role))
    role.delete()


def describe(role: CustomRole) -> dict[str, Any]:
    return {
        "name": role.name,
        "permissions": [str(permission.label) for permission in Permission if permission in role.gives],
    }


def _held(actor: Actor, role: CustomRole) -> CustomRole:
    rows = CustomRole.objects.select_for_update(of=("self",)).select_related("brand", "tenant__brand")
    fresh = rows.filter(pk=role.pk).first()
    if fresh is None:
        raise NotYours("There is no such role.")
    actor.require(Permission.MANAGE_ADMINISTRATORS, fresh.tenant or fresh.brand)
    return fresh


def _not_ones_own(actor: Actor, role: CustomRole) -> None:
    persons = [pk for pk in (actor.administrator_id, actor.acting_for_id) if pk]
    if Membership.objects.filter(custom_role=role, administrator__in=persons).exists():
        raise Refused("Nobody changes their own role. Ask another administrator.", field="permissions")


def _name(text: str) -> str:
    return one_line(text, "name", most=100, missing="Give the role a name.")


def _sorted(permissions: Iterable[Permission]) -> list[str]:
    wanted = {*permissions, Permission.VIEW}
    if wanted == {Permission.VIEW} and not list(permissions):
        raise Refused("Choose at least one permission.", field="permissions")
    return [permission.value for permission in Permission if permission in wanted]


def _save(role: CustomRole, **options: Any) -> None:
    try:
        with transaction.atomic():
            role.save(**options)
    except IntegrityError:
        raise Refused(f"There is a role named {role.name} here already. Choose another name.", field="name") from None
