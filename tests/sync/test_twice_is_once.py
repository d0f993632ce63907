"""Killed anywhere, run again: nothing is lost and nothing is there twice."""

import subprocess
import sys

from tests.sync.conftest import Stage, account_of, job_of, on_every_dialect, on_every_platform, status
from tests.worker import drain

from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence
from oxherd.sync import people, work
from oxherd.sync.account_rows import read


def test_the_same_job_twice_makes_one_ox_user(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    # As after a crash between the platform's answer and our commit.
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="running")
    OxAccount.objects.update(ox_id=None, applied={})
    work.work(job_of(anna).pk)
    (held,) = stage.in_ox()
    assert (account_of(anna).ox_id, status(anna), job_of(anna).state) == (held["id"], "enabled", "done")


@on_every_dialect
def test_an_answer_that_is_lost_makes_no_twin(stage: Stage) -> None:
    stage.strikes("answer_lost", name="anna*", times=1)
    anna = stage.cast.user(ox=True)
    drain()
    drain()
    assert stage.names_in_ox() == ["anna.becker@acme.test"]
    assert (status(anna), account_of(anna).ox_id) == ("enabled", stage.in_ox()[0]["id"])


@on_every_platform
def test_what_is_adopted_is_brought_up_to_date(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    OxAccount.objects.update(ox_id=None, applied={})
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Later")
    drain()
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna Later"]


@on_every_dialect
def test_a_strangers_user_of_the_same_name_is_not_adopted(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    with stage.sandbox.platform.store.writing() as db:
        db.execute("UPDATE user SET attributes = '{}' WHERE name = ?", [anna.login])
    OxAccount.objects.update(ox_id=None, applied={})
    change_user(actor=stage.cast.system, user=anna, display_name="Not Anna")
    drain()
    assert (status(anna), job_of(anna).state, job_of(anna).cause) == ("error", "refused", "platform_taken")
    assert [user["display_name"] for user in stage.in_ox()] == ["Anna Becker"]


def test_a_removal_whose_answer_is_lost_ends_all_the_same(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.strikes("answer_lost", match={"operation": "delete"}, times=1)
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    drain()
    assert (stage.in_ox(), ServiceUser.objects.count()) == ([], 0)


@on_every_platform
def test_a_user_made_by_a_broken_off_job_is_removed_too(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    OxAccount.objects.update(ox_id=None, applied={})  # made, and never written down
    disable_ox(actor=stage.cast.system, user=anna)
    drain()
    assert (stage.in_ox(), status(anna)) == ([], "disabled")


def test_enabled_again_while_the_removal_is_under_way_makes_it_anew(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    disable_ox(actor=stage.cast.system, user=anna)
    job, leaving = ledger.claim(job_of(anna).pk), read(account_of(anna).pk)
    assert job is not None
    assert leaving is not None
    people._remove(leaving)  # the platform has let go ...
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(stage.cast.groupware))  # ... when somebody clicks
    people._let_go(leaving, job)
    drain()
    assert stage.names_in_ox() == ["anna.becker@acme.test"]
    assert (status(anna), account_of(anna).presence) == ("enabled", Presence.PRESENT)


def test_an_older_delivery_leaves_a_newer_password_to_its_own_job(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    job, older = ledger.claim(job_of(anna).pk), read(account_of(anna).pk)
    assert job is not None
    assert older is not None
    OxAccount.objects.update(sealed_password="the newer one")
    people.settle(older, {}, job)
    assert account_of(anna).sealed_password == "the newer one"


def test_a_closed_job_does_nothing(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    work.work(job_of(anna).pk)
    work.work(10**9)
    assert stage.calls() == []


def test_killed_parts_lose_and_double_nothing() -> None:
    """The short run of `make torture`: real processes, kill -9."""
    run = subprocess.run(
        [sys.executable, "bench/torture.py", "--kills", "8", "--seed", "7"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "0 lost, 0 doubled, 0 different, 0 stuck, 0 broken promises" in run.stdout
