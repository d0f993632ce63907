"""Repairs differences, either way, by the ordinary commands. What is to reach the platform goes by the ledger."""

import logging
from array import array
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.drift import rules
from oxherd.drift.models import Difference
from oxherd.drift.queries import light
from oxherd.drift.states import DifferenceKind, ObjectKind, Way
from oxherd.drift.verbs import carry_out
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.provisioning.commands import retry
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants.commands import note_repaired

logger = logging.getLogger(__name__)

BATCH = 200
# What makes room comes first: a name that is to go before one that is to come.
ORDER = {
    Way.TO_OX: (DifferenceKind.GONE, DifferenceKind.STRANGER, DifferenceKind.DIFFERENT, DifferenceKind.MISSING),
    Way.FROM_OX: (DifferenceKind.GONE, DifferenceKind.MISSING, DifferenceKind.DIFFERENT, DifferenceKind.STRANGER),
}
REPAIRED = ("repair", "repaired_by", "repaired_at", "job_kind", "job_subject", "refusal", "order")


def repair(*, actor: Actor, difference: Difference, way: Way) -> None:
    """Repair one difference. Raises Refused where it was repaired meanwhile, or a rule of ours says no.

    A refusal is kept with the difference, so that the list can tell it.
    """
    actor.require(Permission.REPAIR, difference)
    try:
        _repair(actor, difference, way)
    except (Refused, NotAllowed) as no:
        Difference.objects.filter(pk=difference.pk, repair="").update(refusal=no.sentence, order=None)
        raise
    note_repaired(difference.comparison.tenant_id)  # by itself: others hold the tenant while they wait for our rows


@transaction.atomic
def try_again(*, actor: Actor, difference: Difference) -> None:
    """Try again what OX refused of a repair. Raises Refused where there is nothing to try again."""
    actor.require(Permission.RETRY, difference)
    difference = _held(difference)
    if difference.job_subject is None:
        raise Refused("There is nothing to try again.")
    retry(actor, SubjectKind(difference.job_kind), difference.job_subject, place=difference)
    record(actor, Action.DRIFT_RETRY, difference.comparison.tenant, place=difference, after={"object": str(difference)})


@transaction.atomic
def _repair(actor: Actor, difference: Difference, way: Way) -> None:
    difference = _held(difference)
    rules.is_not_repaired(difference)
    repaired, subject = carry_out(actor, difference, way)
    difference.repair, difference.repaired_by, difference.repaired_at = way, actor.name, timezone.now()
    difference.job_kind, difference.job_subject = subject or ("", None)
    difference.refusal, difference.order = "", None
    difference.save(update_fields=REPAIRED)
    here, there = difference.here, difference.there
    if way == Way.TO_OX:
        record(actor, Action.DRIFT_TO_OX, repaired, place=difference, before=there, after=here)
    else:
        record(actor, Action.DRIFT_FROM_OX, repaired, place=difference, before=here, after=there)


def _held(difference: Difference) -> Difference:
    """The difference as it is now, locked against other repairs. Raises Refused when a new comparison replaced it."""
    rows = Difference.objects.select_for_update(of=("self",)).select_related("comparison__tenant__brand")
    fresh = rows.defer("search", "search_text").filter(pk=difference.pk).first()
    if fresh is None:
        raise Refused("There was a new comparison meanwhile. Look at its list.")
    return fresh


def repair_all(*, actor: Actor, rows: QuerySet[Difference], way: Way) -> Iterator[tuple[Difference, str]]:
    """Repair all of the rows that are open, each on its own; tells each with the sentence of a refusal, if any.

    In the order in which one needs the other. What is refused is tried once more when the others of its kind are done:
    one may have stood in the other's way, as with an address that moved from one user to another.
    """
    rows = rows.filter(repair="").select_related("comparison__tenant__brand")
    for object_kind in ObjectKind:
        refused = array("q")
        for kind in ORDER[way]:
            for difference in _in_batches(rows.filter(object_kind=object_kind, kind=kind)):
                if _refusal(actor, difference, way):
                    refused.append(difference.pk)
                else:
                    yield difference, ""
        for start in range(0, len(refused), BATCH):
            again = light(Difference.objects.filter(repair="", pk__in=refused[start : start + BATCH].tolist()))
            for difference in again.select_related("comparison__tenant__brand").order_by("pk"):
                yield difference, _refusal(actor, difference, way)


def _refusal(actor: Actor, difference: Difference, way: Way) -> str:
    try:
        repair(actor=actor, difference=difference, way=way)
    except (Refused, NotAllowed, NotYours) as no:
        return no.sentence
    except (OperationalError, InterfaceError):  # our own database: whoever carries this out begins again
        raise
    except Exception:
        logger.exception("difference %s cannot be repaired", difference.pk)
        sentence = f"An error in oxherd stopped this. Tell your provider the number {difference.pk}."
        Difference.objects.filter(pk=difference.pk).update(refusal=sentence, order=None)
        return sentence
    return ""


def _in_batches(rows: QuerySet[Difference]) -> Iterator[Difference]:
    last = 0
    rows = light(rows).order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk
