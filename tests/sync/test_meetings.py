"""Commands, a worker and the worker that was taken for dead: in whatever order they come, the end is right."""

from dataclasses import replace
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sync.conftest import Stage, account_of, job_of, status
from tests.threads import at_once, overlapping
from tests.worker import drain

from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user
from oxherd.provisioning import ledger
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.sync import housekeeping, people, work
from oxherd.sync.account_rows import AccountNow, read, settle
from oxherd.tenants.commands import change_tenant, retry_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant


def taken(user: ServiceUser) -> tuple[SyncJob, AccountNow]:
    """The user's newest job in a worker's hands, and what the worker has read."""
    job, now = ledger.claim(job_of(user).pk), read(account_of(user).pk)
    assert job is not None
    assert now is not None
    return job, now


def rename(stage: Stage, user: ServiceUser, name: str) -> None:
    change_user(actor=stage.cast.system, user=user, display_name=name)


def test_a_worker_taken_for_dead_does_not_write_over_what_its_successor_wrote(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    job, now = taken(anna)
    drain()  # another one does the job ...
    rename(stage, anna, "Anna Later")
    drain()
    now.ox_id = 4711
    settle(now, {"display_name": "Anna Becker"}, job)  # ... when the first wakes up
    account = account_of(anna)
    assert (account.ox_id, account.applied["display_name"]) == (stage.in_ox()[0]["id"], "Anna Later")


def test_a_worker_taken_for_dead_does_not_take_the_job_from_its_successor(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    late, _ = taken(anna)
    job, now = taken(anna)
    ledger.park(late, "tenant:1", "It waits.")
    assert not ledger.done(late)
    assert (job_of(anna).state, job_of(anna).tries) == ("running", 2)
    people._put(now)
    settle(now, people.wanted_of(now), job)
    assert (job_of(anna).state, status(anna)) == ("done", "enabled")


def test_a_removal_that_ends_late_does_not_undo_what_came_after(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    disable_ox(actor=stage.cast.system, user=anna)
    job, leaving = taken(anna)
    drain()
    assert status(anna) == "disabled"
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(stage.cast.groupware))
    drain()
    disable_ox(actor=stage.cast.system, user=anna)
    people._let_go(leaving, job)
    assert (OxAccount.objects.count(), job_of(anna).state) == (1, "waiting")
    drain()
    assert (stage.in_ox(), OxAccount.objects.count(), status(anna)) == ([], 0, "disabled")


def test_a_change_that_commits_while_the_older_one_settles_stays_in_progress(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    job, now = taken(anna)
    now.ox_id = 3
    overlapping(lambda: rename(stage, anna, "Anna Later"), lambda: settle(now, people.wanted_of(now), job))
    assert (account_of(anna).ox_id, status(anna), job_of(anna).state) == (3, "in_progress", "waiting")
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.parametrize("action", ["refuse", "storage_exception"])
def test_a_change_that_commits_while_the_older_one_fails_stays_in_progress(
    stage: Stage, settings: Any, action: str
) -> None:
    settings.SYNC_TRIES = 1
    anna = stage.cast.user(ox=True)
    older, _ = taken(anna)
    stage.strikes(action, name="anna*", times=1)
    overlapping(lambda: rename(stage, anna, "Anna Later"), lambda: work._push(older, asks=True))
    older.refresh_from_db()
    assert (status(anna), older.state, job_of(anna).state) == ("in_progress", "superseded", "waiting")
    drain()
    assert status(anna) == "enabled"


def test_a_crash_before_a_stuck_job_shows_as_error_leaves_it_open(
    stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ledger and status change together: nobody may look in progress with nobody at work."""

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    settings.SYNC_TRIES = 1
    stage.strikes("storage_exception", name="anna*")
    anna = stage.cast.user(ox=True)
    monkeypatch.setitem(work.SUBJECTS, "account", replace(work.SUBJECTS["account"], mark_failed=crash))
    with pytest.raises(KeyboardInterrupt):
        work.work(job_of(anna).pk)
    assert (status(anna), job_of(anna).state) == ("in_progress", "running")
    monkeypatch.undo()
    drain()
    assert (status(anna), job_of(anna).state) == ("error", "stuck")


@pytest.mark.parametrize("leaving", [False, True])
def test_a_customer_who_is_removed_meanwhile_is_no_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, leaving: bool
) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    (delete_user if leaving else lambda **_: rename(stage, anna, "Anna Later"))(actor=stage.cast.system, user=anna)
    act, name = (people._remove, "_remove") if leaving else (people._put, "_put")

    def late(now: AccountNow) -> None:
        delete_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
        work.work(SyncJob.objects.get(subject_kind="tenant", state="waiting").pk)
        act(now)

    monkeypatch.setattr(people, name, late)
    job = SyncJob.objects.get(subject_kind="account", state="waiting")
    work.work(job.pk)
    job.refresh_from_db()
    assert (Tenant.objects.filter(pk=stage.cast.acme.pk).exists(), job.state) == (False, "done")


def test_a_context_made_anew_knows_none_of_the_old_ids(stage: Stage) -> None:
    """The platform counts users from the start again: an old id would be somebody else's."""
    anna = stage.cast.user(ox=True)
    drain()
    old = account_of(anna).ox_id
    with stage.sandbox.platform.store.writing() as db:
        db.execute("DELETE FROM user WHERE context_id = ?", [stage.cast.acme.context_id])
        db.execute("DELETE FROM context WHERE id = ?", [stage.cast.acme.context_id])
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=777)
    drain()
    bert = stage.cast.user("Bert Blum", ox=True)
    drain()
    assert account_of(bert).ox_id == old
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    assert (stage.names_in_ox(), ServiceUser.objects.count()) == ([bert.login], 1)


def test_retry_pressed_twice_at_once_is_one_job_in_the_end(stage: Stage) -> None:
    stage.strikes("refuse", match={"service": "OXContextService"}, times=1)
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=5)
    drain()
    press = lambda: retry_tenant(actor=stage.cast.system, tenant=stage.cast.acme)  # noqa: E731 - the same act twice
    at_once(press, press)
    jobs = SyncJob.objects.filter(subject_kind="tenant", subject_id=stage.cast.acme.pk, state="waiting")
    assert (jobs.count(), ProcrastinateJob.objects.filter(status="todo").count()) == (1, 1)


def test_an_object_that_kills_every_worker_is_given_up_in_the_end(stage: Stage, settings: Any) -> None:
    settings.SYNC_TRIES = 3
    anna = stage.cast.user(ox=True)
    for _ in range(settings.SYNC_TRIES + work.MOST_DEATHS):
        assert ledger.claim(job_of(anna).pk) is not None  # and the worker dies
    work.work(job_of(anna).pk)
    assert (status(anna), job_of(anna).state, job_of(anna).cause) == ("error", "failed", "ours")
    assert stage.calls() == []


def test_many_bad_objects_do_not_hold_up_a_good_one_for_ever(stage: Stage, settings: Any) -> None:
    """They open the breaker at their first try at most; the platform is there all the time."""
    settings.BREAKER_THRESHOLD = 3
    stage.strikes("storage_exception", name="bad*")
    for number in range(9):
        stage.cast.user(f"Bad {number}", ox=True)
    opened = 0
    while SyncJob.objects.filter(state__in=["waiting", "parked"]).exists():
        drain()
        probes = housekeeping.one_round()
        opened += len(probes)
        for probe in probes:
            probe.join(10)
        assert opened < 9
    assert set(SyncJob.objects.filter(subject_kind="account").values_list("state", flat=True)) == {"stuck"}


def test_a_mistake_of_ours_says_nothing_about_the_platform(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.strikes("storage_exception", name="anna*", times=1)
    stage.cast.user(ox=True)
    bert = stage.cast.user("Bert Blum", ox=True)
    work.work(SyncJob.objects.filter(subject_kind="account").earliest("id").pk)

    def broken(_: AccountNow) -> None:
        raise ValueError("before anybody was asked")

    monkeypatch.setattr(people, "_put", broken)
    work.work(job_of(bert).pk)
    assert job_of(bert).state == "failed"
    assert len(PlatformHealth.objects.get().failing) == 1


def test_entries_of_the_queue_that_failed_do_not_pile_up(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    ProcrastinateJob.objects.filter(lock=job_of(anna).subject).update(status="failed")
    housekeeping.one_round()
    assert list(ProcrastinateJob.objects.values_list("status", "lock")) == []
