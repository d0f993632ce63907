"""Who may see and do what on the bus, and what it answers."""

import pytest
import requests
from tests.controller.conftest import SECRET, Signed, add_customer
from tests.controller.package import BASE, CORE, kind

from oxherd.controller import sales
from oxherd.controller.core_types import SUBSCRIPTION
from oxherd.controller.testing import ControllerServer


def test_versions_are_told_to_everybody(panel):
    assert requests.get(f"{panel.server.url}/aps").json()["versions"][0]["version"] == "2.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"APS-Token": "guessed"}, 401), ({"APS-Transaction-ID": "over", "APS-Token": "guessed"}, 400)],
)
def test_strangers_get_nothing(acme, headers, status):
    assert requests.get(f"{acme.server.url}/aps/2/resources", headers=headers).status_code == status


def test_a_signature_is_good_once_and_only_if_it_is_right(acme):
    url = f"{acme.server.url}/aps/2/application"
    signed = requests.Request("GET", url, auth=Signed()).prepare()
    with requests.Session() as session:
        assert [session.send(signed).status_code for _ in range(2)] == [200, 401]
        assert session.get(url, auth=Signed(secret=SECRET + "x")).status_code == 401


def test_an_application_queries_in_the_language(acme):
    query = f"resources?implementing({CORE}/subscription/service/1.0),eq(aps.status,aps:ready)"
    assert [one["aps"]["type"] for one in acme.rest("GET", query, application=True).json()] == [kind("tenant")]


def test_an_application_sees_its_own_and_what_is_linked_with_it(acme):
    sales.add_domain(acme.hub, acme.account, "acme.test")
    seen = {one["aps"]["type"].split("/")[-2] for one in acme.rest("GET", "resources", application=True).json()}
    assert seen == {"app", "offer", "tenant", "account", "subscription"}


def test_an_application_impersonates_the_owner_of_its_resource(acme):
    sales.add_domain(acme.hub, acme.account, "acme.test")
    tenant = acme.tenant["aps"]["id"]
    answer = acme.rest("GET", "collections/domains", application=True, APS_Resource_ID=tenant)
    assert [one["name"] for one in answer.json()] == ["acme.test"]
    answer = acme.rest("GET", "collections/domains", application=True, APS_Resource_ID=acme.account)
    assert answer.status_code == 403


def test_a_customer_sees_only_what_is_theirs_or_offered_to_them(acme):
    other = sales.add_account(acme.hub, "Other")["id"]
    assert acme.rest("GET", f"resources/{acme.tenant['aps']['id']}", account=other).status_code == 404
    assert acme.rest("GET", f"resources/{acme.offer}", account=other).status_code == 404
    assert acme.get(acme.offer, account=acme.account)["code"] == "gold"
    assert acme.rest("PUT", f"resources/{acme.offer}", {}, account=acme.account).status_code == 403
    assert acme.rest("GET", f"resources/{acme.app}", account=acme.account).status_code == 404


def test_secrets_go_to_the_endpoint_alone(acme):
    user = acme.user(secret="hidden").json()
    assert "secret" not in user
    assert acme.endpoint.of("POST /user")[0].body["secret"] == "hidden"
    assert "secret" not in acme.get(user["aps"]["id"])
    own = acme.rest("GET", f"resources/{user['aps']['id']}", application=True).json()
    assert own["secret"] == "hidden"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"mail": None}, "mail: this is required."),
        ({"mail": "anna"}, "mail: 'anna' is no email."),
        ({"mail": 7}, "mail: 7 is no string."),
        ({"aliases": ["a", "a"]}, "aliases: the same is named twice."),
        ({"aliases": [1]}, "aliases[0]: 1 is no string."),
        ({"externalId": 7}, "externalId: this is the application's to set."),
        ({"height": 7}, f"height: {kind('user')} has no such property."),
        ({"tenant": None}, f"tenant: a link to {kind('tenant')} is required."),
    ],
)
def test_values_have_to_be_as_the_type_wants_them(acme, values, sentence):
    answer = acme.user(**values)
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)
    assert acme.endpoint.calls == []


def test_final_values_and_choices_are_held(acme):
    answer = acme.rest("PUT", f"resources/{acme.offer}", {"code": "silver"})
    assert (answer.status_code, answer.json()["message"]) == (400, "code: this cannot be changed any more.")
    answer = acme.rest("PUT", f"resources/{acme.tenant['aps']['id']}", {"size": "huge"})
    assert answer.json()["message"] == "size: 'huge' is none of small, large."
    assert acme.rest("PUT", f"resources/{acme.offer}", {"code": "gold"}).status_code == 200


def test_the_application_tells_of_its_resources_without_being_called(acme):
    tenant = {"aps": {"id": acme.tenant["aps"]["id"]}}
    core = sales.add_user(acme.hub, acme.account, "bert@acme.test")
    body = {"mail": "bert@acme.test", "tenant": tenant, "user": {"aps": {"id": core["id"]}}, "externalId": 9}
    assert acme.rest("POST", "application/user", body, application=True).status_code == 404
    answer = acme.rest("POST", "application/user", body, application=True, APS_Resource_ID=tenant["aps"]["id"])
    user = answer.json()
    assert (answer.status_code, user["aps"]["status"], user["externalId"]) == (201, "aps:ready", 9)
    told = acme.rest("PUT", f"application/user/{user['aps']['id']}", {"externalId": 10}, application=True)
    assert told.json()["externalId"] == 10
    users = acme.rest("GET", f"resources/{tenant['aps']['id']}/users", account=acme.account).json()
    assert [one["externalId"] for one in users] == [10]
    assert acme.rest("PUT", f"application/tenant/{user['aps']['id']}", {}, application=True).status_code == 404
    assert acme.rest("DELETE", f"application/user/{user['aps']['id']}", application=True).status_code == 204
    assert acme.rest("GET", f"resources/{user['aps']['id']}").status_code == 404
    assert acme.endpoint.calls == []


