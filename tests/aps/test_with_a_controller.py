"""Users, who are fetched from a controller, and all that depends on them: over HTTP both ways, with a real worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.aps import double
from tests.aps.double import Odin, row
from tests.rows import last_entry

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.passwords import verifies
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Tenant


@pytest.fixture
def odin(tmp_path: Path, sandbox: SandboxServer, live_server: Any) -> Iterator[Odin]:
    with double.running(tmp_path, live_server.url, sandbox.url) as controller:
        yield controller


def test_a_customer_gets_the_name_of_its_account_and_follows_it(odin: Odin) -> None:
    tenant = odin.customer("Acme")
    assert (Tenant.objects.get().name, Tenant.objects.get().managed_by) == ("Acme", "Odin")
    told = odin.get(tenant)
    assert (told["aps"]["status"], told["contextId"]) == ("aps:ready", Tenant.objects.get().context_id)
    assert odin.rest("PUT", f"resources/{odin.account}", {"companyName": "Acme & Sons"}).ok
    odin.settle()
    assert Tenant.objects.get().name == "Acme & Sons"


def test_a_user_is_made_of_what_the_controller_knows_of_the_person(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    user = odin.user(tenant, password="a good long passphrase", locale="de_DE", aliases=["info@acme.test"])
    odin.settle()
    made = ServiceUser.objects.get()
    assert (made.display_name, made.given_name, made.surname) == ("Anna Becker", "Anna", "Becker")
    assert (made.login, made.language, made.status) == ("anna@acme.test", "de_DE", "enabled")
    assert verifies(made.password_hash, "a good long passphrase")
    told = odin.get(user)
    assert told["aps"]["status"] == "aps:ready"
    assert (told["login"], told["primaryAddress"], told["aliases"]) == (
        "anna@acme.test", "anna@acme.test", ["info@acme.test"],
    )  # fmt: skip
    assert told["oxUserId"] == OxAccount.objects.get().ox_id
    assert last_entry().door == "aps"
    assert odin.failures() == []


def test_a_person_who_changes_in_the_controller_changes_here(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    user = odin.user(tenant)
    odin.settle()
    core = odin.get(user)["user"]["aps"]["id"]
    changes = {
        "displayName": "Anna Berg",
        "familyName": "Berg",
        "login": "berg@acme.test",
        "password": "another good one",
    }
    assert odin.rest("PUT", f"resources/{core}", changes).ok
    odin.settle()
    made = ServiceUser.objects.get()
    assert (made.display_name, made.surname, made.login) == ("Anna Berg", "Berg", "berg@acme.test")
    assert verifies(made.password_hash, "another good one")


def test_a_user_who_cannot_be_made_is_told_and_leaves_nothing(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    user = odin.user(tenant, login="anna@elsewhere.test")
    odin.settle()
    assert ["is not a domain of Acme" in failure for failure in odin.failures()] == [True]
    assert (row(user).state, ServiceUser.objects.count()) == ("failed", 0)
    kept = odin.get(user)
    assert (kept["status"], kept["problem"]) == ("error", row(user).problem)


def test_why_the_platform_refuses_a_user_is_kept_with_the_user(odin: Odin, sandbox: SandboxServer) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    sandbox.platform.mischief.replace({"rules": [{"match": {"operation": "create*"}, "action": "refuse"}]})
    user = odin.user(tenant)
    odin.settle()
    (failure,) = odin.failures()
    kept = odin.get(user)
    assert (kept["status"], kept["login"]) == ("error", "anna@acme.test")
    assert kept["problem"]
    assert kept["problem"] in failure


def test_a_removed_user_makes_room_for_another_of_the_same_login(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    user = odin.user(tenant)
    odin.settle()
    assert odin.rest("DELETE", f"resources/{user}").status_code in {200, 202, 204}
    odin.settle()
    assert ServiceUser.objects.get().presence == "removed"
    assert odin.rest("DELETE", f"resources/{odin.get(tenant)['aps']['id']}/users/{user}").status_code >= 400
    again = odin.add(
        "user",
        user={"aps": {"id": odin.listed_core()[0]}},
        tenant={"aps": {"id": tenant}},
        profile={"aps": {"id": odin.profile}},
    )
    odin.settle()
    assert odin.get(again)["aps"]["status"] == "aps:ready"
    assert ServiceUser.objects.filter(presence="present").count() == 1
