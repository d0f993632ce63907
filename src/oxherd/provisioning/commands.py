"""What the nouns ask of the worker. Asking happens in the same transaction as the change itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor, Place
from oxherd.errors import Refused
from oxherd.provisioning import queue
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, JobState, SubjectKind

WAITS = "SELECT EXISTS (SELECT 1 FROM oxherd_syncjob WHERE state = 'parked' AND waits_for = %s)"


def request_sync(actor: Actor, kind: SubjectKind, subject_id: int, *, place: Place) -> SyncJob:
    """Ask that the platform be made to match one object; a waiting older request is overtaken by this one.

    Call it inside the transaction that changes the object, with the object's row locked or new.
    """
    job = _job(actor, kind, subject_id, place)
    overtake(job)
    job.save(force_insert=True)
    queue.enqueue([job])
    return job


def follow_up(actor: Actor, kind: SubjectKind, subject_ids: Iterable[int], *, place: Place, delay: float = 0) -> None:
    """Ask the same for objects that depend on one just brought to the platform, without waiting for anybody's locks.

    What waits already for such an object is not overtaken: the object is then looked at once more than needed.
    delay: not before so many seconds.
    """
    jobs = [_job(actor, kind, subject_id, place) for subject_id in subject_ids]
    due = timezone.now() + timedelta(seconds=delay) if delay else None
    for job in jobs:
        job.next_try_at = due
    if jobs:
        queue.enqueue(SyncJob.objects.bulk_create(jobs, batch_size=1000), at=due)


def request_sync_of_all(
    actor: Actor, kind: SubjectKind, subject_ids: Sequence[int], *, place: Place, delay: float = 0
) -> None:
    """As `request_sync`, for many objects of one place in a few statements; their rows are locked by the caller.

    delay: not before so many seconds; until then `call_off` takes the jobs back.
    """
    waiting = SyncJob.objects.filter(
        subject_kind=kind, subject_id__in=subject_ids, state__in=(JobState.WAITING, JobState.PARKED)
    )
    overtaken = list(waiting)
    if overtaken:
        waiting.update(state=JobState.SUPERSEDED, finished_at=timezone.now(), next_try_at=None)
        queue.withdraw(*{job.subject for job in overtaken})
    follow_up(actor, kind, subject_ids, place=place, delay=delay)


def ask_in_passing(actor: Actor, kind: SubjectKind, places: Mapping[int, Place], *, priority: int) -> None:
    """As `follow_up`, for objects of many places, behind all that people have saved. places: by the object's id."""
    jobs = [_job(actor, kind, subject_id, place) for subject_id, place in places.items()]
    if jobs:
        queue.enqueue(SyncJob.objects.bulk_create(jobs, batch_size=1000), priority=priority)


def call_off(kind: SubjectKind, subject_ids: Iterable[int]) -> set[int]:
    """Take back the jobs that were put off for objects; the ids of those with which no worker has begun."""
    put_off = SyncJob.objects.filter(
        subject_kind=kind, subject_id__in=list(subject_ids), state=JobState.WAITING, tries=0, next_try_at__isnull=False
    )
    jobs = list(put_off.select_for_update().order_by("pk"))
    if jobs:
        rows = SyncJob.objects.filter(pk__in=[job.pk for job in jobs])
        rows.update(state=JobState.SUPERSEDED, finished_at=timezone.now(), next_try_at=None)
        queue.withdraw(*{job.subject for job in jobs})
    return {job.subject_id for job in jobs}


def overtake(job: SyncJob) -> None:
    """Close what waits for the same subject; what is running finishes first (the queue's lock sees to that)."""
    waiting = SyncJob.objects.filter(
        subject_kind=job.subject_kind, subject_id=job.subject_id, state__in=(JobState.WAITING, JobState.PARKED)
    )
    if waiting.exists():
        waiting.update(state=JobState.SUPERSEDED, finished_at=timezone.now(), next_try_at=None)
        queue.withdraw(job.subject)


@transaction.atomic
def retry(actor: Actor, kind: SubjectKind, subject_id: int, *, place: Place) -> SyncJob:
    """Start over for an object whose last job needs a person. Raises Refused where there is nothing to try again."""
    last = SyncJob.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-id").first()
    if last is None or last.is_put_off or (last.state not in NEEDS_A_PERSON and last.state != JobState.WAITING):
        raise Refused("There is nothing to try again.")
    return request_sync(actor, kind, subject_id, place=place)


def wake(waits_for: str, *, limit: int | None = None) -> int:
    """Send on the jobs that are parked for `waits_for`; returns how many. limit: the oldest so many only."""
    if not _waits_for(waits_for):
        return 0
    woken = 0
    while limit is None or woken < limit:
        size = 500 if limit is None else min(500, limit - woken)
        batch = _wake_batch(waits_for, size)
        woken += batch
        if batch < size:
            break
    return woken


def _job(actor: Actor, kind: SubjectKind, subject_id: int, place: Place) -> SyncJob:
    brand_id, tenant_id = place.place
    return SyncJob(
        subject_kind=kind,
        subject_id=subject_id,
        brand_id=brand_id or 0,
        tenant_id=tenant_id or 0,
        requested_by=actor.name,
        request_id=actor.request_id,
    )


def _waits_for(waits_for: str) -> bool:
    """Asked after every object that arrives, and mostly in vain: plain SQL, and no transaction."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS, [waits_for])
        return bool((cursor.fetchone() or (False,))[0])


@transaction.atomic
def _wake_batch(waits_for: str, size: int) -> int:
    parked = SyncJob.objects.filter(state=JobState.PARKED, waits_for=waits_for).order_by("id")
    jobs = list(parked.select_for_update(skip_locked=True)[:size])
    if jobs:
        SyncJob.objects.filter(pk__in=[job.pk for job in jobs]).update(state=JobState.WAITING, waits_for="")
        queue.enqueue(jobs)
    return len(jobs)
