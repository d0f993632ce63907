import re

from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.profiles.models import Profile
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

# CHECK_CONTEXT_LOGIN_MAPPING_REGEXP of the platform: the context's name becomes a login mapping.
CONTEXT_NAME = re.compile(r"[A-Za-z0-9$%.+_-]{1,100}")


def context_name_is_allowed(brand: Brand, context_name: str) -> None:
    if not CONTEXT_NAME.fullmatch(context_name):
        raise Refused("Use letters, digits and . _ - + $ % only, 100 at most.", field="context_name")
    if Tenant.objects.filter(brand=brand, context_name__iexact=context_name).exists():
        raise Refused(f"{brand} has a context named {context_name} already.", field="context_name")


def takes_changes(tenant: Tenant) -> None:
    if tenant.state == TenantState.LEAVING:
        raise Refused(f"{tenant} is being removed and takes no more changes.")


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
