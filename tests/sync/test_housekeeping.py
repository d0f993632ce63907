"""What a crash leaves behind is found and goes on."""

import socket
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sync.conftest import Stage, job_of, status
from tests.worker import drain

from oxherd.audit.models import AuditEntry, AuditSeal
from oxherd.audit.verifying import Verification
from oxherd.brands.commands import add_brand, change_brand
from oxherd.brands.models import Brand
from oxherd.provisioning import breaker, queue
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.sync import housekeeping
from oxherd.sync.lanes import Lanes


def long_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def down(brand: Brand) -> None:
    """Open the breaker of a brand; its next probe is due."""
    PlatformHealth.objects.create(
        brand=brand, failing=["account:1"], opened_at=timezone.now(), next_probe_at=timezone.now()
    )


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


def test_a_platform_that_is_slow_as_a_whole_is_not_asked_by_more_at_once() -> None:
    lanes, slow = Lanes(1), 2.0
    for _ in range(30):  # at first such calls lose their places, until it is known that all take so long
        lanes._leave(-1, slow)
    lanes._holding[0] = time.monotonic() - slow
    assert lanes.pass_on_slow_places() == 0


def test_one_call_that_hung_hardly_changes_what_counts_as_slow() -> None:
    lanes = Lanes(1)
    lanes._leave(-1, 30.0)
    lanes._holding[0] = time.monotonic() - 1.0
    assert lanes.pass_on_slow_places() == 1


def test_a_dead_platform_that_hangs_holds_up_no_other_probe_and_no_chore(stage: Stage, settings: Any) -> None:
    settings.PLATFORM_TIMEOUT_SECONDS = 20
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, and never says a word
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        hangs = add_brand(actor=stage.cast.system, name="Deaf", api_url=url, username="me", password="secret")
        down(hangs)
        down(stage.cast.brand)
        first, second = sorted(housekeeping.one_round(), key=lambda thread: thread.name != f"probe {hangs.pk}")
        second.join(10)
        assert (breaker.is_open(hangs.pk), breaker.is_open(stage.cast.brand.pk)) == (True, False)
        assert first.is_alive()
        PlatformHealth.objects.update(next_probe_at=timezone.now())
        assert housekeeping.one_round() == []  # not asked twice at once
    first.join(10)


def test_a_brand_that_cannot_be_asked_keeps_no_other_from_being_asked(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    broken = add_brand(
        actor=stage.cast.system, name="Broken", api_url=stage.sandbox.url, username="me", password="secret"
    )
    Brand.objects.filter(pk=broken.pk).update(sealed_password="not sealed by us")
    down(broken)
    down(stage.cast.brand)
    for thread in housekeeping.one_round():
        thread.join(10)
    assert (breaker.is_open(broken.pk), breaker.is_open(stage.cast.brand.pk)) == (True, False)
    assert f"the platform of brand {broken.pk} cannot be probed" in caplog.text


def test_a_platform_that_answers_with_no_is_there(stage: Stage) -> None:
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, password="the wrong one")
    down(stage.cast.brand)
    anna = stage.cast.user(ox=True)
    drain()
    assert job_of(anna).state == "parked"
    for thread in housekeeping.one_round():
        thread.join(10)
    assert not breaker.is_open(stage.cast.brand.pk)


def test_a_chore_that_fails_leaves_the_others_to_be_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ValueError("no such chore")

    anna = stage.cast.user(ox=True)
    queue.withdraw(job_of(anna).subject)
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="parked", waits_for=f"tenant:{stage.cast.acme.pk}")
    monkeypatch.setattr(housekeeping, "_bring_back_lost", broken)
    housekeeping.one_round()
    assert job_of(anna).state == "waiting"
    assert "no such chore" in caplog.text


def test_when_a_brands_limit_is_lifted_all_who_waited_for_a_place_go_on(stage: Stage) -> None:
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, concurrency=1)
    users = [stage.cast.user(f"Person {number}", ox=True) for number in range(6)]
    for user in users:
        queue.withdraw(job_of(user).subject)
        SyncJob.objects.filter(pk=job_of(user).pk).update(state="parked", waits_for=f"slot:{stage.cast.brand.pk}")
    housekeeping.one_round()
    assert [job_of(user).state for user in users] == ["waiting"] + ["parked"] * 5
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, concurrency=3)
    SyncJob.objects.filter(pk=job_of(users[0]).pk).update(state="running")
    housekeeping.one_round()
    assert [job_of(user).state for user in users] == ["running"] + ["waiting"] * 2 + ["parked"] * 3
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, concurrency=None)
    housekeeping.one_round()
    assert "parked" not in [job_of(user).state for user in users]


def test_what_was_done_is_sealed(stage: Stage) -> None:
    stage.cast.user(ox=True)
    housekeeping.one_round()
    assert AuditSeal.objects.count() == AuditEntry.objects.count()
    assert list(Verification().findings()) == []
