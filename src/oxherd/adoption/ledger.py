"""An adoption from waiting to its end, for the worker. Each run has a number: only the last one writes."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from oxherd.adoption.models import Adoption
from oxherd.adoption.states import OPEN, AdoptionState
from oxherd.tenants.models import Tenant


class Overtaken(Exception):
    """Another run has taken it over, or it is gone."""


def claim(pk: int) -> Adoption | None:
    """Begin an adoption, or begin it anew; None if it has ended or is gone."""
    rows = Adoption.objects.filter(pk=pk, state__in=OPEN)
    claimed = rows.update(state=AdoptionState.RUNNING, runs=F("runs") + 1, seen_at=timezone.now(), report={})
    return Adoption.objects.select_related("brand").get(pk=pk) if claimed else None


def tell(adoption: Adoption, report: dict[str, Any]) -> None:
    """How far it has come, which is a sign of life too. Raises Overtaken."""
    _write(adoption, report=report, seen_at=timezone.now())


def done(adoption: Adoption, report: dict[str, Any], tenant: Tenant | None) -> None:
    """Raises Overtaken. A rehearsal keeps its password for what was rehearsed."""
    values: dict[str, Any] = {"state": AdoptionState.DONE, "report": report, "finished_at": timezone.now()}
    if not adoption.is_rehearsal:
        values |= {"tenant": tenant, "sealed_password": ""}
    _write(adoption, **values)


def failed(adoption: Adoption, sentence: str, field: str = "") -> None:
    """Raises Overtaken."""
    _write(
        adoption,
        state=AdoptionState.FAILED,
        sentence=sentence,
        field=field,
        sealed_password="",
        finished_at=timezone.now(),
    )


def _write(adoption: Adoption, **values: Any) -> None:
    mine = Adoption.objects.filter(pk=adoption.pk, runs=adoption.runs, state=AdoptionState.RUNNING)
    if not mine.update(**values):
        raise Overtaken
