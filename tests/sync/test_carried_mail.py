"""Where mail servers of this installation carry the mail: what the platform has no part in is done without it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.cast import NOBODY_THERE
from tests.sync.conftest import Stage
from tests.sync.test_drift import compared
from tests.worker import drain

from oxherd.brands.models import Brand
from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.drift.models import Difference
from oxherd.forwarders.commands import (
    as_wish,
    change_forwarder,
    delete_forwarder,
    remove_forwarder,
    restore_forwarder,
)
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.queries import found
from oxherd.groups.commands import change_group
from oxherd.people.commands import change_user
from oxherd.provisioning import breaker
from oxherd.provisioning.models import PlatformHealth, SyncJob


@pytest.fixture
def carrying(stage: Stage) -> Stage:
    Brand.objects.update(carries_mail=True)
    for tenant in (stage.cast.acme, stage.cast.globex):
        tenant.refresh_from_db()
    return stage


def jobs(forwarder: Forwarder) -> list[str]:
    found = SyncJob.objects.filter(subject_kind="forwarder", subject_id=forwarder.pk).order_by("pk")
    return list(found.values_list("state", flat=True))


def test_a_forwarder_is_added_changed_and_removed_without_the_platform(carrying: Stage) -> None:
    actor = carrying.cast.system
    forwarder = carrying.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    change_forwarder(actor=actor, forwarder=forwarder, wish=replace(as_wish(forwarder), address="all@acme.test"))
    drain()
    remove_forwarder(actor=actor, forwarder=forwarder)
    drain()
    restore_forwarder(actor=actor, forwarder=forwarder)
    drain()
    forwarder.refresh_from_db()
    assert (str(forwarder), forwarder.status, jobs(forwarder)) == ("all@acme.test", "in_ox", ["done"] * 4)
    delete_forwarder(actor=actor, forwarder=forwarder)
    drain()
    assert (Forwarder.objects.count(), carrying.calls()) == (0, [])


def test_a_forwarder_does_not_wait_for_a_platform_that_is_down(carrying: Stage, settings: Any) -> None:
    Brand.objects.update(api_url=NOBODY_THERE)
    settings.BRAND_CONCURRENCY = 1
    later = timezone.now() + timedelta(hours=1)
    PlatformHealth.objects.create(
        brand=carrying.cast.brand, failing=["account:1"], opened_at=timezone.now(), next_probe_at=later
    )
    group, forwarder = carrying.cast.group(), carrying.cast.forwarder()
    drain()
    assert jobs(forwarder) == ["done"]
    assert list(SyncJob.objects.filter(subject_kind="group").values_list("state", flat=True)) == ["parked"]
    assert breaker.is_open(carrying.cast.brand.pk)  # nothing was asked, so nothing was answered
    assert change_group(actor=carrying.cast.system, group=group, outside=["press@agency.test"]).status == "in_progress"
    assert SyncJob.objects.filter(subject_kind="group").count() == 1  # of outside addresses OX knows nothing


def test_a_forwarder_is_found_by_its_users_new_address(carrying: Stage) -> None:
    anna = carrying.cast.user(ox=True)
    drain()
    forwarder = carrying.cast.forwarder("info@acme.test", anna.login)
    drain()
    change_user(actor=carrying.cast.system, user=anna, primary_address="boss@acme.test")
    drain()
    assert list(found(carrying.cast.system, carrying.cast.acme, text="boss")) == [forwarder]


def test_neither_forwarders_nor_catch_alls_are_missed_in_ox(carrying: Stage) -> None:
    anna = carrying.cast.user(ox=True)
    carrying.cast.forwarder("info@acme.test", "press@agency.test")
    change_domain(
        actor=carrying.cast.system, domain=Domain.objects.get(name="acme.test"), catch_all="anna.becker@acme.test"
    )
    drain()
    compared(carrying)
    assert list(Difference.objects.all()) == []
    assert not SyncJob.objects.filter(subject_kind="catch_alls").exists()
    assert carrying.names_in_ox() == [anna.login]
