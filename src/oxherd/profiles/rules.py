import re

from oxherd.brands.abilities import Ability, why_not
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import ADD_ONS

COMBINATION = re.compile(r"[A-Za-z0-9_-]{1,100}")


def name_is_free(brand: Brand, name: str, *, but_for: int = 0) -> None:
    if Profile.objects.filter(brand=brand, name__iexact=name).exclude(pk=but_for).exists():
        raise Refused(f"{brand} has a profile named {name} already.", field="name")


def combination_is_named(combination: str) -> None:
    """Names are the keys of ModuleAccessDefinitions.properties on the platform."""
    if not COMBINATION.fullmatch(combination):
        raise Refused(
            "Give the name of an access combination of the platform, such as groupware_standard.",
            field="access_combination",
        )


def add_ons_can_be_said(profile: Profile) -> None:
    for name in ADD_ONS:
        if getattr(profile, name) is not None and (why := why_not(profile.brand, Ability.ADD_ONS)):
            raise Refused(why, field=name)
