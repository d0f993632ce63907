from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rows import queued

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import PlatformRefused, PlatformUnreachable
from oxherd.provisioning import ledger, queue
from oxherd.provisioning.commands import request_sync, wake
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, JobState, SubjectKind

ME = system("Tests", Door.CLI)
GONE = PlatformUnreachable("The platform cannot be reached.", detail="connection refused")


@pytest.fixture
def job(cast):
    return request_sync(ME, SubjectKind.ACCOUNT, 900, place=cast.acme)


def now(job):
    return SyncJob.objects.get(pk=job.pk)


def taken(job):
    """Claimed, with the queue's entry gone, as while a worker has it."""
    queue.withdraw(job.subject)
    return ledger.claim(job.pk)


def test_a_claimed_job_runs_and_counts_its_try(job):
    claimed = ledger.claim(job.pk)
    assert (claimed.state, claimed.tries, claimed.next_try_at) == ("running", 1, None)
    assert (claimed.brand_limit, claimed.brand_is_down, claimed.brand_is_failing) == (None, False, False)


def test_a_job_that_a_dead_worker_left_running_can_be_claimed_again(job):
    ledger.claim(job.pk)
    assert ledger.claim(job.pk).tries == 2


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.WAITING, JobState.RUNNING}))
def test_a_job_that_is_closed_or_parked_is_not_claimed(job, state):
    SyncJob.objects.filter(pk=job.pk).update(state=state)
    assert ledger.claim(job.pk) is None
    assert now(job).tries == 0


def test_no_job_is_no_claim(db):
    assert ledger.claim(0) is None


def test_a_done_job_stays_done(job):
    claimed = ledger.claim(job.pk)
    assert ledger.done(claimed)
    assert not ledger.close(claimed, JobState.FAILED, GONE)
    ledger.superseded(claimed)
    ledger.park(claimed, "tenant:1", "It waits.")
    assert (now(job).state, now(job).sentence, now(job).is_open) == ("done", "", False)
    assert now(job).finished_at is not None


def test_a_refused_job_says_why_to_a_person_and_keeps_the_detail_out(job):
    error = PlatformRefused("OX has this name already.", detail="NoSuchUser; exceptionId 7-8")
    ledger.close(ledger.claim(job.pk), JobState.REFUSED, error)
    assert (now(job).state, now(job).sentence, now(job).cause) == (
        *("refused", "OX has this name already."),
        "platform_refused",
    )


def test_a_parked_job_keeps_its_tries(job):
    ledger.park(taken(job), "tenant:1", "The context is not there yet.")
    assert (now(job).state, now(job).tries, now(job).waits_for) == ("parked", 0, "tenant:1")
    assert queued(job.subject) == []
    wake("tenant:1")
    assert (now(job).state, now(job).waits_for, queued(job.subject)) == ("waiting", "", [job.pk])


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 1, 2), (2, 2, 4), (5, 16, 32), (30, 150, 300)])
def test_each_further_try_waits_longer_with_some_chance_in_it(job, settings, tries, least, most):
    settings.SYNC_TRIES, settings.SYNC_BACK_OFF_SECONDS = 99, 2.0
    taken(job)
    SyncJob.objects.filter(pk=job.pk).update(tries=tries)
    begun = timezone.now()
    assert ledger.try_again(now(job), GONE)
    due = now(job).next_try_at
    assert timedelta(seconds=least) <= due - begun <= timedelta(seconds=most + 1)
    entry = ProcrastinateJob.objects.get(lock=job.subject)
    assert (entry.scheduled_at, entry.priority) == (due, queue.LATER_TRY)
    assert (now(job).state, now(job).sentence, now(job).cause) == ("waiting", GONE.sentence, GONE.code)


def test_after_the_last_try_a_job_is_stuck(job, settings):
    settings.SYNC_TRIES = 2
    assert ledger.try_again(taken(job), GONE)
    assert not ledger.try_again(taken(job), GONE)
    assert (now(job).state, now(job).tries, queued(job.subject)) == ("stuck", 2, [])


def test_a_job_that_was_closed_meanwhile_is_not_tried_again(job):
    claimed = taken(job)
    assert ledger.done(claimed)
    assert ledger.try_again(claimed, GONE)
    assert (now(job).state, queued(job.subject)) == ("done", [])


def test_a_job_without_an_entry_is_found_and_brought_back(job, cast):
    fine = request_sync(ME, SubjectKind.ACCOUNT, 901, place=cast.acme)
    SyncJob.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    SyncJob.objects.filter(subject_kind="tenant").update(state="done")
    queue.withdraw(job.subject)
    assert (queue.lost_jobs(90), queue.lost_jobs(30)) == ([], [job.pk])
    assert ledger.bring_back_lost(30) == 1
    assert (queued(job.subject), queued(fine.subject), queue.lost_jobs(0)) == ([job.pk], [fine.pk], [])


def test_an_entry_of_another_job_of_the_same_object_does_not_carry_this_one(job):
    queue.withdraw(job.subject)
    stranger = SyncJob(subject_kind=job.subject_kind, subject_id=job.subject_id, pk=job.pk + 1000)
    queue.enqueue([stranger])
    SyncJob.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert job.pk in queue.lost_jobs(30)


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.WAITING, JobState.RUNNING}))
def test_closed_and_parked_jobs_are_not_lost(job, state):
    queue.withdraw(job.subject)
    SyncJob.objects.update(state=state, created_at=timezone.now() - timedelta(minutes=1))
    assert queue.lost_jobs(0) == []


def test_a_job_whose_next_try_is_still_to_come_is_not_lost(job):
    queue.withdraw(job.subject)
    SyncJob.objects.update(state="done")
    SyncJob.objects.filter(pk=job.pk).update(state="waiting", next_try_at=timezone.now() + timedelta(minutes=1))
    assert queue.lost_jobs(0) == []


def test_what_runs_is_counted_by_brand(job, cast):
    assert ledger.running(cast.brand.pk) == 0
    ledger.claim(job.pk)
    assert ledger.running(cast.brand.pk) == 1


def test_one_who_waits_for_a_slot_goes_on_when_one_is_free(job, cast):
    ledger.park(taken(job), f"slot:{cast.brand.pk}", "Others first.")
    ledger.free_a_slot(cast.brand.pk)
    assert queued(job.subject) == [job.pk]


def test_the_states_that_are_open():
    assert OPEN == ("waiting", "parked", "running")
