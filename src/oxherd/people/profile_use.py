"""Who has a profile, and how much its users have in use: from counters, whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from oxherd.people.models import ProfileUse
from oxherd.profiles.models import Profile
from oxherd.tenants.models import Seats

COUNTED_EVERY = timedelta(minutes=10)
# One look at all accounts, by the worker; pages read what it wrote down.
COUNT = """
INSERT INTO oxherd_profileuse (profile_id, told, drive_used_mb, mail_used_mb, counted_at)
SELECT profile.id, count(account.drive_used_at), coalesce(sum(account.drive_used_mb), 0),
       coalesce(sum(account.mail_used_mb), 0), now()
  FROM oxherd_profile profile
  LEFT JOIN oxherd_oxaccount account ON account.profile_id = profile.id AND account.presence = 'present'
 GROUP BY profile.id
    ON CONFLICT (profile_id) DO UPDATE
   SET told = excluded.told, drive_used_mb = excluded.drive_used_mb, mail_used_mb = excluded.mail_used_mb,
       counted_at = excluded.counted_at
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Of one profile. seats: None where some customer has no limit. told, *_used_mb: None while not counted yet."""

    users: int = 0
    seats: int | None = 0
    customers: int = 0
    told: int | None = None
    drive_used_mb: int | None = None
    mail_used_mb: int | None = None
    counted_at: datetime | None = None

    @property
    def percent(self) -> int | None:
        """Of the seats; None where there is no limit."""
        return None if not self.seats else min(100 * self.users // self.seats, 100)


@dataclass(frozen=True, slots=True)
class Filled:
    """What users have in use of what their quotas add up to, in MB. room: None where there is no limit."""

    used: int
    room: int | None

    @property
    def percent(self) -> int | None:
        return None if not self.room else min(100 * self.used // self.room, 100)


def filled(used: int | None, quota: int | None, told: int | None) -> Filled | None:
    """Of the users of whom the platform has told; None while it has told of nobody."""
    return Filled(used, None if quota is None else quota * told) if told and used is not None else None


def use_of(profiles: Iterable[Profile]) -> dict[int, Use]:
    """By the profile's id; two queries."""
    pks = [profile.pk for profile in profiles]
    rows = Seats.objects.filter(profile__in=pks).order_by().values("profile_id")
    seats: dict[int, Mapping[str, Any]] = {
        row["profile_id"]: row
        for row in rows.annotate(
            users=Sum("used"),
            limit=Sum("number"),
            customers=Count("pk"),
            without_limit=Count("pk", filter=Q(number=None)),
        )
    }
    counted = ProfileUse.objects.in_bulk(pks)
    return {pk: _use(seats.get(pk), counted.get(pk)) for pk in pks}


def customers_of(profile: Profile, number: int = 20) -> list[Seats]:
    """Where most users have the profile, the most first."""
    rows = Seats.objects.filter(profile=profile).select_related("tenant")
    return list(rows.order_by("-used", "pk")[:number])


def count_use() -> int:
    """Count what is in use, unless that was done not long ago; returns for how many profiles."""
    newest = ProfileUse.objects.order_by("-counted_at").values_list("counted_at", flat=True).first()
    if newest and newest > timezone.now() - COUNTED_EVERY:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        return int(cursor.rowcount)


def _use(seats: Mapping[str, Any] | None, counted: ProfileUse | None) -> Use:
    use = Use()
    if seats:
        limit = None if seats["without_limit"] else seats["limit"] or 0
        use = Use(seats["users"], limit, seats["customers"])
    if counted is None:
        return use
    return replace(
        use,
        told=counted.told,
        drive_used_mb=counted.drive_used_mb,
        mail_used_mb=counted.mail_used_mb,
        counted_at=counted.counted_at,
    )
