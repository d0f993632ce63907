"""A real worker on the test's database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from oxherd.domains import checks
from oxherd.provisioning.queue import QUEUE

AT_ONCE = 4


def drain() -> None:
    """Work until nothing is due any more. What waits for a later time stays."""
    _drain_once()
    for _ in range(20):
        if not _something_is_due():
            break
        _drain_once()  # what the last jobs have woken


def empty_queue() -> None:
    """Drop what earlier tests left: the queue's tables are not Django's to clear."""
    ProcrastinateJob.objects.all().delete()


def _drain_once() -> None:
    # In a thread of its own: where the browser's tests ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_drain())).result()


def _something_is_due() -> bool:
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=timezone.now())
    return ProcrastinateJob.objects.filter(due, status="todo").exists()


async def _drain() -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asyncio.get_running_loop().set_default_executor(pool)
        with app.replace_connector(app.connector.get_worker_connector()):
            async with app.open_async():
                await app.run_worker_async(
                    queues=[QUEUE, checks.QUEUE],
                    concurrency=AT_ONCE,
                    wait=False,
                    install_signal_handlers=False,
                    listen_notify=False,
                    delete_jobs="successful",
                )
