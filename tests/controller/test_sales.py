"""What the provider does with customers, and what reaches the endpoint of it."""

import pytest
import requests
from tests.controller.conftest import until
from tests.controller.package import BASE, CORE, built, kind, package, usual_files

from oxherd.controller import packages, queue, sales
from oxherd.controller.refusals import Refusal


def test_limits_are_told_to_the_tenant_and_to_who_waits_for_it(acme):
    tenant = acme.tenant["aps"]["id"]
    event = {
        "event": "http://parallels.com/aps/events/pa/subscription/limits/changed",
        "source": {"id": acme.subscription},
        "handler": "onUserLinked",
    }
    acme.rest("POST", f"resources/{tenant}/aps/subscriptions", event, application=True)
    sales.change_limits(acme.hub, acme.subscription, {"USERS": 9})
    acme.settled()
    assert acme.endpoint.of("PUT")[0].body["USERS"] == {"limit": 9}
    assert acme.tenant["USERS"] == {"limit": 9}
    assert acme.endpoint.of(f"POST /tenant/{tenant}/onUserLinked")[0].body["source"]["id"] == acme.subscription


def test_a_limit_is_the_controllers_whatever_the_endpoint_answers(acme):
    answer = {"USERS": {"limit": 5, "usage": 2}, "contextId": 7}
    acme.endpoint.expect("PUT /tenant/ID", (202, answer, {"APS-Retry-Timeout": "1"}), (200, answer))
    sales.change_limits(acme.hub, acme.subscription, {"USERS": 30})
    acme.settled()
    assert (acme.tenant["USERS"], acme.tenant["contextId"]) == ({"limit": 30, "usage": 2}, 7)
    acme.endpoint.expect("GET /tenant/ID", (200, {"USERS": {"limit": 5, "usage": 3}}))
    sales.synchronize_usage(acme.hub)
    assert acme.tenant["USERS"] == {"limit": 30, "usage": 3}


def test_limits_that_are_told_again_are_those_of_now(acme):
    acme.endpoint.expect("PUT /tenant/ID", (500, {"message": "Not now."}), (200, {}))
    sales.change_limits(acme.hub, acme.subscription, {"USERS": 3})
    acme.settled(but_failed=True)
    failed = next(task["number"] for task in acme.tasks() if task["state"] == "failed")
    sales.change_limits(acme.hub, acme.subscription, {"USERS": 30})
    until(lambda: acme.tenant["USERS"] == {"limit": 30})
    queue.run_again(acme.hub, failed)
    acme.settled()
    told = [call.body["USERS"] for call in acme.endpoint.of("PUT")]
    assert (told, acme.tenant["USERS"]) == ([{"limit": 3}, {"limit": 30}, {"limit": 30}], {"limit": 30})


def test_usage_is_booked_from_what_the_tenant_answers_only(acme):
    acme.endpoint.expect("GET /tenant/ID", (200, {"USERS": {"usage": 3}, "contextId": 7}))
    tenant = acme.tenant["aps"]["id"]
    acme.rest("PUT", f"application/tenant/{tenant}", {"USERS": {"usage": 4}}, application=True)

    def booked():
        sold = acme.rest("GET", f"resources/{acme.subscription}/resources").json()
        return [(one["property"], one["usage"], one["limit"]) for one in sold if "property" in one]

    assert (acme.tenant["USERS"], booked()) == ({"limit": 5, "usage": 4}, [("USERS", 0, 5)])
    assert sales.synchronize_usage(acme.hub) == 1
    assert (acme.tenant["USERS"], acme.tenant["contextId"], booked()) == (
        {"limit": 5, "usage": 3},
        7,
        [("USERS", 3, 5)],
    )


def test_a_subscription_is_suspended_and_resumed(acme):
    acme.endpoint.expect("PUT /tenant/ID/disable", (202, {}, {"APS-Retry-Timeout": "1"}), (200, {}))
    sales.switch(acme.hub, acme.subscription, on=False)
    acme.settled()
    assert acme.tenant["aps"]["status"] == "aps:disabled"
    sales.switch(acme.hub, acme.subscription, on=True)
    acme.settled()
    assert acme.tenant["aps"]["status"] == "aps:ready"
    assert [call.path.rpartition("/")[2] for call in acme.endpoint.of("PUT")] == ["disable", "disable", "enable"]


def test_a_cancelled_subscription_goes_users_first_and_tenant_last(acme):
    acme.endpoint.expect("DELETE /user/ID", (202, {}, {"APS-Retry-Timeout": "5"}), (204,))
    users = [acme.user(f"{name}@acme.test").json()["aps"]["id"] for name in ("anna", "bert")]
    acme.settled()
    acme.endpoint.calls.clear()
    tenant = acme.tenant["aps"]["id"]
    sales.cancel(acme.hub, acme.subscription)
    acme.settled()
    removed = [call.line for call in acme.endpoint.of("DELETE") if call.path.count("/") == 2]
    assert list(dict.fromkeys(removed)) == [*(f"DELETE /user/{user}" for user in users), f"DELETE /tenant/{tenant}"]
    assert acme.rest("GET", f"resources/{acme.subscription}").status_code == 404
    assert acme.rest("GET", f"resources/{acme.account}").status_code == 200


