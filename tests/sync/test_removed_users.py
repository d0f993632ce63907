"""A removed user is locked on the platform and keeps everything; a restore unlocks. Whatever is killed on the way."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.cast import PASSWORD
from tests.sync.conftest import Stage, account_of, job_of, on_every_dialect, status
from tests.worker import drain

from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox, keep_ox, retry_ox
from oxherd.people.removal_commands import Mending, delete_user, remove_user, restore_user
from oxherd.provisioning import ledger
from oxherd.sandbox import holdings
from oxherd.sync import people, work
from oxherd.sync.account_rows import read
from oxherd.sync.platforms import access, platform_of
from oxherd.tenants.commands import resume_tenant, suspend_tenant


@pytest.fixture
def anna(stage: Stage) -> ServiceUser:
    """Somebody in OX, with an alias."""
    anna = stage.cast.user(login="anna", ox=True, aliases=("info@acme.test",))
    drain()
    stage.calls()
    return anna


def remove(stage: Stage, user: ServiceUser) -> None:
    remove_user(actor=stage.cast.system, user=user)


def restore(stage: Stage, user: ServiceUser, **mending: Any) -> None:
    restore_user(actor=stage.cast.system, user=user, mending=Mending(**mending))


def why_no_sign_in(stage: Stage, login: str, password: str = PASSWORD) -> str | None:
    stage.cast.acme.refresh_from_db()
    with stage.sandbox.platform.store.reading() as db:
        return holdings.why_no_sign_in(db, stage.cast.acme.context_id, login, password)


def locked(stage: Stage) -> list[bool]:
    return [not user["mailenabled"] for user in stage.in_ox()]


def test_a_removed_user_is_locked_and_keeps_everything(stage: Stage, anna: ServiceUser) -> None:
    (before,) = stage.in_ox()
    assert why_no_sign_in(stage, "anna@acme.test") is None
    remove(stage, anna)
    drain()
    assert stage.calls() == ["change"]
    (held,) = stage.in_ox()
    assert held.pop("mailbox")["permissions"]["weblogin"] is False
    marker, context = account_of(anna).marker, stage.cast.acme.marker
    tombstone = f"removed-{marker}@context-{context}.invalid"
    assert {key: value for key, value in held.items() if before.get(key) != value} == {
        "mailenabled": False,
        "display_name": f"Anna Becker (removed {str(marker)[:8]})",
        "aliases": [tombstone],
        **dict.fromkeys(("primaryEmail", "email1", "defaultSenderAddress"), tombstone),
    }
    assert why_no_sign_in(stage, "anna@acme.test") == "the user is disabled"
    assert (status(anna), job_of(anna).state) == ("disabled", "done")


def test_others_may_have_name_and_addresses_of_a_removed_user(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    eve = stage.cast.user("Anna Becker", login="eve", ox=True, aliases=("anna@acme.test", "info@acme.test"))
    drain()
    assert (status(eve), [user["display_name"] for user in stage.in_ox()][1]) == ("enabled", "Anna Becker")
    remove(stage, eve)  # two removed ones of the same name
    drain()
    assert (status(eve), locked(stage)) == ("disabled", [True, True])


def test_who_takes_the_name_of_a_removed_user_waits_until_ox_has_it_free(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    eve = stage.cast.user("Anna Becker", login="eve", ox=True)
    work.work(job_of(eve).pk)  # overtakes
    assert (status(eve), job_of(eve).state) == ("in_progress", "waiting")
    drain()
    assert (status(eve), job_of(eve).state) == ("enabled", "done")


@on_every_dialect
def test_a_restored_user_is_as_before(stage: Stage, anna: ServiceUser) -> None:
    before = stage.in_ox()
    remove(stage, anna)
    drain()
    restore(stage, anna)
    drain()
    assert (stage.in_ox(), status(anna), why_no_sign_in(stage, "anna@acme.test")) == (before, "enabled", None)


def test_a_user_restored_with_another_name_and_fewer_aliases_arrives_so(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    drain()
    restore(stage, anna, display_name="Anna B.", aliases=(), profile=stage.cast.mail)
    drain()
    (held,) = stage.in_ox()
    assert (held["display_name"], held["aliases"], held["combination"]) == ("Anna B.", ["anna@acme.test"], "webmail")


def test_removed_and_restored_before_the_worker_came_nothing_is_sent(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    restore(stage, anna)
    drain()
    assert (stage.calls(), status(anna)) == ([], "enabled")


def test_groups_lose_a_removed_member_and_get_a_restored_one_back(stage: Stage, anna: ServiceUser) -> None:
    bert = stage.cast.user("Bert Conrad", ox=True)
    stage.cast.group("Sales", anna, bert)
    drain()
    both = members(stage)
    remove(stage, anna)
    drain()
    assert members(stage) == [account_of(bert).ox_id]
    restore(stage, anna)
    drain()
    assert members(stage) == both == [account_of(anna).ox_id, account_of(bert).ox_id]


def members(stage: Stage) -> list[int]:
    """The platform's ids of those in Sales."""
    tenant = stage.cast.acme
    tenant.refresh_from_db()
    reach = access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)
    found = platform_of(stage.cast.brand).find_group(reach, name="Sales")
    return sorted(found.members) if found else []


