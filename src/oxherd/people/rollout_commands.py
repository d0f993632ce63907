"""Bringing a changed profile to those who have it: in chunks, behind all other work, however many they are."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door, Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.people.models import OxAccount, Rollout
from oxherd.profiles import commands as profiles
from oxherd.profiles.commands import OF_THE_PLATFORM
from oxherd.profiles.models import Profile
from oxherd.provisioning.commands import ask_in_passing
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, Presence, SubjectKind
from oxherd.tenants.models import Seats, Tenant

# Behind what people save, and before what is tried again.
PRIORITY = -5
# Of one rollout, so many are asked for at a time, and so many are under way at most.
CHUNK, MOST_UNDER_WAY = 500, 1000


@transaction.atomic
def change_level(*, actor: Actor, profile: Profile, **settings: Any) -> tuple[Profile, Rollout | None]:
    """Change a profile, and bring what the platform has of it to all its users.

    Returns the profile, and the rollout where there is something to bring to somebody. Raises Refused as
    `profiles.commands.change_profile` does.
    """
    before = Profile.objects.values(*OF_THE_PLATFORM).get(pk=profile.pk)
    profile = profiles.change_profile(actor=actor, profile=profile, **settings)
    if all(getattr(profile, name) == value for name, value in before.items()):
        return profile, None
    return profile, roll_out(actor=actor, profile=profile)


@transaction.atomic
def roll_out(*, actor: Actor, profile: Profile) -> Rollout | None:
    """Bring a profile to its users; one that is under way for it gives way. None where nobody has it."""
    actor.require(Permission.MANAGE_PROFILES, profile)
    Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
    Rollout.objects.filter(profile=profile, finished_at=None).update(finished_at=timezone.now())
    total = users_of(profile)
    if not total:
        return None
    rollout = Rollout.objects.create(
        profile=profile, brand_id=profile.brand_id, total=total, requested_by=actor.name, request_id=uuid4().hex
    )
    record(actor, Action.PROFILE_ROLL_OUT, profile, place=profile, after={"users": total})
    _ask_for_more(rollout)
    return rollout


def users_of(profile: Profile) -> int:
    """How many users have the profile, by the counters of the seats."""
    return Seats.objects.filter(profile=profile).aggregate(used=Sum("used"))["used"] or 0


def under_way(rollout: Rollout) -> int:
    """How many of those who were asked for have not got there yet."""
    jobs = SyncJob.objects.filter(pk__gte=rollout.first_job, request_id=rollout.request_id, state__in=OPEN)
    return jobs.count() if rollout.first_job else 0


def go_on_with_rollouts() -> int:
    """Ask for the next ones of each rollout, as far as there is room; returns for how many. Housekeeping calls it."""
    asked = 0
    for rollout in Rollout.objects.filter(finished_at=None).select_related("profile").order_by("pk"):
        waiting = under_way(rollout)
        if waiting + CHUNK <= MOST_UNDER_WAY:
            more = _ask_for_more(rollout)
            asked += more
            if not more and not waiting:
                Rollout.objects.filter(pk=rollout.pk).update(finished_at=timezone.now())
    return asked


@transaction.atomic
def _ask_for_more(rollout: Rollout) -> int:
    """The next chunk of accounts, in the order of their ids; returns how many it had."""
    accounts = OxAccount.objects.filter(
        profile=rollout.profile_id, pk__gt=rollout.last_account, presence=Presence.PRESENT
    )
    rows = list(accounts.order_by("pk").values_list("pk", "tenant_id")[:CHUNK])
    if not rows:
        return 0
    places = {pk: Tenant(pk=tenant_id, brand_id=rollout.brand_id) for pk, tenant_id in rows}
    actor = replace(system(rollout.requested_by, Door.WORKER), request_id=rollout.request_id)
    ask_in_passing(actor, SubjectKind.ACCOUNT, places, priority=PRIORITY)
    rollout.last_account, rollout.reached = rows[-1][0], rollout.reached + len(rows)
    rollout.first_job = rollout.first_job or _first_job(rollout.request_id)
    rollout.save(update_fields=["last_account", "reached", "first_job"])
    return len(rows)


def _first_job(request_id: str) -> int:
    jobs = SyncJob.objects.filter(request_id=request_id, state__in=OPEN).order_by("pk")
    return jobs.values_list("pk", flat=True).first() or 0
