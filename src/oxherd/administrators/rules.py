"""Who may give which role where, and what must not happen to those who have one."""

from collections.abc import Iterable
from typing import Any

from oxherd.accounts.actor import Actor, Place
from oxherd.accounts.models import Administrator, CustomRole, Membership, RoleSomewhere
from oxherd.accounts.states import MAY, ON_BRAND, ON_PROVIDER, ON_TENANT, Permission, Role
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant

# A role of ours, or one that was made here.
AnyRole = Role | CustomRole


def place_of(brand: Brand | None, tenant: Tenant | None) -> Brand | Tenant | None:
    """The one level that is meant; None is the provider. Raises Refused at `role` where two are given."""
    if brand is not None and tenant is not None:
        raise Refused("A role is given on one level: the provider, a brand or a customer.", field="role")
    return tenant or brand


def gives(role: AnyRole) -> frozenset[Permission]:
    return MAY[role] if isinstance(role, Role) else role.gives


def name_of(role: AnyRole) -> str:
    return str(role.label) if isinstance(role, Role) else role.name


def key_of(role: AnyRole) -> str:
    """As forms and policies write it: "help_desk", or "custom:7"."""
    return role.value if isinstance(role, Role) else f"custom:{role.pk}"


def columns_of(role: AnyRole) -> dict[str, Any]:
    """The role as memberships and invitations keep it."""
    return {"role": role.value, "custom_role": None} if isinstance(role, Role) else {"role": "", "custom_role": role}


def role_of(row: RoleSomewhere) -> AnyRole:
    if row.role:
        return Role(row.role)
    assert row.custom_role  # noqa: S101 - a constraint of the table says so
    return row.custom_role


def may_give(actor: Actor, role: AnyRole, place: Brand | Tenant | None) -> None:
    """Raise unless the actor manages administrators there, the role belongs there, and gives no more than they hold."""
    actor.require(Permission.MANAGE_ADMINISTRATORS, place)
    role_belongs_there(role, place)
    holds(actor, gives(role), place, f"The role {name_of(role)} allows more than yours does here")


def may_take(actor: Actor, membership: Membership) -> None:
    """Raise unless the actor may change or take away this role."""
    actor.require(Permission.MANAGE_ADMINISTRATORS, _place(membership))
    if membership.administrator_id in {actor.administrator_id, actor.acting_for_id}:
        raise Refused("Nobody changes their own role. Ask another administrator.", field="role")
    role = role_of(membership)
    holds(actor, gives(role), _place(membership), f"The role {name_of(role)} allows more than yours does here")


def holds(actor: Actor, wanted: Iterable[Permission], place: Place | None, begin: str, field: str = "role") -> None:
    """Raise Refused at `field` where the actor does not hold all of it there. begin: of the sentence."""
    more = frozenset(wanted) - actor.held(place)
    if more:
        names = ", ".join(sorted(str(permission.label).lower() for permission in more))
        raise Refused(f"{begin}: {names}.", field=field)


def role_belongs_there(role: AnyRole, place: Brand | Tenant | None) -> None:
    """Raise Refused at `role` for a role of another level or of somebody else."""
    if isinstance(role, Role):
        if role not in roles_at(place):
            where = "the provider" if place is None else "a brand" if isinstance(place, Brand) else "a customer"
            raise Refused(f"{role.label} is no role for {where}.", field="role")
        return
    owner_brand, owner_tenant = role.place
    brand_id, tenant_id = place.place if place else (None, None)
    fits = owner_tenant == tenant_id if owner_tenant else owner_brand in {None, brand_id}
    if not fits:
        raise Refused("There is no such role here.", field="role")


def roles_at(place: Brand | Tenant | None) -> tuple[Role, ...]:
    if place is None:
        return ON_PROVIDER
    return ON_BRAND if isinstance(place, Brand) else ON_TENANT


def somebody_runs_the_installation(without: Iterable[int]) -> None:
    """Raise Refused if, without these memberships, no active operator is left. Two at once wait for each other."""
    operators = Membership.objects.filter(role=Role.OPERATOR, brand=None, tenant=None)
    list(operators.select_for_update().order_by("pk"))
    # Asked only now: who waited for the lock must see what the other one did, to the people too.
    if not operators.filter(administrator__is_active=True).exclude(pk__in=list(without)).exists():
        raise Refused("This is the last operator. Make somebody else an operator first.", field="role")


def is_operator(membership: Membership) -> bool:
    return membership.role == Role.OPERATOR and membership.brand_id is None and membership.tenant_id is None


def is_active(administrator: Administrator) -> None:
    if not administrator.is_active:
        raise Refused(f"{administrator} is deactivated. Reactivate this administrator first.", field="email")


def _place(row: RoleSomewhere) -> Brand | Tenant | None:
    return row.tenant or row.brand
