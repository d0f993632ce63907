"""The verbs of comparisons. What repairs a difference stands in `repairs`."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.drift import queue, rules
from oxherd.drift.ledger import SILENCE_SECONDS
from oxherd.drift.models import Comparison
from oxherd.drift.states import OPEN, ComparisonState
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant


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
