"""The queue's side of a sync job: plumbing that may be lost and is then made again from the ledger."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from oxherd.provisioning.models import SyncJob

TASK = "oxherd.sync"
QUEUE = "ox"
# Tries after the first stand behind all new work, so that bad objects never delay good ones.
FIRST_TRY, LATER_TRY = 0, -10

# Bound to Django's connection in web, shell and worker alike: a job commits or vanishes with the rows it belongs to.
_manager = JobManager(DjangoConnector())


def enqueue(jobs: Sequence[SyncJob], *, at: datetime | None = None, priority: int = FIRST_TRY) -> None:
    """Hand jobs to the worker, in the caller's transaction. at: not before that time. Only ids travel.

    priority: below 0 stands behind what people have just saved.
    """
    _manager.batch_defer_jobs(
        [
            Job(
                queue=QUEUE,
                task_name=TASK,
                task_kwargs={"job_id": job.pk},
                lock=job.subject,
                queueing_lock=None,
                priority=LATER_TRY if job.tries else priority,
                scheduled_at=at,
            )
            for job in jobs
        ]
    )


def hand_over(task: str, *, lock: str, priority: int = FIRST_TRY, **arguments: int) -> None:
    """Hand the worker something that is no sync job, in the caller's transaction. arguments: ids only.

    lock: no two of the same lock run at once. priority: below 0 stands behind sync jobs.
    """
    job = Job(
        queue=QUEUE, task_name=task, task_kwargs=dict(arguments), lock=lock, queueing_lock=None, priority=priority
    )
    _manager.batch_defer_jobs([job])


def hand_over_at(at: datetime, task: str, *, lock: str, **arguments: int) -> None:
    """As `hand_over`, not before that time."""
    job = Job(queue=QUEUE, task_name=task, task_kwargs=dict(arguments), lock=lock, queueing_lock=None, scheduled_at=at)
    _manager.batch_defer_jobs([job])


def not_carried(task: str, argument: str, ids: Sequence[int]) -> list[int]:
    """Of these ids, those that no entry of the queue carries as `argument` of the task, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place)
             WHERE NOT EXISTS (
                   SELECT 1 FROM procrastinate_jobs entry
                    WHERE entry.task_name = %s AND entry.status IN ('todo', 'doing')
                      AND (entry.args ->> %s)::bigint = asked.id)
             ORDER BY place
            """,
            [list(ids), task, argument],
        )
        return [row[0] for row in cursor.fetchall()]


def withdraw(*subjects: str) -> None:
    """Take back what waits in the queue for these subjects; what a worker holds already is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_cancel_job_v1(id, false, true) FROM procrastinate_jobs "
            "WHERE lock = ANY(%s) AND status = 'todo' AND task_name = %s",
            [list(subjects), TASK],
        )


def lost_jobs(older_than_seconds: float, limit: int = 500) -> list[int]:
    """Sync jobs that should be moving but that no queue entry carries: the trace of a crash between two commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id FROM oxherd_syncjob job
             WHERE job.state IN ('waiting', 'running')
               AND coalesce(job.next_try_at, job.started_at, job.created_at) < now() - make_interval(secs => %s)
               AND NOT EXISTS (
                   SELECT 1 FROM procrastinate_jobs entry
                    WHERE entry.lock = job.subject_kind || ':' || job.subject_id
                      AND entry.status IN ('todo', 'doing')
                      AND (entry.args ->> 'job_id')::bigint = job.id)
             ORDER BY job.id LIMIT %s
            """,
            [older_than_seconds, limit],
        )
        return [row[0] for row in cursor.fetchall()]
