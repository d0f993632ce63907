"""Not now, no, and our own mistakes."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from tests.sync.conftest import Stage, job_of, status
from tests.worker import drain

from oxherd.errors import Refused
from oxherd.people.commands import change_user
from oxherd.people.ox_commands import retry_ox
from oxherd.provisioning import breaker
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.provisioning.states import SubjectKind
from oxherd.sync import housekeeping, work


def probe() -> None:
    for thread in housekeeping.one_round():
        thread.join(10)


def test_refused_is_told_and_not_tried_again(stage: Stage) -> None:
    stage.strikes("refuse", name="anna*")
    anna = stage.cast.user(ox=True)
    drain()
    drain()
    job = job_of(anna)
    assert (status(anna), job.state, job.tries, job.cause) == ("error", "refused", 1, "platform_refused")
    assert job.sentence != ""
    assert "exception" not in job.sentence.lower()
    assert stage.calls() == ["createByModuleAccessName"]


def test_retry_after_the_cause_is_mended(stage: Stage) -> None:
    stage.strikes("refuse", name="anna*")
    anna = stage.cast.user(ox=True)
    drain()
    stage.behaves()
    retry_ox(actor=stage.cast.system, user=anna)
    assert status(anna) == "in_progress"
    drain()
    assert (status(anna), stage.names_in_ox()) == ("enabled", ["anna.becker@acme.test"])
    with pytest.raises(Refused, match="nothing to try again"):
        retry_ox(actor=stage.cast.system, user=anna)


@pytest.mark.parametrize("action", ["storage_exception", "reset", "status_503"])
def test_unreachable_is_tried_again_until_it_works(stage: Stage, action: str) -> None:
    stage.strikes(action, name="anna*", times=2)
    anna = stage.cast.user(ox=True)
    drain()
    drain()
    drain()
    assert (status(anna), job_of(anna).state, job_of(anna).tries) == ("enabled", "done", 3)


def test_a_platform_that_does_not_answer_counts_as_unreachable(stage: Stage, settings: Any) -> None:
    settings.PLATFORM_TIMEOUT_SECONDS = 0.3
    stage.strikes("time_out", name="anna*", times=1, seconds=5)
    anna = stage.cast.user(ox=True)
    work.work(job_of(anna).pk)
    assert (status(anna), job_of(anna).state, job_of(anna).cause) == ("in_progress", "waiting", "platform_unreachable")


def test_tries_are_used_up_in_the_end_and_retry_starts_over(stage: Stage, settings: Any) -> None:
    settings.SYNC_TRIES = 3
    stage.strikes("storage_exception", name="anna*")
    anna = stage.cast.user(ox=True)
    for _ in range(4):
        drain()
    assert (status(anna), job_of(anna).state, job_of(anna).tries) == ("error", "stuck", 3)
    stage.behaves()
    retry_ox(actor=stage.cast.system, user=anna)
    drain()
    assert (status(anna), job_of(anna).tries) == ("enabled", 1)


def test_back_off_grows_and_is_spread(stage: Stage, settings: Any) -> None:
    settings.SYNC_BACK_OFF_SECONDS = 2
    stage.strikes("storage_exception", name="anna*")
    anna = stage.cast.user(ox=True)
    for tries, ceiling in ((1, 2), (2, 4), (3, 8)):
        before = timezone.now()
        work.work(job_of(anna).pk)
        job = job_of(anna)
        assert job.next_try_at is not None
        assert (job.tries, job.state) == (tries, "waiting")
        assert ceiling / 2 <= (job.next_try_at - before).total_seconds() <= ceiling + 1


def test_a_bad_object_does_not_delay_another(stage: Stage) -> None:
    stage.strikes("storage_exception", name="anna*")
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Blum", ox=True)
    drain()
    assert (status(anna), status(bert)) == ("error", "enabled")
    assert (job_of(anna).tries, job_of(bert).tries) == (8, 1)
    assert job_of(bert).finished_at < job_of(anna).finished_at


def test_one_bad_object_does_not_open_the_breaker(stage: Stage, settings: Any) -> None:
    settings.SYNC_TRIES = 20
    stage.strikes("storage_exception", name="anna*")
    stage.cast.user(ox=True)
    for _ in range(8):
        drain()
    assert not breaker.is_open(stage.cast.brand.pk)


def test_a_dead_platform_is_left_alone_until_it_answers_and_then_all_goes_on(stage: Stage, settings: Any) -> None:
    settings.BREAKER_THRESHOLD = 3
    stage.strikes("status_503")
    users = [stage.cast.user(f"Person {number}", ox=True) for number in range(8)]
    drain()
    drain()
    assert breaker.is_open(stage.cast.brand.pk)
    assert set(SyncJob.objects.filter(subject_kind="account").values_list("state", flat=True)) == {"parked"}
    assert PlatformHealth.objects.get().sentence != ""
    stage.calls()
    late = stage.cast.user("Late Riser", ox=True)
    drain()
    assert stage.calls() == []  # nobody's work asks a dead platform
    assert (status(late), job_of(late).waits_for) == ("in_progress", f"brand:{stage.cast.brand.pk}")

    stage.behaves()
    probe()
    drain()
    assert not breaker.is_open(stage.cast.brand.pk)
    assert [status(user) for user in [*users, late]] == ["enabled"] * 9
    assert len(stage.in_ox()) == 9


def test_an_outage_costs_no_tries(stage: Stage, settings: Any) -> None:
    settings.BREAKER_THRESHOLD = 1
    stage.strikes("status_503")
    anna = stage.cast.user(ox=True)
    drain()
    assert (job_of(anna).state, job_of(anna).tries) == ("parked", 0)


def test_a_refusal_shows_that_the_platform_is_up(stage: Stage) -> None:
    stage.strikes("storage_exception", name="anna*", times=1)
    stage.cast.user(ox=True)
    drain()
    stage.strikes("refuse", name="bert*")
    stage.cast.user("Bert Blum", ox=True)
    drain()
    assert PlatformHealth.objects.get().failing == []


def test_a_mistake_of_ours_is_logged_and_shown_as_such(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: SyncJob) -> None:
        raise RuntimeError("a bug, with details")

    broken_subject = replace(work.SUBJECTS[SubjectKind.ACCOUNT], push=broken)
    monkeypatch.setitem(work.SUBJECTS, SubjectKind.ACCOUNT, broken_subject)
    anna = stage.cast.user(ox=True)
    drain()
    job = job_of(anna)
    assert (status(anna), job.state, job.cause) == ("error", "failed", "ours")
    assert job.sentence == f"An error in oxherd stopped this. Tell your provider the number {job.pk}."
    assert "a bug, with details" in caplog.text


def test_a_newer_wish_is_not_kept_waiting_by_a_failing_older_one(stage: Stage, settings: Any) -> None:
    settings.SYNC_BACK_OFF_SECONDS = 1000
    stage.strikes("storage_exception", name="anna*", times=1)
    anna = stage.cast.user(ox=True)
    drain()
    assert job_of(anna).state == "waiting"
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Now")
    drain()
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna Now"]
    states = SyncJob.objects.filter(subject_kind="account").order_by("id").values_list("state", flat=True)
    assert list(states) == ["superseded", "done"]
