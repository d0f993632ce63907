"""What keeps the work moving when something was killed half-way. Runs beside the jobs, in every worker.

A thread of its own and not a queued task: it must run above all when all places are taken.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import Error, close_old_connections, connection

from oxherd.brands.models import Brand
from oxherd.provisioning import breaker, ledger
from oxherd.provisioning.commands import wake
from oxherd.sync.lanes import Lanes
from oxherd.sync.platforms import platform_of
from oxherd.sync.work import has_come

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
ROUND_SECONDS = 2.0
# The one advisory lock of this product; the number has no meaning.
ONLY_ONE = 7_640_021


def keep_house(stop: threading.Event, lanes: Lanes) -> None:
    """Look after slow calls all the time, and after everything else once every two seconds, until told to stop."""
    due = 0.0
    while not stop.wait(TICK_SECONDS):
        lanes.pass_on_slow_places()
        if time.monotonic() < due:
            continue
        try:
            close_old_connections()
            one_round()
        except Error as error:
            logger.warning("housekeeping without database: %s", str(error).strip())
        except Exception:
            logger.exception("housekeeping failed; it goes on")
        due = time.monotonic() + ROUND_SECONDS


def one_round() -> None:
    """Bring back work of dead workers, wake what waits in vain, and ask platforms that were down."""
    with _alone() as alone:
        if alone:
            _bring_back_stalled()
            ledger.bring_back_lost(settings.STALLED_AFTER_SECONDS)
            _wake_forgotten()
    _probe()


def _bring_back_stalled() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL) FROM procrastinate_jobs job "
            "LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id "
            "WHERE job.status = 'doing' AND "
            "(worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))",
            [settings.STALLED_AFTER_SECONDS],
        )


def _wake_forgotten() -> None:
    for key in ledger.parked_for():
        if has_come(key):
            wake(key, limit=1 if key.startswith("slot:") else None)


def _probe() -> None:
    """Ask each platform whose breaker is open and whose next probe is due; an answer sends its work on."""
    for brand_id in breaker.due_probes():
        report = platform_of(Brand.objects.get(pk=brand_id)).check()
        if report.ok:
            logger.info("the platform of brand %s answers again", brand_id)
            breaker.note_answer(brand_id)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker keeps house at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONLY_ONE])
        (alone,) = cursor.fetchone() or (False,)
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONLY_ONE])
