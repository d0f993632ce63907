"""What a controller does with users, groups, resources and domains, once the persons are known."""

from typing import Any

import pytest
from tests.aps.controller import Signing, fault, link, new_id, resource, row_of
from tests.rows import everything, last_entry
from tests.worker import drain, empty_queue

from oxherd.aps import controllers, fetching
from oxherd.aps.arrivals import Arrivals, arrivals_of
from oxherd.aps.controllers import ControllerError
from oxherd.aps.models import ApsResource
from oxherd.domains.models import Domain
from oxherd.groups.models import Group, Member
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.passwords import verifies
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Seats

PASSWORD = "correct horse battery staple"


class Persons:
    """What the controller answers: persons by their ids; down: it answers nothing."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.down = False

    def __call__(self, instance: Any, method: str, path: str, body: Any = None) -> Any:
        self.asked.append((method, path))
        if self.down:
            raise ControllerError("Odin cannot be reached: no connection. It is tried again.")
        if method != "GET":
            return {"id": new_id()}
        aps_id = path.rpartition("/")[2]
        if aps_id not in self.known:
            raise ControllerError("Odin has answered with 404.", status=404)
        return self.known[aps_id]


class Stage:
    """A customer of a controller, whose context is there, with the domain acme.test."""

    def __init__(self, odin: Signing, sandbox: SandboxServer, persons: Persons) -> None:
        self.odin, self.sandbox, self.persons = odin, sandbox, persons
        self.brand = odin.brand(sandbox.url)
        self.mail = odin.profile(self.brand, "Mail", "webmail", rank=1, counter="OX_PROFILE_1")
        self.groupware = odin.profile(self.brand, rank=2, counter="OX_PROFILE_2")
        limits = {
            name: {"limit": number} for name, number in {"OX_PROFILE_1": 2, "OX_PROFILE_2": 2, "USERS": 3}.items()
        }
        self.tenant = odin.tenant(self.brand, **limits)
        drain()
        self.domain = odin.provision("domain", tenant=link(self.tenant), name="acme.test")

    def user(self, login: str = "anna@acme.test", *, profile: str = "", **more: Any) -> str:
        """The id of a user who is provisioned, as far as the worker has come."""
        person = new_id()
        self.persons.known[person] = {"login": login, "displayName": login.partition("@")[0].title(), "givenName": "A"}
        ids = {"user": person, "tenant": self.tenant, "profile": profile or self.groupware}
        return self.odin.provision("user", **{name: link(aps_id) for name, aps_id in ids.items()}, **more)

    def person_of(self, user: str) -> dict[str, Any]:
        return self.persons.known[row_of(user).links["user"]]


@pytest.fixture
def stage(odin: Signing, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Stage:
    persons = Persons()
    monkeypatch.setattr(controllers, "call", persons)
    return Stage(odin, sandbox, persons)


def test_a_user_is_asked_for_first_and_made_by_the_worker(stage: Stage) -> None:
    user = stage.user()
    assert not ServiceUser.objects.exists()
    path = f"/aps/user/{user}"
    assert stage.odin.call("GET", path).json() == {}
    drain()
    assert stage.odin.call("GET", path).json()["login"] == "anna@acme.test"
    assert stage.persons.asked.count(("POST", f"aps/2/resources/{user}/aps/subscriptions")) == 1
    body = resource("user", user, tenant=link(stage.tenant), profile=link(stage.groupware))
    answer = stage.odin.poll("POST", "/aps/user", body)
    assert (answer.status_code, answer.json()["status"]) == (201, "enabled")
    assert (ServiceUser.objects.count(), OxAccount.objects.count()) == (1, 1)


def test_a_controller_that_is_down_is_asked_again(stage: Stage) -> None:
    stage.persons.down = True
    user = stage.user()
    drain()
    body = resource("user", user)
    answer = stage.odin.poll("POST", "/aps/user", body)
    assert answer.status_code == 202
    assert answer.headers["APS-Info"].endswith("Odin cannot be reached: no connection. It is tried again.")
    stage.persons.down = False
    fetching.fetch(row_of(user).pk, tries=1)  # as the queue does in some seconds
    drain()
    assert stage.odin.poll("POST", "/aps/user", body).status_code == 201
    assert ServiceUser.objects.count() == 1


def test_who_is_not_there_is_refused_and_asked_for_again_by_another_call(stage: Stage) -> None:
    user = stage.user()
    person = stage.persons.known.pop(row_of(user).links["user"])
    drain()
    body = resource("user", user, tenant=link(stage.tenant), profile=link(stage.groupware), user=row_link(user))
    stage.odin.refusal("POST", "/aps/user", body)
    stage.persons.known[row_of(user).links["user"]] = person
    again = stage.odin.call("POST", "/aps/user", body)
    assert (again.status_code, again.json()) == (202, {"status": "in_progress", "problem": ""})
    drain()
    assert stage.odin.poll("POST", "/aps/user", body).status_code == 201


def test_who_could_not_be_made_is_made_after_a_change(stage: Stage) -> None:
    user = stage.user(primaryAddress="anna@other.test")
    drain()
    stage.odin.refusal("POST", "/aps/user", resource("user", user))
    row = row_of(user)
    (failure,) = arrivals_of(row.tenant).failures
    assert (failure.who, failure.sentence) == ("Anna", row.problem)
    assert stage.odin.call("PUT", f"/aps/user/{user}", {"primaryAddress": "a.b@acme.test"}).status_code == 202
    assert arrivals_of(row.tenant) == Arrivals(asked=1)
    drain()
    assert arrivals_of(row.tenant) == Arrivals()
    assert stage.odin.poll("PUT", f"/aps/user/{user}", {"primaryAddress": "a.b@acme.test"}).status_code == 200
    assert OxAccount.objects.get().primary_address == "a.b@acme.test"


def row_link(user: str) -> dict[str, Any]:
    return link(row_of(user).links["user"])


def test_a_login_in_no_domain_is_a_sentence(stage: Stage) -> None:
    stage.odin.provision("domain", tenant=link(stage.tenant), name="acme2.test")
    user = stage.user("anna")
    drain()
    told = stage.odin.refusal("POST", "/aps/user", resource("user", user))
    assert told["message"] == "The login anna is in no domain. Give the user a primary address."
    other = stage.user("bert", primaryAddress="b@acme2.test")
    drain()
    assert stage.odin.call("GET", f"/aps/user/{other}").json()["login"] == "bert@acme2.test"


def test_an_event_that_comes_often_changes_once(stage: Stage) -> None:
    user = stage.user()
    drain()
    stage.person_of(user).update(displayName="Anna Berg", familyName="Berg", locale="fr_FR")
    entries = last_entry().pk
    for serial in (1, 2, 2):
        event = {"event": "http://aps-standard.org/core/events/changed", "serial": serial}
        answer = stage.odin.call("POST", f"/aps/user/{user}/onUserChanged", event)
        assert (answer.status_code, answer.json()) == (200, {})
        drain()
    made = ServiceUser.objects.get()
    assert (made.display_name, made.surname, made.language) == ("Anna Berg", "Berg", "fr_FR")
    assert last_entry().pk == entries + 1


def test_a_password_is_set_once_and_kept_nowhere(stage: Stage) -> None:
    user = stage.user()
    drain()
    path = f"/aps/user/{user}/setPassword"
    assert stage.odin.call("PUT", path, {"password": PASSWORD}).status_code == 202
    jobs = SyncJob.objects.count()
    assert stage.odin.poll("PUT", path, {"password": PASSWORD}).status_code == 202
    assert SyncJob.objects.count() == jobs
    assert PASSWORD not in str(everything())
    drain()
    assert stage.odin.poll("PUT", path, {"password": PASSWORD}).status_code == 200
    assert verifies(ServiceUser.objects.get().password_hash, PASSWORD)
    before = everything()
    for wrong in ({"password": "1234"}, {"password": 7}, {}, {"password": ""}):
        fault(stage.odin.call("PUT", path, wrong), 400)
    assert everything() == before


def test_ox_is_taken_away_and_given_back(stage: Stage) -> None:
    user = stage.user()
    drain()
    path = f"/aps/user/{user}"
    assert stage.odin.call("PUT", path, {"ox": False}).status_code == 202
    drain()
    assert stage.odin.poll("PUT", path, {"ox": False}).status_code == 200
    assert not OxAccount.objects.exists()
    assert stage.odin.call("GET", path).json()["status"] == "disabled"
    assert stage.odin.call("PUT", path, {"ox": True, "aliases": ["info@acme.test"]}).status_code == 202
    drain()
    told = stage.odin.call("GET", path).json()
    assert (told["status"], told["aliases"]) == ("enabled", ["info@acme.test"])


def test_addresses_and_profile_are_changed(stage: Stage) -> None:
    user = stage.user()
    drain()
    path = f"/aps/user/{user}"
    body = {"primaryAddress": "becker@acme.test", "aliases": ["info@acme.test"], "profile": link(stage.mail)}
    assert stage.odin.call("PUT", path, body).status_code == 202
    drain()
    assert stage.odin.poll("PUT", path, body).status_code == 200
    account = OxAccount.objects.get()
    assert (account.primary_address, account.aliases, account.profile.name) == (
        "becker@acme.test", ["info@acme.test"], "Mail",
    )  # fmt: skip
    assert stage.odin.call("POST", f"{path}/profile", resource("profile", stage.groupware)).status_code == 200
    assert OxAccount.objects.get().profile.name == "Groupware"
    before = everything()
    fault(stage.odin.call("PUT", path, {"primaryAddress": "becker@elsewhere.test"}), 400)
    fault(stage.odin.call("PUT", path, {"profile": link(new_id())}), 404)
    assert everything() == before


def test_counters_limit_what_can_be_had(stage: Stage) -> None:
    for login in ("a@acme.test", "b@acme.test"):
        stage.user(login)
    drain()
    third = stage.user("c@acme.test")
    drain()
    told = stage.odin.refusal("POST", "/aps/user", resource("user", third))
    assert told["message"].startswith("All 2 seats of the profile Groupware are taken.")
    stage.user("d@acme.test", profile=stage.mail)
    drain()
    body = resource("user", new_id(), user=link(new_id()), tenant=link(stage.tenant), profile=link(stage.mail))
    before = everything()
    assert "room for 3 users" in fault(stage.odin.call("POST", "/aps/user", body), 409)["message"]
    assert everything() == before
    usage = stage.odin.call("GET", f"/aps/tenant/{stage.tenant}").json()
    assert [usage[name]["usage"] for name in ("USERS", "OX_PROFILE_1", "OX_PROFILE_2", "DOMAINS")] == [3, 1, 2, 1]
    assert stage.odin.call("PUT", f"/aps/tenant/{stage.tenant}", {"OX_PROFILE_2": {"limit": 5}}).status_code == 202
    assert set(Seats.objects.values_list("profile__name", "number")) == {("Mail", 2), ("Groupware", 5)}
    fault(stage.odin.call("PUT", f"/aps/tenant/{stage.tenant}", {"OX_PROFILE_2": {"limit": 1}}), 400)


def test_a_profile_that_comes_after_the_customer_can_be_used(stage: Stage) -> None:
    later = stage.odin.profile(stage.brand, "Later", "webmail")
    stage.user(profile=later)
    unsold = stage.odin.profile(stage.brand, "Unsold", "webmail", counter="OX_PROFILE_7")
    other = stage.user("bert@acme.test", profile=unsold)
    drain()
    assert [account.profile.name for account in OxAccount.objects.all()] == ["Later"]
    told = stage.odin.refusal("POST", "/aps/user", resource("user", other))
    assert told["message"] == "The profile Unsold is not part of this subscription."


def test_what_was_lost_on_the_way_goes_on_by_the_next_call(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    user = stage.user()
    empty_queue()
    assert stage.odin.poll("POST", "/aps/user", resource("user", user)).status_code == 202
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "person_from", lambda _: 1 / 0)
        drain()
    answer = stage.odin.poll("POST", "/aps/user", resource("user", user))
    assert answer.headers["APS-Info"].endswith("oxherd has failed; its log tells why. It is tried again.")
    fetching.fetch(row_of(user).pk, tries=1)
    drain()
    assert stage.odin.poll("POST", "/aps/user", resource("user", user)).status_code == 201


def test_a_group_gets_its_members_by_links(stage: Stage) -> None:
    anna, bert = stage.user("anna@acme.test"), stage.user("bert@acme.test")
    drain()
    group = stage.odin.provision("group", tenant=link(stage.tenant), displayName="Sales", address="sales@acme.test")
    path = f"/aps/group/{group}"
    assert stage.odin.call("POST", f"{path}/members", resource("user", anna)).json() == {}
    assert stage.odin.call("POST", f"/aps/user/{bert}/groups/{group}", {}).status_code == 200
    assert Member.objects.count() == 2
    assert stage.odin.call("DELETE", f"{path}/members/{anna}").status_code == 200
    assert stage.odin.call("DELETE", f"{path}/members/{anna}").status_code == 200
    assert [member.user.login for member in Member.objects.all()] == ["bert@acme.test"]
    drain()
    body = resource("group", group, tenant=link(stage.tenant), displayName="Sales", address="sales@acme.test")
    assert stage.odin.poll("POST", "/aps/group", body).json()["status"] == "in_ox"
    assert stage.odin.call("PUT", path, {"displayName": "Sales team"}).status_code == 202
    assert Group.objects.get().display_name == "Sales team"
    drain()
    assert stage.odin.call("DELETE", path).status_code == 202
    drain()
    assert stage.odin.poll("DELETE", path).status_code == 204
    assert Group.objects.filter(presence="present").count() == 0


@pytest.mark.parametrize("side", ["group", "user"])
def test_who_is_linked_with_a_group_before_being_made_comes_into_it_then(stage: Stage, side: str) -> None:
    stays, leaves = stage.user("anna@acme.test"), stage.user("bert@acme.test")
    group = stage.odin.provision("group", tenant=link(stage.tenant), displayName="Sales", address="sales@acme.test")
    for user in (stays, leaves):
        ends = (f"group/{group}/members", user) if side == "group" else (f"user/{user}/groups", group)
        assert stage.odin.call("POST", f"/aps/{ends[0]}/{ends[1]}", {}).status_code == 200
    assert stage.odin.call("DELETE", f"/aps/group/{group}/members/{leaves}").status_code == 200
    assert not Member.objects.exists()
    drain()
    assert [member.user.login for member in Member.objects.all()] == ["anna@acme.test"]
    assert "groups" not in row_of(stays).links


def test_another_profile_before_the_user_is_made_is_the_one_that_counts(stage: Stage) -> None:
    user = stage.user(profile=stage.mail)
    assert stage.odin.call("POST", f"/aps/user/{user}/profile", resource("profile", stage.groupware)).status_code == 200
    drain()
    assert OxAccount.objects.get().profile.name == "Groupware"


def test_a_resource_gets_its_manager_by_a_link(stage: Stage) -> None:
    anna = stage.user()
    drain()
    room = stage.odin.provision("resource", tenant=link(stage.tenant), displayName="Blue", address="blue@acme.test")
    path = f"/aps/resource/{room}"
    assert stage.odin.call("POST", f"{path}/manager", resource("user", anna)).status_code == 200
    assert Resource.objects.get().manager == ServiceUser.objects.get()
    drain()
    assert stage.odin.call("GET", path).json()["status"] == "in_ox"
    assert stage.odin.call("DELETE", f"{path}/manager/{anna}").status_code == 200
    assert Resource.objects.get().manager is None
    assert stage.odin.call("PUT", path, {"description": "With a view"}).status_code == 202
    drain()
    assert stage.odin.call("DELETE", path).status_code == 202
    drain()
    assert stage.odin.poll("DELETE", path).status_code == 204


def test_domains_are_taken_for_verified(stage: Stage) -> None:
    below = stage.odin.provision("domain", tenant=link(stage.tenant), name="mail.acme.test")
    assert {(one.name, one.is_verified, bool(one.parent)) for one in Domain.objects.all()} == {
        ("acme.test", True, False),
        ("mail.acme.test", True, True),
    }
    user = stage.user()
    drain()
    assert stage.odin.call("PUT", f"/aps/domain/{stage.domain}", {"catchAll": "anna@acme.test"}).status_code == 200
    assert stage.odin.call("GET", f"/aps/domain/{stage.domain}").json()["catchAll"] == "anna@acme.test"
    before = everything()
    taken = resource("domain", new_id(), tenant=link(stage.tenant), name="acme.test")
    fault(stage.odin.call("POST", "/aps/domain", taken), 400)
    assert everything() == before
    nobody = resource("domain", new_id(), tenant=link(stage.tenant), name="acme2.test", catchAll="carl@acme2.test")
    told = fault(stage.odin.call("POST", "/aps/domain", nobody), 400)
    assert told["message"].startswith("carl@acme2.test is not the address of a user with OX.")
    assert everything() == before
    assert stage.odin.call("DELETE", f"/aps/user/{user}").status_code == 202
    drain()
    assert stage.odin.poll("DELETE", f"/aps/user/{user}").status_code == 204
    for each in (below, stage.domain):
        stage.odin.call("DELETE", f"/aps/domain/{each}")
        drain()
        assert stage.odin.poll("DELETE", f"/aps/domain/{each}").status_code == 204


def test_purchase_requests_are_not_made_by_controllers(stage: Stage) -> None:
    before = everything()
    body = resource("purchase_request", new_id(), tenant=link(stage.tenant))
    fault(stage.odin.call("POST", "/aps/purchase_request", body), 403)
    assert everything() == before
    assert not ApsResource.objects.filter(service="purchase_request").exists()
