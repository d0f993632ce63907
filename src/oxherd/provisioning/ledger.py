"""The ledger's transitions, for the worker. Each is one conditional update, for whoever claimed the job last.

A worker that was taken for dead may still be at work, and end after its successor: what it says then changes nothing.
"""

import random
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from oxherd.errors import OxherdError
from oxherd.provisioning import queue
from oxherd.provisioning.commands import wake
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, JobState

LONGEST_BACK_OFF_SECONDS = 300.0


# Plain SQL with the row's columns in the model's order, since it runs for every object: as a raw query of the ORM it
# took three times the processor's time.
JOB = [field.attname for field in SyncJob._meta.concrete_fields]  # noqa: SLF001 - Django's documented interface
CLAIM = f"""
UPDATE oxherd_syncjob job
   SET state = 'running', tries = tries + 1, started_at = now(), next_try_at = NULL
  FROM oxherd_brand brand LEFT JOIN oxherd_platformhealth health ON health.brand_id = brand.id
 WHERE job.id = %s AND job.state IN ('waiting', 'running') AND brand.id = job.brand_id
RETURNING {", ".join(f"job.{name}" for name in JOB)},
          brand.concurrency, health.opened_at IS NOT NULL, coalesce(health.failing <> '[]', false)
"""  # noqa: S608 - names of the model's own columns


def claim(job_id: int) -> SyncJob | None:
    """Take a job: None if it is closed, overtaken, parked or gone.

    A job left running by a worker that died can be claimed again; the queue's lock keeps two workers apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [job_id])
        row = cursor.fetchone()
    if row is None:
        return None
    job = SyncJob.from_db(connection.alias, JOB, row[: len(JOB)])
    job.brand_limit, job.brand_is_down, job.brand_is_failing = row[len(JOB) :]
    return job


def done(job: SyncJob) -> bool:
    """Close a job that has reached its aim; False, and nothing else may be written, if it is ours no more."""
    return _close(job, JobState.DONE)


def close(job: SyncJob, state: JobState, error: OxherdError) -> bool:
    """Close a job that needs a person; False if it is ours no more."""
    return _close(job, state, sentence=error.sentence, cause=error.code)


def superseded(job: SyncJob) -> None:
    _close(job, JobState.SUPERSEDED)


def park(job: SyncJob, waits_for: str, sentence: str) -> None:
    """Put a claimed job aside until `waits_for` wakes it; the try does not count.

    What it waits for may have come true meanwhile: look again afterwards, and wake.
    """
    _ours(job).update(state=JobState.PARKED, waits_for=waits_for, tries=F("tries") - 1, sentence=sentence)


@transaction.atomic
def try_again(job: SyncJob, error: OxherdError) -> bool:
    """Schedule another try with exponential back-off and jitter; False, and stuck, when the tries are used up."""
    if job.tries >= settings.SYNC_TRIES:
        return not close(job, JobState.STUCK, error)
    ceiling = min(settings.SYNC_BACK_OFF_SECONDS * 2 ** (job.tries - 1), LONGEST_BACK_OFF_SECONDS)
    due = timezone.now() + timedelta(seconds=ceiling * random.uniform(0.5, 1))  # noqa: S311 - spread, not secrecy
    waiting = _ours(job).update(state=JobState.WAITING, next_try_at=due, sentence=error.sentence, cause=error.code)
    if waiting:
        queue.enqueue([job], at=due)
    return True


def is_overtaken(job: SyncJob) -> bool:
    """Whether a newer job of the same subject is open."""
    newer = SyncJob.objects.filter(
        subject_kind=job.subject_kind, subject_id=job.subject_id, pk__gt=job.pk, state__in=OPEN
    )
    return newer.exists()


def running(brand_id: int) -> int:
    return SyncJob.objects.filter(brand_id=brand_id, state=JobState.RUNNING).count()


def free_a_slot(brand_id: int) -> None:
    """Let the oldest job that waits for a slot of a limited brand go on."""
    wake(f"slot:{brand_id}", limit=1)


@transaction.atomic
def bring_back_lost(older_than_seconds: float) -> int:
    """Give open jobs without a queue entry a new one; returns how many."""
    lost = list(SyncJob.objects.filter(pk__in=queue.lost_jobs(older_than_seconds)).select_for_update(skip_locked=True))
    if lost:
        queue.enqueue(lost)
    return len(lost)


def parked_for() -> list[str]:
    """All that parked jobs wait for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT waits_for FROM oxherd_syncjob WHERE state = 'parked'")
        return [row[0] for row in cursor.fetchall()]


def _close(job: SyncJob, state: JobState, sentence: str = "", cause: str = "") -> bool:
    now = timezone.now()
    return bool(_ours(job).update(state=state, sentence=sentence, cause=cause, finished_at=now, next_try_at=None))


def _ours(job: SyncJob) -> QuerySet[SyncJob]:
    """The job's row, if nobody else has claimed it since; each claim has a number of its own."""
    return SyncJob.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)
