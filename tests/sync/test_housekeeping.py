"""What a crash leaves behind is found and goes on."""

import threading
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sync.conftest import Stage, job_of, status
from tests.worker import drain

from oxherd.provisioning import queue
from oxherd.provisioning.models import SyncJob
from oxherd.sync import housekeeping
from oxherd.sync.lanes import Lanes


def long_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def test_an_open_job_without_queue_entry_gets_a_new_one(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    queue.withdraw(job_of(anna).subject)
    drain()
    assert status(anna) == "in_progress"
    housekeeping.one_round()  # too young: its entry may be on its way
    drain()
    assert status(anna) == "in_progress"
    SyncJob.objects.update(created_at=long_ago())
    housekeeping.one_round()
    drain()
    assert status(anna) == "enabled"


def test_what_a_dead_worker_held_goes_to_another(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="running", started_at=long_ago())
    entries = ProcrastinateJob.objects.filter(lock=job_of(anna).subject)
    entries.update(status="doing", worker_id=None)
    drain()
    assert status(anna) == "in_progress"
    housekeeping.one_round()
    drain()
    assert (status(anna), len(stage.in_ox())) == ("enabled", 1)


def test_a_forgotten_parked_job_is_woken(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    queue.withdraw(job_of(anna).subject)
    waits_for = f"tenant:{stage.cast.acme.pk}"
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="parked", waits_for=waits_for)
    housekeeping.one_round()
    drain()
    assert status(anna) == "enabled"


def test_jobs_of_a_tenant_that_is_gone_are_closed(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    queue.withdraw(job_of(anna).subject)
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="parked", waits_for="tenant:4711")
    housekeeping.one_round()
    drain()
    assert not SyncJob.objects.filter(state="parked").exists()


def test_a_call_beyond_patience_gives_its_place_away() -> None:
    lanes = Lanes(1)
    hangs, done = threading.Event(), threading.Event()

    def hang() -> None:
        with lanes.place():
            hangs.set()
            done.wait(10)

    thread = threading.Thread(target=hang)
    thread.start()
    hangs.wait(10)
    deadline = time.monotonic() + 10
    while not lanes.pass_on_slow_places():
        assert time.monotonic() < deadline
    with lanes.place():  # while the other one still hangs
        assert not done.is_set()
    done.set()
    thread.join()
    with lanes.place():  # the place that was given away is not given twice
        assert lanes._free.acquire(blocking=False) is False
