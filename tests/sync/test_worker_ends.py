"""A worker that is told to end, or has lost the queue, ends: also where a platform never answers."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from tests.sync.conftest import Stage, job_of


@contextmanager
def worker_that_hangs(stage: Stage) -> Iterator["subprocess.Popen[bytes]"]:
    """A real worker, in the middle of a call that takes a minute."""
    stage.strikes("time_out", name="anna*", seconds=60)
    anna = stage.cast.user(ox=True)
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}@/{connection.settings_dict['NAME']}?host={database['HOST']}&port={database['PORT']}"
    command = [sys.executable, "-c", "from oxherd.cli.main import main; main()", "worker"]
    environment = os.environ | {"DATABASE_URL": url, "OXHERD_PLATFORM_TIMEOUT_SECONDS": "60"}
    with subprocess.Popen(command, env=environment) as process:
        try:
            _until(lambda: job_of(anna).state == "running" and bool(stage.sandbox.platform.journal.last()))
            yield process
        finally:
            process.kill()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline


def test_a_worker_that_is_told_to_end_waits_no_longer_than_it_says(stage: Stage) -> None:
    with worker_that_hangs(stage) as process:
        process.terminate()
        assert process.wait(10) == 0


def test_a_worker_that_has_lost_the_queue_ends(stage: Stage) -> None:
    with worker_that_hangs(stage) as process, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
        assert process.wait(10) == 70
