from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.inputs import one_line, whole_number
from oxherd.profiles import rules
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import ADD_ONS

# What the platform has of a profile; the rest is for people.
OF_THE_PLATFORM = ("access_combination", "class_of_service", "mail_quota_mb", "drive_quota_mb", *ADD_ONS)
CHANGEABLE = (
    *("name", "access_combination", "class_of_service", "mail_quota_mb", "drive_quota_mb", *ADD_ONS),
    *("rank", "price_label"),
)


@transaction.atomic
def add_profile(*, actor: Actor, brand: Brand, name: str, access_combination: str, **settings: Any) -> Profile:
    """Add a feature level to a brand.

    settings: any of class_of_service (of OX Cloud, several with commas; empty: called like the combination),
    mail_quota_mb, drive_quota_mb (megabytes, None: unlimited), documents, guard (of App Suite; None: as its
    combination and configuration say), rank, price_label.
    Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_PROFILES, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)  # names are compared one after the other
    profile = Profile(brand=brand)
    _assign(profile, {"name": name, "access_combination": access_combination, **settings})
    profile.save(force_insert=True)
    record(actor, Action.PROFILE_ADD, profile, place=brand, after=describe(profile))
    return profile


@transaction.atomic
def change_profile(*, actor: Actor, profile: Profile, **settings: Any) -> Profile:
    """Change a feature level; `people.rollout_commands` brings what is new to its users."""
    actor.require(Permission.MANAGE_PROFILES, profile)
    Brand.objects.select_for_update(no_key=True).get(pk=profile.brand_id)
    profile = Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
    before = describe(profile)
    _assign(profile, settings)
    profile.save(update_fields=list(settings))
    old, new = changes(before, describe(profile))
    record(actor, Action.PROFILE_CHANGE, profile, place=profile.brand, before=old, after=new)
    return profile


@transaction.atomic
def remove_profile(*, actor: Actor, profile: Profile) -> None:
    """Take a feature level away, from subscriptions too where nobody has it. Raises Refused where somebody has it."""
    actor.require(Permission.MANAGE_PROFILES, profile)
    Brand.objects.select_for_update(no_key=True).get(pk=profile.brand_id)
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    in_use = f"There are users with the profile {profile}, or recently removed ones. Give them another one first."
    if profile.accounts.exists():  # asked before: to refuse by itself, the deletion would load them all
        raise Refused(in_use)
    record(actor, Action.PROFILE_REMOVE, profile, place=profile.brand, before=describe(profile))
    try:
        with transaction.atomic():
            profile.seats.all().delete()
            profile.delete()
    except ProtectedError:  # somebody was quicker by a moment
        raise Refused(in_use) from None


def describe(profile: Profile) -> dict[str, Any]:
    return {field: getattr(profile, field) for field in CHANGEABLE}


def _assign(profile: Profile, settings: dict[str, Any]) -> None:
    if unknown := set(settings) - set(CHANGEABLE):
        raise TypeError(f"a profile has no {', '.join(sorted(unknown))}")
    for field, value in settings.items():
        setattr(profile, field, value)
    profile.name = one_line(profile.name, "name", most=100, missing="Give the profile a name.")
    profile.price_label = one_line(profile.price_label, "price_label", most=100)
    profile.rank = profile.rank or 0
    for field in ("mail_quota_mb", "drive_quota_mb", "rank"):
        whole_number(getattr(profile, field), field)
    rules.name_is_free(profile.brand, profile.name, but_for=profile.pk or 0)
    rules.combination_is_named(profile.access_combination)
    profile.class_of_service = one_line(profile.class_of_service, "class_of_service")
    rules.add_ons_can_be_said(profile)
