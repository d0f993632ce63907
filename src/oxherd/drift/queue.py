"""The queue's side of comparisons and repair orders: plumbing that may be lost and is then made again."""

from django.db import connection
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from oxherd.provisioning.queue import QUEUE

COMPARE, REPAIR = "oxherd.drift.compare", "oxherd.drift.repair"
# Behind all work that people wait for; what somebody has asked for before what is done each night.
ASKED, NIGHTLY = -20, -30
# So many comparisons run at once, over all workers: the platform has other things to do.
LANES = 4

_manager = JobManager(DjangoConnector())


def enqueue(task: str, pk: int, *, tenant_id: int, nightly: bool = False) -> None:
    """Hand a comparison or an order to the worker, in the caller's transaction; one at a time for a tenant."""
    job = Job(
        queue=QUEUE,
        task_name=task,
        task_kwargs={"pk": pk},
        lock=f"drift:{tenant_id % LANES}",
        queueing_lock=None,
        priority=NIGHTLY if nightly else ASKED,
    )
    _manager.batch_defer_jobs([job])


def is_carried(task: str, pk: int) -> bool:
    """Whether an entry of the queue stands for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs "
            "WHERE task_name = %s AND status IN ('todo', 'doing') AND (args ->> 'pk')::bigint = %s LIMIT 1",
            [task, pk],
        )
        return cursor.fetchone() is not None
