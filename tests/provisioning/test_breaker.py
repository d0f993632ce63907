"""A dead platform is asked by one probe; one bad object does not make a dead platform."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rows import queued

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import PlatformUnreachable
from oxherd.provisioning import breaker, ledger, queue
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.models import PlatformHealth
from oxherd.provisioning.queries import outage
from oxherd.provisioning.states import SubjectKind

ME = system("Tests", Door.CLI)
GONE = PlatformUnreachable("The platform cannot be reached.")


@pytest.fixture(autouse=True)
def thresholds(settings):
    settings.BREAKER_THRESHOLD, settings.BREAKER_PROBE_SECONDS = 3, 4.0


@pytest.fixture
def fail(cast):
    """Let accounts of these numbers find the platform unreachable; whether the breaker is open after each."""
    jobs = {number: request_sync(ME, SubjectKind.ACCOUNT, number, place=cast.acme) for number in range(900, 905)}
    return lambda *numbers: [breaker.note_failure(jobs[number], GONE) for number in numbers]


def test_different_objects_in_a_row_open_it(cast, fail):
    assert fail(900, 901, 902) == [False, False, True]
    assert breaker.is_open(cast.brand.pk)
    health = outage(cast.brand.pk)
    assert (health.sentence, health.probes) == (GONE.sentence, 0)
    assert health.next_probe_at - health.opened_at == timedelta(seconds=4)


def test_one_bad_object_counts_once(cast, fail):
    assert fail(900, 900, 900, 900, 901, 900, 901) == [False] * 7
    assert outage(cast.brand.pk) is None
    assert fail(902) == [True]


def test_an_answer_starts_the_count_anew(cast, fail):
    fail(900, 901)
    breaker.note_answer(cast.brand.pk)
    assert fail(902, 903) == [False, False]


def test_it_stays_open_until_the_platform_answers_and_then_all_goes_on(cast, fail):
    fail(900, 901, 902)
    opened_at = outage(cast.brand.pk).opened_at
    assert fail(903, 904) == [True, True]
    assert outage(cast.brand.pk).opened_at == opened_at
    job = ledger.claim(request_sync(ME, SubjectKind.ACCOUNT, 950, place=cast.acme).pk)
    queue.withdraw(job.subject)
    assert (job.brand_is_down, job.brand_is_failing) == (True, True)
    ledger.park(job, f"brand:{cast.brand.pk}", GONE.sentence)
    breaker.note_answer(cast.brand.pk)
    assert not breaker.is_open(cast.brand.pk)
    assert outage(cast.brand.pk) is None
    assert queued(job.subject) == [job.pk]


def test_an_answer_of_a_platform_that_never_failed_writes_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        breaker.note_answer(cast.brand.pk)
    assert PlatformHealth.objects.count() == 0


def test_a_probe_is_due_once_and_the_next_one_later(cast, fail):
    fail(900, 901, 902)
    assert breaker.due_probes() == []
    waits = []
    for _ in range(7):
        due = timezone.now()
        PlatformHealth.objects.update(next_probe_at=due)
        assert breaker.due_probes() == [cast.brand.pk]
        assert breaker.due_probes() == []
        waits.append(round((outage(cast.brand.pk).next_probe_at - due).total_seconds()))
    assert waits == [6, 9, 14, 20, 30, 30, 30]


def test_a_closed_breaker_is_not_probed(cast, fail):
    fail(900, 901)
    PlatformHealth.objects.update(next_probe_at=timezone.now())
    assert breaker.due_probes() == []


def test_a_platform_that_was_down_for_days_is_still_probed(cast, fail):
    fail(900, 901, 902)
    PlatformHealth.objects.update(next_probe_at=timezone.now(), probes=100_000)
    assert breaker.due_probes() == [cast.brand.pk]
    assert outage(cast.brand.pk).next_probe_at < timezone.now() + timedelta(seconds=31)
