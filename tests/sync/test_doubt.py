"""A worker that is killed may have changed the platform and written nothing down; in the end no trace of it is left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection
from tests.sync.conftest import Stage, account_of, job_of, on_every_platform, status
from tests.sync.test_groups_arrive import groups_in_ox, ids, resources_in_ox
from tests.worker import drain

from oxherd.groups.commands import change_group
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user, restore_user
from oxherd.provisioning import breaker, ledger
from oxherd.provisioning.models import PlatformHealth
from oxherd.resources.commands import as_wish, change_resource
from oxherd.sync import people, work
from oxherd.sync.account_rows import read
from oxherd.sync.ahead import written_ahead
from oxherd.tenants.commands import resume_tenant, suspend_tenant


@pytest.fixture
def anna(stage: Stage) -> ServiceUser:
    anna = stage.cast.user(login="anna", ox=True, aliases=("info@acme.test",))
    drain()
    return anna


@pytest.fixture
def no_second_try() -> Iterator[None]:
    """The job that broke off stays in its worker's hands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oxherd.provisioning.ledger.try_again", lambda *_: True)
        yield


def broken_off_removal(stage: Stage, user: ServiceUser) -> int:
    """Lock the user on the platform, and be killed before the commit; the job's number."""
    remove_user(actor=stage.cast.system, user=user)
    job, now = ledger.claim(job_of(user).pk), read(account_of(user).pk)
    assert job is not None
    assert now is not None
    people._push(now)
    assert [held["mailenabled"] for held in stage.in_ox()] == [False]
    return job.pk


def test_what_is_written_ahead_is_on_the_disk_before_the_platform_is_asked(stage: Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # as in a worker
        with written_ahead():
            PlatformHealth.objects.create(brand=stage.cast.brand)
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            (written,) = cursor.fetchone()
        cursor.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [written])
        assert cursor.fetchone() == (True,)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("off",)
        cursor.execute("RESET synchronous_commit")


def addresses(stage: Stage) -> list[tuple[str, list[str], bool]]:
    return [(held["primaryEmail"], held["aliases"], held["mailenabled"]) for held in stage.in_ox()]


def test_a_newer_job_that_comes_first_takes_back_what_a_killed_worker_did(stage: Stage, anna: ServiceUser) -> None:
    before = addresses(stage)
    broken_off_removal(stage, anna)
    restore_user(actor=stage.cast.system, user=anna)
    work.work(job_of(anna).pk)
    assert addresses(stage) == before
    assert (job_of(anna).state, status(anna)) == ("done", "enabled")


def test_a_job_of_a_killed_worker_that_was_put_aside_is_not_forgotten(stage: Stage, anna: ServiceUser) -> None:
    before = addresses(stage)
    lost = broken_off_removal(stage, anna)
    PlatformHealth.objects.create(brand=stage.cast.brand, opened_at="2026-01-01T00:00Z", next_probe_at=None)
    work.work(lost)
    assert job_of(anna).state == "parked"
    restore_user(actor=stage.cast.system, user=anna)
    PlatformHealth.objects.all().delete()
    breaker.note_answer(stage.cast.brand.pk)
    work.work(job_of(anna).pk)
    assert addresses(stage) == before
    assert (job_of(anna).state, status(anna)) == ("done", "enabled")


@pytest.mark.usefixtures("no_second_try")
def test_a_change_of_a_group_that_is_taken_back_leaves_no_trace(stage: Stage, anna: ServiceUser) -> None:
    bert = stage.cast.user("Bert B", ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    stage.strikes("answer_lost", match={"operation": "change"}, times=1)
    change_group(actor=stage.cast.system, group=group, display_name="Marketing")
    drain()
    stage.strikes("answer_lost", match={"operation": "addMember"}, times=1)
    change_group(actor=stage.cast.system, group=group, add=[bert.pk])
    drain()
    assert set(groups_in_ox(stage)["Marketing"].members) == ids(anna, bert)
    change_group(actor=stage.cast.system, group=group, display_name="Sales", remove=[bert.pk])
    drain()
    assert {name: set(held.members) for name, held in groups_in_ox(stage).items()} == {"Sales": ids(anna)}


@pytest.mark.usefixtures("no_second_try")
def test_members_who_did_not_arrive_before_the_worker_was_killed_come_in_the_end(
    stage: Stage, anna: ServiceUser
) -> None:
    bert = stage.cast.user("Bert B", ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    stage.strikes("status_503", match={"operation": "addMember"}, times=1)
    change_group(actor=stage.cast.system, group=group, add=[bert.pk])
    drain()
    assert set(groups_in_ox(stage)["Sales"].members) == ids(anna)
    change_group(actor=stage.cast.system, group=group, display_name="Sales EMEA")
    drain()
    assert set(groups_in_ox(stage)["Sales EMEA"].members) == ids(anna, bert)


@pytest.mark.usefixtures("no_second_try")
def test_a_change_of_a_resource_that_is_taken_back_leaves_no_trace(stage: Stage, anna: ServiceUser) -> None:
    room = stage.cast.resource("Room", manager=anna)
    drain()
    before = resources_in_ox(stage)
    stage.strikes("answer_lost", match={"operation": "change"}, times=1)
    old = as_wish(room)
    change_resource(actor=stage.cast.system, resource=room, wish=replace(old, display_name="Hall", manager=None))
    drain()
    assert list(resources_in_ox(stage)) == ["Hall"]
    change_resource(actor=stage.cast.system, resource=room, wish=old)
    drain()
    assert resources_in_ox(stage) == before


@pytest.mark.usefixtures("no_second_try")
@on_every_platform
def test_a_customer_resumed_after_a_suspension_whose_answer_was_lost_is_let_in(stage: Stage) -> None:
    stage.strikes("answer_lost", match={"operation": "disable"}, times=1)
    suspend_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert stage.context()["enabled"] is False
    resume_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert stage.context()["enabled"] is True
