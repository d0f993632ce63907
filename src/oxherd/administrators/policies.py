"""Sign-in rules of the provider, a brand or a tenant."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import SignInPolicy
from oxherd.accounts.states import Permission, SecondFactor
from oxherd.administrators import rules
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant

IDLE_MINUTES = (5, 7 * 24 * 60)
SESSION_HOURS = (1, 14 * 24)
PASSWORD_LENGTH = (8, 64)


@dataclass(frozen=True, slots=True)
class PolicyWish:
    """What a level asks for. None or empty: nothing of its own. second_factor_roles: keys such as "help_desk"."""

    second_factor: str = ""
    second_factor_roles: Sequence[str] = ()
    idle_minutes: int | None = None
    session_hours: int | None = None
    shortest_password: int | None = None
    checks_breaches: bool | None = None
    forbids_acting_for: bool = False


@transaction.atomic
def change_policy(
    *, actor: Actor, wish: PolicyWish, brand: Brand | None = None, tenant: Tenant | None = None
) -> SignInPolicy:
    """Set the rules of one level; the strictest on the way down holds for each person, from the next request on.

    Raises Refused at the field for what is out of range, and at `second_factor_roles` where roles are to be chosen.
    """
    place = rules.place_of(brand, tenant)
    actor.require(Permission.MANAGE_ADMINISTRATORS, place)
    _in_range(wish)
    policy, _ = SignInPolicy.objects.select_for_update(of=("self",)).get_or_create(brand=brand, tenant=tenant)
    if actor.acting_for_id and wish.forbids_acting_for != policy.forbids_acting_for:
        raise Refused("Only the customer's own administrators decide about this.", field="forbids_acting_for")
    before = describe(policy)
    for name, value in asdict(wish).items():
        setattr(policy, name, list(value) if name == "second_factor_roles" else value)
    policy.forbids_acting_for = wish.forbids_acting_for and tenant is not None
    policy.save()
    old, new = changes(before, describe(policy))
    if new:
        record(actor, Action.POLICY_CHANGE, policy, place=place, before=old, after=new)
    return policy


def describe(policy: SignInPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in PolicyWish.__slots__}


def _in_range(wish: PolicyWish) -> None:
    for field, (least, most) in (
        ("idle_minutes", IDLE_MINUTES),
        ("session_hours", SESSION_HOURS),
        ("shortest_password", PASSWORD_LENGTH),
    ):
        number = getattr(wish, field)
        if number is not None and not least <= number <= most:
            raise Refused(f"Give a number from {least:,} to {most:,}, or none.", field=field)
    if wish.second_factor == SecondFactor.SOME and not wish.second_factor_roles:
        raise Refused("Choose the roles, or ask everybody for it.", field="second_factor_roles")
    if wish.second_factor not in {"", *SecondFactor.values}:
        raise Refused("Choose one of the list.", field="second_factor")
