"""What is done to those who can sign in: their roles, and whether they may sign in at all."""

from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Permission
from oxherd.administrators import rules
from oxherd.administrators.rules import AnyRole
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import NotYours, Refused
from oxherd.tenants.models import Tenant


@transaction.atomic
def give_role(
    *,
    actor: Actor,
    administrator: Administrator,
    role: AnyRole,
    brand: Brand | None = None,
    tenant: Tenant | None = None,
) -> Membership:
    """Give an administrator a role on a brand, on a tenant, or (neither given) on the provider, without asking them.

    Raises Refused at `role`: of another level, more than the actor holds there, the actor's own, or held already.
    """
    place = rules.place_of(brand, tenant)
    rules.may_give(actor, role, place)
    rules.is_active(administrator)
    _not_oneself(actor, administrator.pk)
    membership, is_new = Membership.objects.get_or_create(
        administrator=administrator, brand=brand, tenant=tenant, **rules.columns_of(role)
    )
    if not is_new:
        raise Refused(f"{administrator} has this role here already.", field="role")
    after = {"role": rules.name_of(role)}
    record(actor, Action.ADMINISTRATOR_GRANT, administrator, place=place, after=after)
    return membership


@transaction.atomic
def change_role(*, actor: Actor, membership: Membership, role: AnyRole) -> Membership:
    """Give another role in place of this one, at the same place.

    Raises Refused at `role`: the actor's own, more than the actor holds there (be it the old or the new one), of
    another level, held already, or the last operator's.
    """
    membership = _held(membership)
    place = membership.tenant or membership.brand
    rules.may_take(actor, membership)
    rules.may_give(actor, role, place)
    before, after = membership.role_name, rules.name_of(role)
    columns = rules.columns_of(role)
    if rules.key_of(rules.role_of(membership)) == rules.key_of(role):
        return membership
    if rules.is_operator(membership):
        rules.somebody_runs_the_installation(without=[membership.pk])
    others = Membership.objects.filter(
        administrator=membership.administrator_id, brand=membership.brand, tenant=membership.tenant, **columns
    )
    if others.exists():
        raise Refused(f"{membership.administrator} has the role {after} here already.", field="role")
    for name, value in columns.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(columns))
    record(
        actor,
        Action.ADMINISTRATOR_ROLE,
        membership.administrator,
        place=place,
        before={"role": before},
        after={"role": after},
    )
    return membership


@transaction.atomic
def take_role(*, actor: Actor, membership: Membership) -> None:
    """Take a role away. The person stays, with the roles at other places. Raises Refused as `change_role` does."""
    membership = _held(membership)
    rules.may_take(actor, membership)
    if rules.is_operator(membership):
        rules.somebody_runs_the_installation(without=[membership.pk])
    place, before = membership.tenant or membership.brand, {"role": membership.role_name}
    administrator = membership.administrator
    membership.delete()
    record(actor, Action.ADMINISTRATOR_REMOVE, administrator, place=place, before=before)


@transaction.atomic
def deactivate(*, actor: Actor, administrator: Administrator) -> None:
    """Keep somebody out from now on: all sessions end at once, the roles stay for a reactivation.

    Raises Refused for oneself, for the last operator, and where the actor does not hold all that this person holds.
    """
    administrator = _whole_person(actor, administrator)
    if not administrator.is_active:
        return
    held = _memberships(administrator)
    if any(rules.is_operator(membership) for membership in held):
        rules.somebody_runs_the_installation(without=[membership.pk for membership in held])
    administrator.is_active = False
    administrator.session_epoch += 1
    administrator.save(update_fields=["is_active", "session_epoch"])
    _tell_all_places(actor, Action.ADMINISTRATOR_DEACTIVATE, administrator, {"is_active": True}, {"is_active": False})


@transaction.atomic
def reactivate(*, actor: Actor, administrator: Administrator) -> None:
    """Let somebody in again, with the same roles and password. Raises Refused as `deactivate` does."""
    administrator = _whole_person(actor, administrator)
    if administrator.is_active:
        return
    administrator.is_active = True
    administrator.save(update_fields=["is_active"])
    _tell_all_places(actor, Action.ADMINISTRATOR_REACTIVATE, administrator, {"is_active": False}, {"is_active": True})


def may_decide_about(actor: Actor, administrator: Administrator) -> bool:
    """Whether the actor may deactivate and reactivate this person: for the pages, which show buttons by it."""
    try:
        _holds_all_of(actor, administrator)
    except Refused:
        return False
    return True


def _whole_person(actor: Actor, administrator: Administrator) -> Administrator:
    """The administrator as it is now, locked. Raises Refused for oneself, and NotYours for who is out of sight."""
    fresh = Administrator.objects.select_for_update(no_key=True).filter(pk=administrator.pk).first()
    if fresh is None:
        raise NotYours("There is no such administrator.")
    _holds_all_of(actor, fresh)
    return fresh


def _holds_all_of(actor: Actor, administrator: Administrator) -> None:
    _not_oneself(actor, administrator.pk)
    held = _memberships(administrator)
    everywhere = (
        all(actor.may(Permission.MANAGE_ADMINISTRATORS, membership) for membership in held)
        if held
        else actor.may(Permission.MANAGE_ADMINISTRATORS)
    )
    if not everywhere:
        raise Refused(
            f"{administrator} has roles at places that you do not manage. Take away the role here instead.", field=None
        )
    for membership in held:
        role = rules.role_of(membership)
        place = membership if membership.place != (None, None) else None
        rules.holds(actor, rules.gives(role), place, f"{administrator} may do more than you", field="")


def _not_oneself(actor: Actor, administrator_id: int) -> None:
    if administrator_id in {actor.administrator_id, actor.acting_for_id}:
        raise Refused("Nobody decides about themselves. Ask another administrator.", field="role")


def _memberships(administrator: Administrator) -> list[Membership]:
    rows = Membership.objects.filter(administrator=administrator).select_related(
        "brand", "tenant__brand", "custom_role"
    )
    return list(rows.order_by("pk"))


def _held(membership: Membership) -> Membership:
    """As it is now, locked. Raises NotYours for one that is gone."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related(
        "brand", "tenant__brand", "custom_role", "administrator"
    )
    fresh = rows.filter(pk=membership.pk).first()
    if fresh is None:
        raise NotYours("This role has been taken away meanwhile.")
    return fresh


def _tell_all_places(
    actor: Actor, action: Action, administrator: Administrator, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """One entry at each place where the person has a role: each sees it in its own audit."""
    places: dict[Any, Membership | None] = {row.place: row for row in _memberships(administrator)} or {None: None}
    for place in places.values():
        record(actor, action, administrator, place=place, before=before, after=after)