def test_what_fails_while_a_subscription_is_cancelled_holds_up_what_leans_on_it_alone(acme):
    users = [acme.user(f"{name}@acme.test").json()["aps"]["id"] for name in ("anna", "bert", "cleo")]
    acme.settled()
    acme.endpoint.expect("DELETE /user/ID", (500, {"message": "Not now."}), (204,))
    sales.cancel(acme.hub, acme.subscription)
    until(lambda: {acme.rest("GET", f"resources/{user}").status_code for user in users[1:]} == {404})
    states = [(task["title"], task["state"]) for task in acme.tasks() if task["chain"] and task["state"] != "done"]
    assert states == [
        ("Unprovision user", "failed"),
        ("Unprovision tenant", "waiting"),
        ("Remove from the panel", "waiting"),
    ]
    assert "DELETE /tenant/ID" not in [call.kind for call in acme.endpoint.calls]
    queue.run_again(acme.hub, next(task["number"] for task in acme.tasks() if task["state"] == "failed"))
    acme.settled()
    assert acme.rest("GET", f"resources/{acme.subscription}").status_code == 404


def test_events_are_told_ten_times_at_most(acme):
    tenant = acme.tenant["aps"]["id"]
    wish = {
        "event": "http://aps-standard.org/core/events/available",
        "source": {"type": kind("user")},
        "handler": "/onUserLinked",
    }
    url = f"resources/{tenant}/aps/subscriptions"
    subscription = acme.rest("POST", url, wish, application=True).json()
    assert acme.rest("POST", url, wish, application=True).json() == subscription
    acme.endpoint.expect("POST /tenant/ID/onUserLinked", (500, {"message": "No."}))
    user = acme.user().json()["aps"]["id"]
    acme.settled()
    told = acme.endpoint.of(f"POST /tenant/{tenant}/onUserLinked")
    assert (len(told), {call.body["serial"] for call in told}) == (10, {1})
    assert told[0].body["source"] == {"id": user, "type": kind("user")}
    assert told[0].body["subscription"] == subscription["id"]
    assert acme.rest("DELETE", f"{url}/{subscription['id']}", application=True).status_code == 204
    assert acme.rest("GET", url, application=True).json() == []


def test_an_event_that_is_accepted_comes_again_until_it_is_done(acme):
    wish = {
        "event": "http://aps-standard.org/core/events/linked",
        "source": {"type": kind("tenant")},
        "relation": "users",
        "handler": "onUserLinked",
    }
    tenant = acme.tenant["aps"]["id"]
    acme.rest("POST", f"resources/{tenant}/aps/subscriptions", wish, application=True)
    acme.endpoint.expect("POST /tenant/ID/onUserLinked", *[(202, {})] * 12, (204,))
    acme.user()
    acme.settled()
    assert len(acme.endpoint.of(f"POST /tenant/{tenant}/onUserLinked")) == 13


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "source: say the type of the resources, or the id of one."),
        ({"source": {"id": "1"}}, "A subscription needs event and handler."),
        (
            {"source": {"id": "1"}, "event": "x", "handler": "dance"},
            f"handler: {kind('tenant')} declares no POST operation dance.",
        ),
    ],
)
def test_a_subscription_of_events_has_to_be_whole(acme, wish, sentence):
    answer = acme.rest("POST", f"resources/{acme.tenant['aps']['id']}/aps/subscriptions", wish, application=True)
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)


def test_an_instance_is_upgraded_where_the_package_allows_it(acme):
    with pytest.raises(Refusal, match="There is no newer package"):
        packages.upgrade(acme.hub, acme.app)
    packages.import_package(acme.hub, package(release="2", upgrade="version =ge= 2"))
    with pytest.raises(Refusal, match="upgrades from version =ge= 2 only"):
        packages.upgrade(acme.hub, acme.app)
    packages.import_package(acme.hub, package(release="10", upgrade="version=ge=1.0,release=ge=0"))
    packages.upgrade(acme.hub, acme.app)
    assert acme.endpoint.calls[-1].line == f"POST /app/{acme.app}/upgrade?version=1-1"
    shown = acme.rest("GET", f"applications/{acme.app}").json()
    assert (shown["aps"]["package"]["release"], shown["app"]["aps"]["status"]) == ("10", "aps:ready")


