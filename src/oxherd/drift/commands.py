"""The verbs of comparisons. What repairs a difference stands in `repairs`."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door, Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.drift import queue, rules
from oxherd.drift.ledger import SILENCE_SECONDS
from oxherd.drift.models import Comparison
from oxherd.drift.states import OPEN, ComparisonState
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import GONE

NIGHT_SECONDS = 6 * 3600
# What was due then may still begin for so long: the worker may have been busy, or stopped.
GRACE_SECONDS = 2 * 3600
SPREAD = 7919  # a prime: neighbours begin far apart


@transaction.atomic
def request_comparison(*, actor: Actor, tenant: Tenant, is_deep: bool = False, is_nightly: bool = False) -> Comparison:
    """Ask the worker to compare a tenant with its context; where one is on its way, that is the answer.

    is_deep: the modules of each user too, which costs the platform a call for each.
    """
    actor.require(Permission.REPAIR, tenant)
    rules.can_be_compared(tenant)
    comparison, is_new = _begin(actor, tenant, is_deep=is_deep, is_nightly=is_nightly)
    if is_new:
        queue.enqueue(queue.COMPARE, comparison.pk, tenant_id=tenant.pk, nightly=is_nightly)
        record(actor, Action.DRIFT_COMPARE, tenant, place=tenant, after={"modules": is_deep})
    elif is_deep and not comparison.is_deep:
        Comparison.objects.filter(pk=comparison.pk, state=ComparisonState.WAITING).update(is_deep=True)
    return comparison


@transaction.atomic
def begin_comparison(*, actor: Actor, tenant: Tenant, is_deep: bool = False) -> Comparison:
    """A comparison that the caller carries out at once. Raises Refused where one is being carried out elsewhere."""
    actor.require(Permission.REPAIR, tenant)
    rules.can_be_compared(tenant)
    comparison, is_new = _begin(actor, tenant, is_deep=is_deep)
    if is_new:
        record(actor, Action.DRIFT_COMPARE, tenant, place=tenant, after={"modules": is_deep})
        return comparison
    lively = timezone.now() - timedelta(seconds=SILENCE_SECONDS)
    if comparison.state == ComparisonState.RUNNING and comparison.seen_at and comparison.seen_at > lively:
        raise Refused(f"{tenant} is being compared at this moment. Try again in a while.")
    Comparison.objects.filter(pk=comparison.pk).update(is_deep=is_deep)
    return comparison


def request_nightly_comparisons(*, hour: int, most: int) -> int:
    """Ask for the comparisons of this night that are due by now, at most so many; returns for how many.

    hour: of the day (UTC) at which the night begins. Each tenant has its own moment of the night, the same every night;
    who was compared since the night began is left out, and so are tenants of brands whose platform is down.
    """
    now = timezone.now()
    began = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    began -= timedelta(days=1) if began > now else timedelta()
    seconds = int((now - began).total_seconds())
    if seconds > NIGHT_SECONDS + GRACE_SECONDS:
        return 0
    tonight = Comparison.objects.filter(tenant=OuterRef("pk"), created_at__gte=began)
    due = Tenant.objects.annotate(moment=F("id") * SPREAD % NIGHT_SECONDS).filter(moment__lte=seconds)
    due = due.exclude(state__in=GONE).filter(~Exists(tonight), brand__health__opened_at=None)
    actor = system("oxherd", Door.WORKER)
    tenants = list(due.select_related("brand").order_by("pk")[:most])
    for tenant in tenants:
        request_comparison(actor=actor, tenant=tenant, is_nightly=True)
    return len(tenants)


def _begin(actor: Actor, tenant: Tenant, *, is_deep: bool, is_nightly: bool = False) -> tuple[Comparison, bool]:
    """The open comparison of the tenant, and whether it was made just now."""
    fresh = Comparison(tenant=tenant, requested_by=actor.name, is_deep=is_deep, is_nightly=is_nightly)
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:  # there may be one open at a time
        present = Comparison.objects.filter(tenant=tenant, state__in=OPEN).first()
        if present is None:
            raise
        return present, False
    return fresh, True
