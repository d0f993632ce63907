"""A comparison from waiting to its end, for whoever carries it out. Each run has a number: only the last one writes."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from oxherd.drift import queue
from oxherd.drift.models import Comparison, Difference, RepairOrder
from oxherd.drift.states import OPEN, ComparisonState
from oxherd.tenants.commands import note_differences

# Without a sign of life for so long, a comparison that no entry of the queue carries is begun anew.
SILENCE_SECONDS = 120.0
BATCH = 500


class Overtaken(Exception):
    """Another run has taken the comparison over, or the tenant is gone: there is nothing more to do."""


@transaction.atomic
def claim(pk: int) -> Comparison | None:
    """Begin a comparison, or begin it anew; None if it has ended or is gone."""
    rows = Comparison.objects.filter(pk=pk, state__in=OPEN)
    now = timezone.now()
    claimed = rows.update(
        state=ComparisonState.RUNNING, runs=F("runs") + 1, seen_at=now, compared=0, left_out=0, counts={}, sentence=""
    )
    if not claimed:
        return None
    comparison = Comparison.objects.select_related("tenant__brand").get(pk=pk)
    forget(comparison)
    return comparison


@transaction.atomic
def keep(comparison: Comparison, differences: Sequence[Difference], *, compared: int, left_out: int) -> None:
    """Write down what was found so far, which is a sign of life too. Raises Overtaken."""
    _hold(comparison)
    for difference in differences:
        difference.comparison = comparison
        kinds = comparison.counts.setdefault(difference.object_kind, {})
        kinds[difference.kind] = kinds.get(difference.kind, 0) + 1
    Difference.objects.bulk_create(differences)
    comparison.compared += compared
    comparison.left_out += left_out
    comparison.seen_at = timezone.now()
    comparison.save(update_fields=["counts", "compared", "left_out", "seen_at"])


@transaction.atomic
def done(comparison: Comparison, sentence: str = "") -> None:
    """All was compared: this is what the panel shows now. Raises Overtaken."""
    _hold(comparison)
    older = Comparison.objects.filter(tenant=comparison.tenant, pk__lt=comparison.pk)
    for each in older:
        forget(each)
    older.delete()
    comparison.state, comparison.sentence = ComparisonState.DONE, sentence
    comparison.finished_at = timezone.now()
    comparison.save(update_fields=["state", "sentence", "finished_at"])
    note_differences(comparison.tenant_id, comparison.found, compared_at=comparison.finished_at)


@transaction.atomic
def failed(comparison: Comparison, sentence: str) -> None:
    """It could not be brought to its end; what the one before found stays. Raises Overtaken."""
    _hold(comparison)
    forget(comparison)
    Comparison.objects.filter(tenant=comparison.tenant, pk__lt=comparison.pk, state=ComparisonState.FAILED).delete()
    comparison.state, comparison.sentence, comparison.counts = ComparisonState.FAILED, sentence, {}
    comparison.finished_at = timezone.now()
    comparison.save(update_fields=["state", "sentence", "counts", "finished_at"])


def forget(comparison: Comparison) -> None:
    """Drop what a comparison has found, by statements of a bounded size."""
    while pks := list(Difference.objects.filter(comparison=comparison).values_list("pk", flat=True)[:BATCH]):
        Difference.objects.filter(pk__in=pks).delete()


def bring_back_lost() -> int:
    """Give comparisons and orders that nobody carries any more a new entry of the queue; returns how many."""
    silent = timezone.now() - timedelta(seconds=SILENCE_SECONDS)
    quiet = Q(seen_at__lt=silent) | Q(seen_at=None, created_at__lt=silent)
    comparisons = Comparison.objects.filter(quiet, state__in=OPEN)
    orders = RepairOrder.objects.filter(finished_at=None, created_at__lt=silent).select_related("comparison")
    lost = _carry(queue.COMPARE, ((each.pk, each.tenant_id) for each in comparisons))
    return lost + _carry(queue.REPAIR, ((each.pk, each.comparison.tenant_id) for each in orders))


def _carry(task: str, wanted: Iterable[tuple[int, int]]) -> int:
    lost = [(pk, tenant_id) for pk, tenant_id in wanted if not queue.is_carried(task, pk)]
    for pk, tenant_id in lost:
        queue.enqueue(task, pk, tenant_id=tenant_id)
    return len(lost)


def _hold(comparison: Comparison) -> None:
    mine = Comparison.objects.filter(pk=comparison.pk, runs=comparison.runs, state=ComparisonState.RUNNING)
    if mine.select_for_update(no_key=True).first() is None:
        raise Overtaken