def test_a_release_is_imported_once(panel):
    def posted(content, query=""):
        answer = requests.post(f"{panel.server.url}/controller/api/packages{query}", data=content)
        return answer.status_code, answer.json().get("message", answer.json().get("aps"))

    other = built({**usual_files(), "ui/more.html": "more"})
    first = posted(package())
    assert (first[0], posted(package())) == (200, first)
    sentence = "Mail 1-1 was imported before, from another file. Build it with a higher --release."
    assert posted(other) == (409, sentence)
    assert posted(other, "?replace=yes") == first
    assert posted(package()) == (409, sentence)
    assert posted(built({**usual_files(), "schemas/app.schema": "[" * 200_000}))[0] == 400


def test_a_customers_things_are_named_once(acme):
    sales.add_domain(acme.hub, acme.account, "Acme.Test")
    with pytest.raises(Refusal, match=r"The domain acme\.test is there already"):
        sales.add_domain(acme.hub, acme.account, "acme.test")
    sales.add_user(acme.hub, acme.account, "anna@acme.test")
    with pytest.raises(Refusal, match=r"The login anna@acme\.test is taken"):
        sales.add_user(acme.hub, acme.account, "anna@acme.test")
    with pytest.raises(Refusal, match="no name of a domain"):
        sales.add_domain(acme.hub, acme.account, "acme")


def test_the_interface_for_tests_does_what_the_pages_do(instance):
    def ask(method, path, body=None):
        answer = requests.request(method, f"{instance.server.url}/controller/api/{path}", json=body)
        return answer.json()

    account = ask("POST", "accounts", {"name": "Acme"})["id"]
    ask("POST", f"accounts/{account}/domains", {"name": "acme.test"})
    user = ask("POST", f"accounts/{account}/users", {"login": "anna@acme.test", "password": "hidden"})["id"]
    subscription = ask("POST", "subscriptions", {"account": account, "name": "Mail", "offers": [instance.offer]})["id"]
    instance.settled()
    assert ask("GET", "subscriptions")[0]["tenants"][0]["status"] == "aps:ready"
    ask("PUT", f"subscriptions/{subscription}/limits", {"USERS": 3})
    ask("POST", f"subscriptions/{subscription}/suspend")
    instance.settled()
    assert instance.tenant["aps"]["status"] == "aps:disabled"
    token = ask("GET", f"token?account={account}")["token"]
    url = f"{instance.server.url}/aps/2/resources?implementing({CORE}/service-user/1.0)"
    users = requests.get(url, headers={"APS-Token": token}).json()
    assert ([one["aps"]["id"] for one in users], "password" in users[0]) == ([user], False)
    assert ask("GET", "health") == {"status": "ok", "tasks_open": 0, "tasks_failed": 0, "events_open": 0}
    assert ask("PUT", "faults", {"repeat": True})["repeat"] is True
    assert ask("PUT", "faults", {"repeat": 7})["message"] == "repeat cannot be 7."
    assert ask("PUT", "faults", {"rain": 7})["message"] == "There is no fault rain."
    assert ask("DELETE", "faults")["repeat"] is False
    assert ask("POST", "accounts", {})["message"] == "name: this is required."
    assert {task["state"] for task in ask("GET", "tasks")} == {"done"}
    assert BASE in [one["aps"]["type"] for one in instance.rest("GET", "packages").json()]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"offers": 5}, "offers: this has to be a list of ids."),
        ({"offers": [5]}, "offers: this has to be a list of ids."),
        ({"limits": {"USERS": "many"}}, "limits.USERS: 'many' is no number of units."),
        ({"limits": {"USERS": -2}}, "limits.USERS: -2 is no number of units."),
        ({"limits": 5}, "limits: this has to be a JSON object."),
        ({"settings": {"size": "huge"}}, "size: 'huge' is none of small, large."),
        ({"services": {"user": "all"}}, "services.user: 'all' is no number of units."),
        ({"services": 5}, "services: this has to be a JSON object."),
    ],
)
def test_a_sale_that_is_refused_leaves_nothing(acme, wish, sentence):
    before = len(acme.tasks())
    url = f"{acme.server.url}/controller/api/subscriptions"
    answer = requests.post(url, json={"account": acme.account, "name": "Mail", "offers": [acme.offer], **wish})
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)
    assert [one["id"] for one in requests.get(url).json()] == [acme.subscription]
    assert len(acme.tasks()) == before


def test_limits_are_numbers_of_a_subscription(acme):
    def told(resource, limits):
        answer = requests.put(f"{acme.server.url}/controller/api/subscriptions/{resource}/limits", json=limits)
        return answer.status_code, answer.json().get("message")

    assert told(acme.subscription, {"USERS": "many"}) == (400, "limits.USERS: 'many' is no number of units.")
    assert told(acme.account, {"USERS": 5}) == (404, f"There is no subscription {acme.account}.")
    assert acme.get(acme.subscription)["limits"] == {"USERS": 5}


def test_a_page_of_somebody_else_changes_nothing(panel):
    answer = requests.post(
        f"{panel.server.url}/controller/api/accounts", json={"name": "Evil"}, headers={"Origin": "https://evil.test"}
    )
    assert answer.status_code == 403
