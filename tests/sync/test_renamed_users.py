"""A rename arrives, whichever way the platform is set up, and whatever happens on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cast import make_cast
from tests.sync.conftest import Stage, account_of, job_of, status
from tests.worker import drain, empty_queue

from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain
from oxherd.domains.queries import catch_all_addresses
from oxherd.groups.queries import members_of
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.rename_commands import rename_user
from oxherd.provisioning import ledger
from oxherd.sandbox.testing import SandboxServer
from oxherd.sync import people
from oxherd.sync.account_rows import read
from oxherd.sync.platforms import access, platform_of
from oxherd.tenants.models import Tenant


@pytest.fixture
def renaming(tmp_path: Path, transactional_db: None, settings: Any) -> Iterator[Stage]:
    """The stage, with a platform that changes names and a brand that says so."""
    settings.SYNC_BACK_OFF_SECONDS = 0
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite", username_changeable=True) as sandbox:
        stage = Stage(make_cast(sandbox.url), sandbox)
        change_brand(actor=stage.cast.system, brand=stage.cast.brand, username_changeable=True)
        drain()
        stage.calls()
        yield stage


def rename(stage: Stage, user: ServiceUser, to: str, **more: Any) -> None:
    rename_user(actor=stage.cast.system, user=user, login=to, primary_address=to, **more)


def held(stage: Stage) -> tuple[str, str, list[str]]:
    """Name, primary address and aliases of the one user in OX."""
    (user,) = stage.in_ox()
    assert user["primaryEmail"] == user["email1"] == user["defaultSenderAddress"]
    return user["name"], user["primaryEmail"], sorted(user["aliases"])


def test_where_names_stay_the_address_moves_and_the_name_stays_in_one_call(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    drain()
    stage.calls()
    rename(stage, anna, "adler@acme.test")
    drain()
    assert held(stage) == ("anna@acme.test", "adler@acme.test", ["adler@acme.test", "anna@acme.test"])
    assert (status(anna), account_of(anna).ox_name, stage.calls()) == ("enabled", "anna@acme.test", ["change"])


def test_where_names_change_the_name_goes_along(renaming: Stage) -> None:
    anna = renaming.cast.user(login="anna", ox=True)
    drain()
    assert account_of(anna).ox_name == "anna@acme.test"
    renaming.calls()
    rename(renaming, anna, "adler@acme.test", keep_old_as_alias=False)
    drain()
    assert held(renaming) == ("adler@acme.test", "adler@acme.test", ["adler@acme.test"])
    assert (status(anna), account_of(anna).ox_name) == ("enabled", "adler@acme.test")
    assert renaming.calls() == ["change"]


def test_a_brand_that_promises_what_the_platform_refuses_is_told_and_mended_by_the_setting(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    drain()
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, username_changeable=True)
    rename(stage, anna, "adler@acme.test")
    drain()
    told = "The platform does not allow to change user names."
    assert (status(anna), job_of(anna).state, job_of(anna).sentence) == ("error", "refused", told)
    change_brand(actor=stage.cast.system, brand=stage.cast.brand, username_changeable=False)
    rename(stage, anna, "anna.adler@acme.test")
    drain()
    assert (status(anna), held(stage)[:2]) == ("enabled", ("anna@acme.test", "anna.adler@acme.test"))


def test_an_alias_becomes_the_primary_address_without_a_new_list_of_aliases(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True, aliases=("info@acme.test",))
    drain()
    rename_user(actor=stage.cast.system, user=anna, primary_address="info@acme.test")
    drain()
    assert held(stage) == ("anna@acme.test", "info@acme.test", ["anna@acme.test", "info@acme.test"])


def test_a_rename_while_the_job_runs_is_neither_lost_nor_doubled(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    job, now = ledger.claim(job_of(anna).pk), read(account_of(anna).pk)
    assert job is not None
    assert now is not None
    people._put(now)  # the platform has made her ...
    rename(stage, anna, "adler@acme.test")  # ... when somebody renames her
    people.settle(now, people.wanted_of(now), job)
    assert (account_of(anna).ox_name, account_of(anna).former_names) == ("anna@acme.test", [])
    drain()
    assert held(stage) == ("anna@acme.test", "adler@acme.test", ["adler@acme.test", "anna@acme.test"])
    assert status(anna) == "enabled"


@pytest.mark.parametrize(("platform", "name"), [("stage", "anna@acme.test"), ("renaming", "c@acme.test")])
def test_who_was_renamed_after_an_answer_was_lost_is_found_under_the_old_name(
    request: pytest.FixtureRequest, transactional_db: None, platform: str, name: str
) -> None:
    on: Stage = request.getfixturevalue(platform)
    anna = on.cast.user(login="anna", ox=True)
    now = read(account_of(anna).pk)
    assert now is not None
    people._put(now)  # made, and never written down
    rename(on, anna, "b@acme.test", keep_old_as_alias=False)
    rename(on, anna, "c@acme.test", keep_old_as_alias=False)
    drain()
    assert held(on) == (name, "c@acme.test", ["c@acme.test"])
    account = account_of(anna)
    assert (status(anna), account.ox_name, account.former_names) == ("enabled", name, [])
    assert account.drive_used_mb == 0
    assert account.drive_used_at is not None


def test_who_was_renamed_before_the_worker_came_has_the_new_name_in_ox(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    rename(stage, anna, "adler@acme.test", keep_old_as_alias=False)
    drain()
    assert held(stage) == ("adler@acme.test", "adler@acme.test", ["adler@acme.test"])
    assert account_of(anna).ox_name == "adler@acme.test"
    assert account_of(anna).drive_used_mb is None


def test_who_was_renamed_and_is_disabled_is_removed_under_whatever_name_ox_has(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    now = read(account_of(anna).pk)
    assert now is not None
    people._put(now)  # made, and never written down
    rename(stage, anna, "adler@acme.test")
    disable_ox(actor=stage.cast.system, user=anna)
    drain()
    assert (stage.in_ox(), status(anna)) == ([], "disabled")


def test_deleted_behind_our_back_is_made_anew_under_the_new_login(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    drain()
    OxAccount.objects.update(ox_id=4711)  # an id that the platform does not know
    with stage.sandbox.platform.store.writing() as db:
        db.execute("DELETE FROM user WHERE name = ?", [anna.login])
    rename(stage, anna, "adler@acme.test")
    drain()
    assert held(stage)[0] == account_of(anna).ox_name == "adler@acme.test"


def test_groups_resources_and_catch_alls_follow_without_a_call(stage: Stage) -> None:
    anna = stage.cast.user(login="anna", ox=True)
    group, room = stage.cast.group("Sales", anna), stage.cast.resource("Room 1", manager=anna)
    actor = stage.cast.system
    domain = add_domain(actor=actor, tenant=stage.cast.acme, name="sales.test", catch_all="anna@acme.test")
    drain()
    stage.calls()
    rename(stage, anna, "adler@acme.test", keep_old_as_alias=False)
    drain()
    assert stage.calls() == ["change"]
    tenant = Tenant.objects.get(pk=stage.cast.acme.pk)
    context = access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)
    platform, ox_id = platform_of(stage.cast.brand), account_of(anna).ox_id
    assert [found.members for found in platform.list_groups(context) if not found.is_system] == [(ox_id,)]
    assert [found.manager_id for found in platform.list_resources(context)] == [ox_id]
    assert list(members_of(group)) == [anna]
    room.refresh_from_db()
    assert room.manager == anna
    assert catch_all_addresses([domain]) == {anna.pk: "adler@acme.test"}