def test_the_lock_of_one_who_never_arrived_makes_nobody(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    remove(stage, anna)
    drain()
    assert (stage.in_ox(), status(anna), account_of(anna).ox_id) == ([], "disabled", None)
    restore(stage, anna)
    drain()
    assert (status(anna), why_no_sign_in(stage, "anna@acme.test")) == ("enabled", None)  # with the password of then


def test_one_made_by_a_broken_off_job_is_locked_too(stage: Stage, anna: ServiceUser) -> None:
    OxAccount.objects.update(ox_id=None, applied={})  # made, and never written down
    remove(stage, anna)
    drain()
    assert (locked(stage), account_of(anna).ox_id) == ([True], stage.in_ox()[0]["id"])
    restore(stage, anna)
    drain()
    assert (locked(stage), status(anna), why_no_sign_in(stage, "anna@acme.test")) == ([False], "enabled", None)


def test_a_strangers_user_of_the_same_name_is_not_locked(stage: Stage, anna: ServiceUser) -> None:
    with stage.sandbox.platform.store.writing() as db:
        db.execute("UPDATE user SET attributes = '{}' WHERE name = 'anna@acme.test'")
    OxAccount.objects.update(ox_id=None, applied={})
    remove(stage, anna)
    drain()
    assert (locked(stage), job_of(anna).state) == ([False], "done")


def test_one_who_was_deleted_behind_our_back_is_made_anew_by_a_restore_only(stage: Stage, anna: ServiceUser) -> None:
    with stage.sandbox.platform.store.writing() as db:
        db.execute("DELETE FROM user WHERE name = 'anna@acme.test'")
    remove(stage, anna)
    drain()
    assert (stage.in_ox(), status(anna), account_of(anna).ox_id) == ([], "disabled", None)
    restore(stage, anna)
    drain()
    assert (stage.names_in_ox(), status(anna)) == (["anna@acme.test"], "enabled")


def test_a_password_on_its_way_is_delivered_with_the_lock(stage: Stage, anna: ServiceUser) -> None:
    from oxherd.people.commands import change_password

    change_password(actor=stage.cast.system, user=anna, password="another horse battery")
    remove(stage, anna)
    drain()
    assert account_of(anna).sealed_password == ""
    restore(stage, anna)
    drain()
    assert why_no_sign_in(stage, "anna@acme.test", "another horse battery") is None


@on_every_dialect
def test_a_lock_whose_answer_is_lost_is_taken_back_by_a_restore(stage: Stage, anna: ServiceUser) -> None:
    stage.strikes("answer_lost", match={"operation": stage.changing}, times=1)
    remove(stage, anna)
    work.work(job_of(anna).pk)  # locked there, and we do not know
    assert locked(stage) == [True]
    restore(stage, anna)
    drain()
    assert (locked(stage), status(anna)) == ([False], "enabled")


def test_a_lock_that_was_killed_before_its_commit_is_taken_back_by_a_restore(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    job, now = ledger.claim(job_of(anna).pk), read(account_of(anna).pk)
    assert job is not None
    assert now is not None
    people._lock(now)  # locked there; killed here
    assert locked(stage) == [True]
    restore(stage, anna)
    work.work(job.pk)  # brought back by housekeeping
    drain()
    assert (locked(stage), status(anna)) == ([False], "enabled")


def test_a_restore_whose_answer_is_lost_is_locked_again_by_a_removal(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    drain()
    stage.strikes("answer_lost", match={"operation": "change"}, times=1)
    restore(stage, anna)
    work.work(job_of(anna).pk)
    assert locked(stage) == [False]
    remove(stage, anna)
    drain()
    assert (locked(stage), status(anna)) == ([True], "disabled")


def test_restored_while_the_lock_is_on_its_way_ends_unlocked(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    job, now = ledger.claim(job_of(anna).pk), read(account_of(anna).pk)
    assert job is not None
    assert now is not None
    people._lock(now)
    restore(stage, anna)  # somebody clicks before the answer is written down
    people._settle(now, job)
    assert status(anna) == "in_progress"
    drain()
    assert (locked(stage), status(anna)) == ([False], "enabled")


def test_a_suspended_customers_user_is_locked_when_the_customer_is_back(stage: Stage, anna: ServiceUser) -> None:
    suspend_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    remove(stage, anna)
    drain()
    assert (job_of(anna).state, locked(stage)) == ("parked", [False])
    resume_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert (job_of(anna).state, locked(stage)) == ("done", [True])


def test_a_lock_that_ox_refuses_shows_as_an_error_and_can_be_tried_again(stage: Stage, anna: ServiceUser) -> None:
    stage.strikes("refuse", name="anna*")
    remove(stage, anna)
    drain()
    assert (status(anna), job_of(anna).state) == ("error", "refused")
    stage.behaves()
    retry_ox(actor=stage.cast.system, user=anna)
    drain()
    assert (status(anna), locked(stage)) == ("disabled", [True])


def test_for_good_the_platforms_user_goes_too(stage: Stage, anna: ServiceUser) -> None:
    remove(stage, anna)
    drain()
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    assert (stage.in_ox(), ServiceUser.objects.count()) == ([], 0)


def test_a_user_who_managed_a_removed_resource_goes_and_leaves_it(stage: Stage, anna: ServiceUser) -> None:
    from oxherd.resources.commands import remove_resource

    room = stage.cast.resource("Blue room", manager=anna)
    remove_resource(actor=stage.cast.system, resource=room)
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    room.refresh_from_db()
    assert (ServiceUser.objects.count(), room.manager, room.presence) == (0, None, "removed")


def test_a_disable_that_ends_after_the_removal_holds_no_address(stage: Stage, anna: ServiceUser) -> None:
    disable_ox(actor=stage.cast.system, user=anna)
    remove(stage, anna)
    drain()
    assert (stage.in_ox(), OxAccount.objects.count(), status(anna)) == ([], 0, "disabled")
    assert not anna.addresses.exists()
    restore(stage, anna)
    assert [row.address for row in anna.addresses.all()] == ["anna@acme.test"]


def test_what_a_refused_change_left_behind_is_taken_back_with_it(stage: Stage, anna: ServiceUser) -> None:
    stage.strikes("answer_lost", match={"operation": "change"}, times=1)
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Later")
    work.work(job_of(anna).pk)
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna Later"]
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Becker")
    drain()
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna Becker"]


def test_a_disabled_user_stays_untouched_until_the_deletion_may_begin(
    stage: Stage, anna: ServiceUser, settings: Any
) -> None:
    settings.UNDO_SECONDS = 20
    before = stage.in_ox()
    stage.strikes("answer_lost", match={"operation": "change"}, times=1)
    change_user(actor=stage.cast.system, user=anna, surname="Bach")
    older = job_of(anna)
    ledger.claim(older.pk)  # a worker that reads only after the next command
    disable_ox(actor=stage.cast.system, user=anna)
    work.work(older.pk)
    drain()
    assert (stage.calls(), stage.in_ox(), status(anna)) == ([], before, "in_progress")
    keep_ox(actor=stage.cast.system, user=anna)
    drain()
    drain()
    (held,) = stage.in_ox()
    assert (held["sur_name"], held["id"], status(anna)) == ("Bach", before[0]["id"], "enabled")
    disable_ox(actor=stage.cast.system, user=anna)
    let_the_time_pass()
    drain()
    assert (stage.in_ox(), status(anna)) == ([], "disabled")


def let_the_time_pass() -> None:
    OxAccount.objects.update(delete_after=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
