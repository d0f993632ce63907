"""Asking the worker: in the transaction of the change, and the newest request does the work of the older ones."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import make_cast
from tests.rows import everything, queued, refused, waiting

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import PlatformUnreachable
from oxherd.people.commands import change_user
from oxherd.people.ox_commands import change_aliases
from oxherd.people.removal_commands import delete_user
from oxherd.provisioning import ledger, queue
from oxherd.provisioning.commands import request_sync, retry, wake
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import JobState, SubjectKind

ME = system("Tests", Door.CLI)


def ask(cast, number=900):
    """A request for some account of Acme, whichever."""
    return request_sync(ME, SubjectKind.ACCOUNT, number, place=cast.acme)


def states(number=900):
    jobs = SyncJob.objects.filter(subject_kind="account", subject_id=number).order_by("pk")
    return [job.state for job in jobs]


def parked(cast, number, key):
    job = ledger.claim(ask(cast, number).pk)
    queue.withdraw(job.subject)
    ledger.park(job, key, "It waits.")
    return job


def test_a_request_is_one_row_and_one_entry_that_carries_only_its_id(cast):
    job = ask(cast)
    entry = ProcrastinateJob.objects.get(lock="account:900")
    assert (entry.task_name, entry.queue_name, entry.args) == ("oxherd.sync", "ox", {"job_id": job.pk})
    assert (entry.queueing_lock, entry.priority, entry.scheduled_at) == (None, 0, None)
    assert (job.state, job.brand_id, job.tenant_id, job.requested_by) == (
        *("waiting", cast.brand.pk, cast.acme.pk),
        "Tests",
    )


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_asks_for_nothing(transactional_db):
    cast = make_cast()
    anna = cast.user("Anna Becker", ox=True)
    before = everything()
    acts = (
        lambda: change_user(actor=ME, user=anna, surname="Bach"),
        lambda: change_aliases(actor=ME, user=anna, aliases=("info@acme.test",)),
        lambda: delete_user(actor=ME, user=anna),
        lambda: cast.user("Eve Fox", ox=True),
    )
    for act in acts:
        with transaction.atomic():
            act()
            assert everything() != before
            transaction.set_rollback(True)
        assert everything() == before


def test_a_newer_request_overtakes_what_waits(cast):
    older = ask(cast)
    newer = ask(cast)
    older.refresh_from_db()
    assert states() == ["superseded", "waiting"]
    assert older.finished_at is not None
    assert waiting("account:900") == [newer]


def test_a_newer_request_overtakes_what_is_parked_or_waits_for_its_next_try(cast, settings):
    parked(cast, 900, "tenant:1")
    ask(cast)
    again = ledger.claim(SyncJob.objects.latest("pk").pk)
    queue.withdraw(again.subject)
    assert ledger.try_again(again, PlatformUnreachable("Nobody there."))
    newest = ask(cast)
    assert states() == ["superseded", "superseded", "waiting"]
    assert queued("account:900") == [newest.pk]
    assert wake("tenant:1") == 0


def test_what_runs_is_not_overtaken_but_knows_of_its_successor(cast):
    running = ledger.claim(ask(cast).pk)
    assert not ledger.is_overtaken(running)
    ask(cast)
    assert states() == ["running", "waiting"]
    assert ledger.is_overtaken(running)


def test_another_object_is_left_alone(cast):
    jobs = [ask(cast, number) for number in (900, 901)]
    request_sync(ME, SubjectKind.TENANT, 900, place=cast.acme)
    assert [waiting(job.subject) for job in jobs] == [[jobs[0]], [jobs[1]]]


@pytest.mark.parametrize("state", [JobState.REFUSED, JobState.STUCK, JobState.FAILED, JobState.WAITING])
def test_what_failed_or_waits_long_is_tried_again_from_the_start(cast, state):
    old = ask(cast)
    SyncJob.objects.filter(pk=old.pk).update(state=state, tries=8)
    if state != JobState.WAITING:
        queue.withdraw(old.subject)
    new = retry(ME, SubjectKind.ACCOUNT, 900, place=cast.acme)
    assert (new.tries, waiting("account:900")) == (0, [new])


@pytest.mark.parametrize("state", [JobState.DONE, JobState.RUNNING, JobState.PARKED, JobState.SUPERSEDED])
def test_what_did_not_fail_is_not_tried_again(cast, state):
    SyncJob.objects.filter(pk=ask(cast).pk).update(state=state)
    with refused(None) as caught:
        retry(ME, SubjectKind.ACCOUNT, 900, place=cast.acme)
    assert caught.value.sentence == "There is nothing to try again."
    with refused(None):
        retry(ME, SubjectKind.ACCOUNT, 999, place=cast.acme)


def test_only_the_last_job_counts(cast):
    SyncJob.objects.filter(pk=ask(cast).pk).update(state=JobState.FAILED)
    SyncJob.objects.filter(pk=ask(cast).pk).update(state=JobState.DONE)
    with refused(None):
        retry(ME, SubjectKind.ACCOUNT, 900, place=cast.acme)


def test_the_oldest_are_woken_first_and_no_more_than_asked_for(cast):
    jobs = [parked(cast, number, "slot:7") for number in (903, 901, 902, 904)]
    other = parked(cast, 905, "slot:8")
    assert sorted(ledger.parked_for()) == ["slot:7", "slot:8"]
    assert wake("slot:7", limit=1) == 1
    assert [states(number) for number in (903, 901)] == [["waiting"], ["parked"]]
    assert wake("slot:7", limit=2) == 2
    assert [len(waiting(job.subject)) for job in jobs] == [1, 1, 1, 0]
    assert wake("slot:7") == 1
    assert wake("slot:7") == 0
    assert (states(905), len(waiting(other.subject))) == (["parked"], 0)


def test_more_than_one_batch_is_woken(cast, django_assert_num_queries):
    jobs = SyncJob.objects.bulk_create(
        SyncJob(
            subject_kind="account",
            subject_id=number,
            brand_id=cast.brand.pk,
            tenant_id=cast.acme.pk,
            state="parked",
            waits_for="tenant:7",
        )
        for number in range(2000, 3201)
    )
    assert wake("tenant:7", limit=700) == 700
    assert wake("tenant:7") == 501
    assert SyncJob.objects.filter(pk__in=[job.pk for job in jobs], state="waiting").count() == 1201
    assert ProcrastinateJob.objects.filter(lock__in=[job.subject for job in jobs]).count() == 1201
