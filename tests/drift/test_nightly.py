from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from oxherd.audit.models import AuditEntry
from oxherd.drift.commands import NIGHT_SECONDS, SPREAD, request_nightly_comparisons
from oxherd.drift.models import Comparison
from oxherd.provisioning.models import PlatformHealth
from oxherd.tenants.commands import suspend_tenant
from oxherd.tenants.removal_commands import delete_tenant

MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def set_clock(**after_midnight):
        monkeypatch.setattr(timezone, "now", lambda: MIDNIGHT + timedelta(**after_midnight))

    return set_clock


def asked_for():
    return set(Comparison.objects.values_list("tenant__name", flat=True))


def moment(tenant):
    return tenant.pk * SPREAD % NIGHT_SECONDS


def test_each_customer_is_compared_once_a_night_at_a_moment_of_its_own(cast, at):
    first, second = sorted([cast.acme, cast.globex], key=moment)
    assert abs(moment(first) - moment(second)) > 600
    at(hours=2, seconds=moment(first))
    assert (request_nightly_comparisons(hour=2, most=20), asked_for()) == (1, {first.name})
    at(hours=2, seconds=moment(second))
    assert request_nightly_comparisons(hour=2, most=20) == 1
    Comparison.objects.update(state="done")
    at(hours=9)
    assert request_nightly_comparisons(hour=2, most=20) == 0
    at(days=1, hours=9)
    assert request_nightly_comparisons(hour=2, most=20) == 2
    assert [job.priority for job in ProcrastinateJob.objects.filter(task_name="oxherd.drift.compare")] == [-30] * 4


def test_the_night_goes_on_after_midnight_and_ends(cast, at):
    at(hours=4, minutes=59)
    assert request_nightly_comparisons(hour=23, most=20) == 2
    Comparison.objects.all().delete()
    at(hours=7, minutes=1)
    assert request_nightly_comparisons(hour=23, most=20) == 0


def test_at_most_so_many_begin_at_once(cast, at):
    at(hours=8)
    assert [request_nightly_comparisons(hour=2, most=1) for _ in range(3)] == [1, 1, 0]


def test_who_is_leaving_and_whose_platform_is_down_is_left_out(cast, at):
    suspend_tenant(actor=cast.system, tenant=cast.globex)
    delete_tenant(actor=cast.system, tenant=cast.acme)
    PlatformHealth.objects.create(brand=cast.brand, opened_at=timezone.now())
    at(hours=8)
    assert request_nightly_comparisons(hour=2, most=20) == 0
    PlatformHealth.objects.update(opened_at=None)
    request_nightly_comparisons(hour=2, most=20)
    assert asked_for() == {"Globex"}


def test_nobody_is_named_as_having_asked(cast, at):
    at(hours=8)
    request_nightly_comparisons(hour=2, most=1)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.door) == ("drift:compare", "oxherd", "worker")