def test_what_is_posted_below_a_relation_is_made_and_linked(acme):
    core = sales.add_user(acme.hub, acme.account, "carl@acme.test")
    body = {"aps": {"type": kind("user")}, "mail": "carl@acme.test", "user": {"aps": {"id": core["id"]}}}
    tenant = acme.tenant["aps"]["id"]
    made = acme.rest("POST", f"resources/{tenant}/users", body, account=acme.account).json()
    assert made["tenant"]["aps"]["id"] == tenant
    listed = acme.rest("GET", f"resources/{tenant}/users?select(tenant,mail)", account=acme.account).json()
    assert [(one["mail"], one["tenant"]["size"]) for one in listed] == [("carl@acme.test", "small")]


def test_an_instance_is_found_and_removed(instance):
    found = instance.rest("GET", "applications").json()
    assert [(one["aps"]["package"]["type"], one["app"]["server"]) for one in found] == [(BASE, "mail.test")]
    assert instance.rest("DELETE", f"resources/{instance.offer}").status_code == 204
    assert instance.rest("DELETE", f"applications/{instance.app}").status_code == 204
    assert instance.rest("GET", "applications").json() == []
    assert instance.endpoint.of("DELETE")[-1].line == f"DELETE /app/{instance.app}"


def test_types_and_packages_are_told(acme):
    types = acme.rest("GET", f"types?id={kind('tenant')}").json()
    assert [one["name"] for one in types] == ["tenant"]
    assert acme.rest("GET", acme.tenant["aps"]["schema"].removeprefix("/aps/2/")).json()["name"] == "tenant"
    shown = acme.rest("GET", f"packages/{acme.tenant['aps']['package']['id']}").json()
    assert (shown["version"], sorted(shown["services"])) == ("1", ["app", "offer", "tenant", "user"])
    archive = acme.rest("GET", f"packages/{shown['aps']['id']}", Accept="application/aps")
    assert archive.content[:2] == b"PK"


def test_a_kill_loses_no_task(tmp_path, endpoint):
    from tests.controller.conftest import Panel, add_instance, until
    from tests.controller.package import package

    from oxherd.controller import packages

    endpoint.expect("POST /tenant", (202, {"externalId": 4}, {"APS-Retry-Timeout": "20000"}))
    data = tmp_path / "controller.sqlite3"
    with ControllerServer(data, hurry=1000) as first:
        packages.import_package(first.hub, package())
        panel = add_customer(add_instance(Panel(first, endpoint)))
        until(lambda: [task for task in panel.tasks() if task["phase"] == "async"])
    endpoint.expect("POST /tenant", (200, {"contextId": 6}))
    with ControllerServer(data, hurry=1000) as second:
        panel.server = second
        with second.hub.store.writing() as db:
            db.execute("UPDATE tasks SET due = 0")
        panel.settled()
        assert panel.tenant["contextId"] == 6


def test_the_file_with_all_secrets_is_its_owners_alone(tmp_path):
    place = tmp_path / "new" / "controller.sqlite3"
    for _ in range(2):
        with ControllerServer(place):
            modes = {f"{one.name} {one.stat().st_mode & 0o777:o}" for one in place.parent.iterdir()}
        names = ("controller.sqlite3", "controller.sqlite3-wal", "controller.sqlite3-shm", "controller.pem")
        assert modes == {f"{name} 600" for name in names}
        place.chmod(0o644)


@pytest.mark.parametrize(
    ("body", "service"),
    [
        ({"aps": {"type": kind("offer")}, "code": "mine"}, "offer"),
        ({"aps": {"type": kind("tenant")}}, "tenant"),
        ({"aps": {"type": kind("app")}}, "app"),
        ({"aps": {"type": SUBSCRIPTION}}, SUBSCRIPTION),
    ],
)
def test_a_customer_makes_nothing_that_its_subscription_does_not_offer(acme, body, service):
    before = len(acme.rest("GET", "resources?limit(0,1000)").json())
    headers = {"APS_Subscription_ID": acme.subscription}
    answer = acme.rest("POST", "resources", body, account=acme.account, **headers)
    sentence = f"The subscription does not offer {service}; that is the provider's to make."
    assert (answer.status_code, answer.json()["message"]) == (403, sentence)
    assert (acme.endpoint.calls, len(acme.rest("GET", "resources?limit(0,1000)").json())) == ([], before)


@pytest.mark.parametrize(
    ("services", "answers"),
    [
        ({}, [(403, "The subscription does not offer user; that is the provider's to make.")]),
        ({"user": 1}, [(201, None), (403, "The subscription offers 1 of user, and they are there already.")]),
        ({"user": -1}, [(201, None), (201, None)]),
        (None, [(201, None), (201, None)]),
    ],
)
def test_a_customer_makes_as_many_as_its_subscription_offers(instance, services, answers):
    add_customer(instance, services=services)
    instance.settled()
    found = [instance.user(f"user{number}@acme.test") for number in range(len(answers))]
    assert [(one.status_code, one.json().get("message")) for one in found] == answers
