"""How a resource fares, told as a controller waits for it: by the newest sync job of what it is here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from oxherd.aps.faults import Fault, header_text
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Service, Subject
from oxherd.aps.states import ResourceState
from oxherd.people.states import UserStatus
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, JobState, SubjectKind

SHORTEST_WAIT, LONGEST_WAIT = 5, 60
GROWS_EVERY = 10  # by one second for so many seconds that it has taken
# What is kept in `reported`: the job whose failure was told, whose job shows when a removed one is gone, and the
# properties as the controller has them from us.
FAILURE, LEAVING, TOLD = "failure", "leaving", "told"
ASKING = "Asking the control panel for what is needed"
PROBLEM = "problem"  # the property in which a resource says why it is in error, where its type has it


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def accepted(sentence: str, since: datetime, body: Mapping[str, Any] | None = None) -> Answer:
    """That it is being worked on: 202, with what is done, and when to ask again: later, the longer it takes."""
    age = max((timezone.now() - since).total_seconds(), 0)
    wait = min(SHORTEST_WAIT + int(age) // GROWS_EVERY, LONGEST_WAIT)
    return Answer(202, body or {}, {"APS-Info": header_text(sentence), "APS-Retry-Timeout": str(wait)})


def told_of(row: ApsResource) -> dict[str, Any]:
    """The properties as the controller was told them last."""
    told: dict[str, Any] = row.reported.get(TOLD, {})
    return told


def telling(service: Service, row: ApsResource) -> dict[str, Any]:
    """What is told of a resource, and kept, so that what comes back unchanged is known to be no wish."""
    told = service.tell(row)
    kept = {name: value for name, value in told.items() if not service.one.properties[name].is_counter}
    before = told_of(row)
    if before != {**before, **kept}:
        keep(row, TOLD, {**before, **kept})
    return told


def newest(subject: Subject | None) -> SyncJob | None:
    if subject is None:
        return None
    kind, subject_id = subject
    return SyncJob.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-id").first()


def answer(service: Service, row: ApsResource, sentence: str, *, status: int = 200, tells: bool = True) -> Answer:
    """How the resource fares. Raises Fault with the platform's sentence where it was refused, and remembers that.

    tells: with what is readonly of it; a controller keeps that of no operation.
    """
    if row.state == ResourceState.ASKED:
        said = f"{ASKING}. {row.problem}" if row.problem else ASKING
        return accepted(said, row.created_at, _unmade(service, row, UserStatus.IN_PROGRESS, ""))
    if row.state == ResourceState.FAILED:
        if cause := _unmade(service, row, UserStatus.ERROR, row.problem):
            return accepted(row.problem, timezone.now(), cause)
        keep(row, FAILURE, 0)
        raise Fault(409, row.problem, final=True)
    job = newest(service.subject(row))
    if job is not None and job.is_open:
        return accepted(_said(sentence, job), job.created_at, telling(service, row) if tells else {})
    if tells and job is not None and job.state in NEEDS_A_PERSON and (cause := _cause(service, row)):
        return accepted(_said(sentence, job), timezone.now(), cause)
    _raise_failure(row, job)
    return Answer(status, telling(service, row) if tells else {})


def _unmade(service: Service, row: ApsResource, status: str, problem: str) -> dict[str, Any]:
    """What is new of one that is not made yet; empty where the controller has heard it, or never will."""
    now = {"status": status, PROBLEM: problem}
    known = told_of(row)
    if PROBLEM not in service.one.properties or known == {**known, **now} or not (known or problem):
        return {}
    keep(row, TOLD, {**known, **now})
    return now


def _cause(service: Service, row: ApsResource) -> dict[str, Any]:
    """Why the platform does not have it as wanted, told once before the error: with that, no properties are kept."""
    if PROBLEM not in service.one.properties:
        return {}
    before = told_of(row).get(PROBLEM)
    told = telling(service, row)
    return told if told[PROBLEM] and told[PROBLEM] != before else {}


def answer_removal(row: ApsResource, sentence: str) -> Answer:
    """How the end of a removed resource fares: 204 when the platform has let go."""
    leaving = row.reported.get(LEAVING)
    job = newest((SubjectKind(leaving[0]), leaving[1])) if leaving else None
    if job is not None and job.is_open:
        return accepted(_said(sentence, job), job.created_at)
    _raise_failure(row, job)
    return Answer(204)


def was_told(row: ApsResource, job: SyncJob | None) -> bool:
    """Whether the last job needs a person, and the controller was told: if it calls again, somebody wants a retry."""
    return job is not None and job.state in NEEDS_A_PERSON and row.reported.get(FAILURE) == job.pk


def was_told_refusal(row: ApsResource) -> bool:
    return row.state == ResourceState.FAILED and row.reported.get(FAILURE) == 0


def _raise_failure(row: ApsResource, job: SyncJob | None) -> None:
    if job is None or job.state not in NEEDS_A_PERSON:
        return
    keep(row, FAILURE, job.pk)
    status = 409 if job.state == JobState.REFUSED else 500
    raise Fault(status, job.sentence or "oxherd has failed.", kind=job.cause or "failed", final=True)


def keep(row: ApsResource, name: str, value: Any) -> None:
    """Beside whatever others keep there at this moment."""
    with transaction.atomic():
        reported = ApsResource.objects.select_for_update().values_list("reported", flat=True).get(pk=row.pk)
        row.reported = {**reported, name: value}
        ApsResource.objects.filter(pk=row.pk).update(reported=row.reported)


def _said(sentence: str, job: SyncJob) -> str:
    return f"{sentence}. {job.sentence}" if job.sentence else sentence
