"""Commands that meet: each in its own thread, with its own connection and its own transaction."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections, transaction

Call = Callable[[], Any]


def at_once(*calls: Call) -> list[Any]:
    """Start all calls at the same moment; what each returned or raised."""
    barrier = Barrier(len(calls))
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(_alone, call, barrier) for call in calls]
    return [_outcome(future) for future in futures]


def overlapping(first: Call, second: Call, then: Call = lambda: None) -> tuple[Any, Any]:
    """Run `second` while `first` has done its work and not committed; when it waits, do `then`, and commit.

    Returns what came of `then` and of `second`.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            future = pool.submit(_alone, second)
            _until_it_waits(future)
            last = _tried(then)
            transaction.set_rollback(isinstance(last, Exception))
        return last, _outcome(future)


def _alone(call: Call, barrier: Barrier | None = None) -> Any:
    try:
        if barrier:
            connection.ensure_connection()
            barrier.wait(10)
        return call()
    finally:
        connections.close_all()


def _tried(call: Call) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - the test says which
        return error


def _outcome(future: Future[Any]) -> Any:
    return _tried(lambda: future.result(30))


def _until_it_waits(future: Future[Any]) -> None:
    deadline = time.monotonic() + 10
    while not future.done() and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
