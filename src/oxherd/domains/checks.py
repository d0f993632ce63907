"""The queue's side of a look at a domain's DNS. The task itself is the worker's; here it is only asked for."""

from collections.abc import Sequence

from django.db import connection
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

TASK = "oxherd.check_domain"
# A queue of its own: name servers that do not answer must not hold up what is on its way to a platform.
QUEUE = "dns"
SOON, BY_AND_BY = 0, -10

_manager = JobManager(DjangoConnector())


def enqueue(domain_ids: Sequence[int], *, priority: int = SOON) -> None:
    """Ask for a look at each of these domains, in the caller's transaction. Only ids travel."""
    if domain_ids:
        _manager.batch_defer_jobs([_job(pk, priority) for pk in domain_ids])


def waiting() -> int:
    """How many looks are asked for and not taken up yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo'", [QUEUE])
        (number,) = cursor.fetchone() or (0,)
    return int(number)


def _job(domain_id: int, priority: int) -> Job:
    return Job(
        queue=QUEUE,
        task_name=TASK,
        task_kwargs={"domain_id": domain_id},
        lock=f"domain:{domain_id}",
        queueing_lock=None,
        priority=priority,
    )
