"""A profile: what a user gets."""

from typing import Any

from oxherd.aps import bodies
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes, ours
from oxherd.aps.services import brand
from oxherd.aps.types import PROFILE
from oxherd.errors import NotYours
from oxherd.people.rollout_commands import change_level
from oxherd.profiles import commands
from oxherd.profiles.models import Profile

FIELDS = {
    "name": "name",
    "accessCombination": "access_combination",
    "classOfService": "class_of_service",
    "mailQuota": "mail_quota_mb",
    "driveQuota": "drive_quota_mb",
    "documents": "documents",
    "guard": "guard",
    "rank": "rank",
    "priceLabel": "price_label",
}


def of(row: ApsResource) -> Profile:
    """Raises NotYours for one that was removed here."""
    profile = Profile.objects.select_related("brand").filter(pk=row.object_pk).first()
    if profile is None:
        raise NotYours("There is no such profile any more.")
    return profile


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    above = brand.of(ours(call.instance, "brand", bodies.needed(call.body, "brand"), "brand"))
    row.object_id = commands.add_profile(actor=call.actor(above), brand=above, **_settings(wishes)).pk


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    if settings := _settings(asked):  # the counter is of no concern but to subscriptions
        profile = of(row)
        change_level(actor=call.actor(profile), profile=profile, **settings)


def _remove(call: Call, row: ApsResource) -> Subject | None:
    profile = Profile.objects.filter(pk=row.object_pk).first()
    if profile is not None:
        commands.remove_profile(actor=call.actor(profile), profile=profile)
    return None


def _tell(row: ApsResource) -> dict[str, Any]:
    of(row)
    return {}


def _settings(wishes: Wishes) -> dict[str, Any]:
    return {ours: wishes[theirs] for theirs, ours in FIELDS.items() if theirs in wishes}


SERVICE = Service(one=PROFILE, make=_make, change=_change, remove=_remove, tell=_tell)
