import re
from typing import NoReturn

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.profiles.models import Profile
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import Mastered, TenantState

# CHECK_CONTEXT_LOGIN_MAPPING_REGEXP of the platform: the context's name becomes a login mapping.
CONTEXT_NAME = re.compile(r"[A-Za-z0-9$%.+_-]{1,100}")
# Through these the controller's own wishes come, the end of what it has removed, and the operator in need.
MASTERS_DOORS = frozenset({Door.APS, Door.WORKER, Door.CLI})


def context_name_is_allowed(brand: Brand, context_name: str) -> None:
    if not CONTEXT_NAME.fullmatch(context_name):
        raise Refused("Use letters, digits and . _ - + $ % only, 100 at most.", field="context_name")
    if Tenant.objects.filter(brand=brand, context_name__iexact=context_name).exists():
        raise Refused(f"{brand} has a context named {context_name} already.", field="context_name")


def is_ours(tenant: Tenant, actor: Actor, what: Mastered) -> None:
    """Raise Refused where a controller is the master of it, and somebody else wants to change it."""
    if tenant.managed_by and actor.door not in MASTERS_DOORS:
        raise Refused(mastery(tenant, what))


def mastery(tenant: Tenant, what: Mastered) -> str:
    """The sentence that says where to change it instead; empty where we are the master."""
    return what.label.format(tenant=tenant, controller=tenant.managed_by) if tenant.managed_by else ""


def takes_changes(tenant: Tenant) -> None:
    if tenant.state == TenantState.LEAVING:
        raise Refused(f"{tenant} is being removed and takes no more changes.")
    if tenant.state == TenantState.REMOVED:
        raise Refused(f"{tenant} was removed. Restore it before you change anything.")


def can_be_restored(tenant: Tenant) -> None:
    if tenant.state == TenantState.LEAVING:
        raise Refused(f"{tenant} is being deleted for good and cannot be restored any more.")
    if tenant.state != TenantState.REMOVED:
        raise Refused(f"{tenant} is not among what was removed.")


def reason_is_given(reason: str) -> str:
    """The reason on one line. Raises Refused at `reason` where there is none."""
    return one_line(reason, "reason", most=500, missing="Say why: it is kept in the audit log.")


def limit_covers_use(limit: int | None, used: int, field: str, what: str) -> None:
    """what: such as "domains". Raises Refused at `field` for a limit below what is there already."""
    if limit is not None and limit < used:
        there = f"There is 1 {what.removesuffix('s')}" if used == 1 else f"There are {used} {what}"
        raise Refused(f"{there} already: give at least {used}, or remove some first.", field=field)


def no_room(tenant: Tenant, limit: int, what: str, *, field: str = "display_name") -> NoReturn:
    """Raise Refused at `field`: the limit is reached. what: such as "group"."""
    raise Refused(
        f"The subscription of {tenant} has room for {limit} {what}{'' if limit == 1 else 's'}. "
        "Remove one first, or ask your provider for more.",
        field=field,
    )


def profile_is_unused(profile: Profile, used: int) -> None:
    if used:
        users = "1 user has" if used == 1 else f"{used} users have"
        raise Refused(f"{users} the profile {profile}. Give them another one before you take it away.", field="seats")


def takes_users(tenant: Tenant) -> None:
    takes_changes(tenant)
    if tenant.state == TenantState.SUSPENDED:
        raise Refused(f"{tenant} is suspended. Resume it before you add or enable users.")


def profile_is_of_the_brand(tenant_brand: int, profile: Profile) -> None:
    if profile.brand_id != tenant_brand:
        raise Refused(f"The profile {profile} belongs to another brand.", field="profile")


def seats_cover_use(profile: Profile, number: int | None, used: int) -> None:
    if number is not None and number < used:
        raise Refused(f"{used} users have the profile {profile}: give at least {used} seats.", field="seats")


def all_taken(number: int | None, profile: object) -> str:
    """The sentence for a profile without a free seat."""
    if number == 1:
        return f"The only seat of the profile {profile} is taken."
    return f"All {number} seats of the profile {profile} are taken."
