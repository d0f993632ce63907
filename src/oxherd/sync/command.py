"""`oxherd worker`: brings what was saved to the platforms."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from procrastinate.psycopg_connector import PsycopgConnector
    from psycopg import AsyncConnection

# The queue's next job is the first of an index. While the table's statistics are old, PostgreSQL would rather read and
# sort all that waits, for every single job: 10 ms with 200 waiting, half a second with 10,000.
IN_ORDER = "-c enable_sort=off -c enable_bitmapscan=off -c enable_seqscan=off"

logger = logging.getLogger(__name__)

# So long may work in hand go on when the worker is to end.
LAST_SECONDS = 5
GIVEN_UP = 70  # EX_SOFTWARE


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), help="Objects brought to platforms at once (default 8).")
def worker(concurrency: int | None) -> None:
    """Bring what was saved to the OX platforms. Any number of these may run, on any number of machines.

    Ctrl-C or SIGTERM lets the work in hand end (5 seconds at most); whatever is killed is picked up by another.
    """
    from django.conf import settings

    if concurrency:
        settings.WORKER_CONCURRENCY = concurrency
    run_worker()


def run_worker() -> None:
    """Work until told to stop. Needs Django to be set up."""
    from oxherd.sync.housekeeping import keep_house, watch_lanes
    from oxherd.sync.lanes import lanes

    _commit_quickly()
    stop = threading.Event()
    house = threading.Thread(target=keep_house, args=[stop], name="housekeeping", daemon=True)
    house.start()
    threading.Thread(target=watch_lanes, args=(stop, lanes), name="lanes", daemon=True).start()
    try:
        asyncio.run(_work())
    finally:
        stop.set()
        house.join(timeout=5)


def _commit_quickly() -> None:
    """Let this process's commits not wait for the disk.

    What a worker writes it can find out again: a claim lost in a crash of the database is made again, and an outcome
    lost leaves a job that comes to the same outcome. What people were told is saved is written elsewhere, and what
    must be known of a call that broke off is written ahead (`oxherd.sync.ahead`).
    """
    from django.db import connections

    database = connections.settings["default"]
    options = database["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
    # A connection is tried by using it: whoever meets a dead one leaves its job to housekeeping.
    database["CONN_HEALTH_CHECKS"] = False


async def _work() -> None:
    from django.conf import settings
    from procrastinate.contrib.django import app

    from oxherd.domains import checks
    from oxherd.provisioning.queue import QUEUE
    from oxherd.sync.lanes import SLOW_LANE

    # What hangs moves to the slow lane: so many more jobs may be in hand than are being worked on.
    in_hand = settings.WORKER_CONCURRENCY + SLOW_LANE
    looks = settings.DNS_CONCURRENCY
    loop = asyncio.get_running_loop()
    # The loop's own pool has cores + 4 threads; jobs beyond that would be marked as running and stand still.
    loop.set_default_executor(ThreadPoolExecutor(in_hand + looks, thread_name_prefix="job"))
    loop.set_exception_handler(_give_up)
    with app.replace_connector(_queue_connections()):
        async with app.open_async():
            logger.info("worker ready, %s at once", settings.WORKER_CONCURRENCY)
            # Name servers that do not answer hold up nothing but each other.
            work = asyncio.gather(
                app.run_worker_async(**_options(QUEUE, in_hand), fetch_job_polling_interval=0.3),
                app.run_worker_async(**_options(checks.QUEUE, looks), fetch_job_polling_interval=2.0),
            )
            await _until_signalled(work)


def _options(queue: str, at_once: int) -> dict[str, Any]:
    from django.conf import settings

    return {
        "queues": [queue],
        "concurrency": at_once,
        "install_signal_handlers": False,
        "shutdown_graceful_timeout": LAST_SECONDS,
        "delete_jobs": "successful",
        "update_heartbeat_interval": settings.STALLED_AFTER_SECONDS / 4,
        "stalled_worker_timeout": settings.STALLED_AFTER_SECONDS,
    }


async def _until_signalled(work: "asyncio.Future[Any]") -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)  # a second one ends us at once
        _end_soon(0)
        work.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    with suppress(asyncio.CancelledError):
        await work


def _end_soon(status: int) -> None:
    """End after the last seconds in any case: a thread that waits for a platform cannot be stopped.

    The queue would wait for it, and look alive without taking any work.
    """
    asyncio.get_running_loop().call_later(LAST_SECONDS + 1, os._exit, status)


def _queue_connections() -> "PsycopgConnector":
    """The queue's own connections: each of its statements stands alone, and a dead connection ends the worker."""
    from procrastinate.contrib.django.utils import connector_params
    from procrastinate.psycopg_connector import PsycopgConnector
    from psycopg_pool import AsyncConnectionPool

    class QueueConnections(PsycopgConnector):
        async def execute_query_async(self, query: Any, **arguments: Any) -> None:
            with _ending_on_failure():
                await super().execute_query_async(query, **arguments)

        async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
            with _ending_on_failure():
                row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
            return row

    def unchecked(**options: Any) -> AsyncConnectionPool:
        # Two that listen for new jobs, and four for all else.
        return AsyncConnectionPool(**{**options, "check": None, "configure": _alone, "min_size": 4, "max_size": 6})

    params = connector_params()
    params["options"] = f"{params.get('options', '')} {IN_ORDER}"
    return QueueConnections(pool_factory=unchecked, kwargs=params)


@contextmanager
def _ending_on_failure() -> Iterator[None]:
    from procrastinate.exceptions import ConnectorException

    try:
        yield
    except ConnectorException as error:
        logger.error("worker has lost the queue, and ends: %s", error.__cause__ or error)  # noqa: TRY400 - no trace needed
        _end_soon(GIVEN_UP)
        raise


async def _alone(connection: "AsyncConnection[Any]") -> None:
    await connection.set_autocommit(True)


def _give_up(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """End at once when the queue's own bookkeeping fails: what is in hand would stay marked as ours for ever.

    The supervisor starts a new worker, and what this one held is brought back like that of any killed worker.
    """
    logger.error("worker gives up: %s", context.get("exception") or context["message"])
    os._exit(GIVEN_UP)
