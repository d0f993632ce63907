"""From the body that comes in to the resource that is ready, and the calls in between."""

import pytest
from oauthlib.oauth1 import Client
from tests.controller.conftest import KEY, SECRET, add_customer
from tests.controller.package import kind

from oxherd.controller import outcomes, queue


def test_an_instance_is_provisioned_with_its_settings(instance):
    call = instance.endpoint.of("POST /app")[0]
    told = {"id": instance.app, "status": "aps:provisioning", "key": "app-key", "server": "mail.test"}
    assert {**{name: call.body["aps"][name] for name in ("id", "status")}, **_settings(call.body)} == told
    shown = instance.get(instance.app)
    assert (shown["aps"]["status"], "key" in shown, shown["server"]) == ("aps:ready", False, "mail.test")


def _settings(body):
    return {"key": body["key"], "server": body["server"]}


def test_a_subscription_brings_its_tenant(instance):
    instance.endpoint.expect("POST /tenant", (201, {"contextId": 1001}))
    add_customer(instance)
    instance.settled()
    tenant = instance.tenant
    call = instance.endpoint.of("POST /tenant")[0]
    assert call.body["USERS"] == {"limit": 5}
    assert call.body["account"]["aps"] == {
        "link": "strong",
        "id": instance.account,
        "href": f"/aps/2/resources/{instance.account}",
    }
    assert call.body["aps"]["subscription"] == instance.subscription
    assert (tenant["aps"]["status"], tenant["contextId"], tenant["size"]) == ("aps:ready", 1001, "small")
    assert tenant["offer"]["aps"]["id"] == instance.offer


def test_both_ends_hear_of_the_links_afterwards(instance):
    add_customer(instance)
    instance.settled()
    tenant = instance.tenant["aps"]["id"]
    posts = [line for line in instance.endpoint.lines if "/tenant" in line]
    assert posts[0] == "POST /tenant"
    assert set(posts[1:]) == {
        f"POST /app/{instance.app}/tenants",
        *(f"POST /tenant/{tenant}/{name}" for name in ("account", "subscription", "app", "offer")),
    }


def test_each_call_says_what_the_standard_wants(instance):
    call = instance.endpoint.of("POST /app")[0]
    headers = {name: value for name, value in call.headers.items() if name.startswith("aps-")}
    assert headers.pop("aps-transaction-id")
    assert headers == {
        "aps-controller-uri": f"{instance.server.url}/",
        "aps-instance-id": instance.app,
        "aps-request-phase": "sync",
    }
    transactions = [each.headers["aps-transaction-id"] for each in instance.endpoint.calls]
    assert len(set(transactions)) == len(transactions)


def test_calls_are_signed_with_the_pair_of_the_instance(instance):
    call = instance.endpoint.of("POST /app")[0]
    told = dict(part.strip().split("=", 1) for part in call.headers["authorization"].removeprefix("OAuth ").split(","))
    told = {name: value.strip('"') for name, value in told.items()}
    signer = Client(KEY, client_secret=SECRET, nonce=told["oauth_nonce"], timestamp=told["oauth_timestamp"])
    assert signer.sign(call.url, http_method="POST")[1]["Authorization"] == call.headers["authorization"]


@pytest.mark.parametrize(("status", "relayed"), [(400, 400), (409, 409), (302, 500), (206, 500)])
def test_any_other_answer_fails_and_leaves_nothing(acme, status, relayed):
    acme.endpoint.expect("POST /user", (status, {"message": "The name is taken."}))
    answer = acme.user()
    assert (answer.status_code, answer.json()["message"]) == (relayed, "The name is taken.")
    assert acme.rest("GET", f"resources?implementing({kind('user')})").json() == []
    assert [task for task in acme.tasks() if "user" in task["title"]] == []


def test_an_endpoint_that_is_not_there_is_told(acme):
    acme.endpoint.__exit__()
    answer = acme.user()
    assert (answer.status_code, answer.json()["message"][:33]) == (502, "The endpoint cannot be reached: C")


def test_asynchronous_work_is_polled_until_it_is_done(acme):
    acme.endpoint.expect(
        "POST /user",
        (202, {"externalId": 7, "status": "asked"}, {"aps-info": "Creating the mailbox", "aps-retry-timeout": "10"}),
        (202, {}, {"APS-Info": "Nearly there"}),
        (200, {"externalId": 8, "status": "active"}),
        (200, {}),
    )
    answer = acme.user()
    assert (answer.status_code, answer.headers["APS-Info"]) == (202, "Creating the mailbox")
    assert (answer.json()["aps"]["status"], answer.json()["externalId"]) == ("aps:provisioning", 7)
    acme.settled()
    calls = [call for call in acme.endpoint.calls if call.path == "/user"]
    assert [call.headers["aps-request-phase"] for call in calls] == ["sync", "async", "async"]
    assert [call.body.get("externalId") for call in calls] == [None, 7, 7]
    assert len({call.body["aps"]["id"] for call in calls}) == 1
    user = acme.get(answer.json()["aps"]["id"])
    assert (user["aps"]["status"], user["externalId"], user["status"]) == ("aps:ready", 8, "active")


def test_what_fails_while_it_is_polled_can_be_run_again(acme):
    acme.endpoint.expect("POST /user", (202, {}), (500, {"message": "The disk is full."}), (200, {"externalId": 3}))
    user = acme.user().json()["aps"]["id"]
    acme.settled(but_failed=True)
    task = next(task for task in acme.tasks() if task["kind"] == "provision" and task["resource"] == user)
    assert (task["state"], task["message"]) == ("failed", "The endpoint answered 500: The disk is full.")
    assert acme.get(user)["aps"]["status"] == "aps:provisioning"
    queue.run_again(acme.hub, task["number"])
    acme.settled()
    assert (acme.get(user)["aps"]["status"], acme.get(user)["externalId"]) == ("aps:ready", 3)


def test_a_tenant_that_fails_is_a_failed_task(instance):
    instance.endpoint.expect("POST /tenant", (503, {"error": "Backend is away"}), (201, {"contextId": 5}))
    add_customer(instance)
    instance.settled(but_failed=True)
    task = next(task for task in instance.tasks() if task["state"] == "failed")
    assert task["message"] == "The endpoint answered 503: Backend is away"
    queue.run_again(instance.hub, task["number"])
    instance.settled()
    assert instance.tenant["contextId"] == 5


def test_a_change_reaches_the_endpoint_first(acme):
    tenant = acme.tenant["aps"]["id"]
    assert acme.rest("PUT", f"resources/{tenant}", {"size": "large"}).json()["size"] == "large"
    assert acme.endpoint.of("PUT")[0].body["size"] == "large"
    acme.endpoint.expect("PUT /tenant/ID", (400, {"message": "Not today."}))
    answer = acme.rest("PUT", f"resources/{tenant}", {"size": "small"})
    assert (answer.status_code, answer.json()["message"]) == (400, "Not today.")
    assert acme.tenant["size"] == "large"


def test_an_asynchronous_change_is_kept_at_its_end(acme):
    acme.endpoint.expect("PUT /tenant/ID", (202, {}, {"APS-Retry-Timeout": "1"}), (204,))
    tenant = acme.tenant
    answer = acme.rest("PUT", "resources", {"aps": {"id": tenant["aps"]["id"]}, "size": "large"})
    assert answer.json()["aps"]["status"] in ("aps:configuring", "aps:ready")
    acme.settled()
    changed = acme.tenant
    assert (changed["size"], changed["aps"]["status"]) == ("large", "aps:ready")
    assert changed["aps"]["revision"] > tenant["aps"]["revision"]


def test_an_asynchronous_removal_ends_with_nothing(acme):
    acme.endpoint.expect("DELETE /user/ID", (202, {}, {"APS-Retry-Timeout": "1"}), (204,))
    user = acme.user().json()["aps"]["id"]
    assert acme.rest("DELETE", f"resources/{user}").status_code == 202
    acme.settled()
    assert acme.rest("GET", f"resources/{user}").status_code == 404
    phases = [call.headers["aps-request-phase"] for call in acme.endpoint.of(f"DELETE /user/{user}")]
    assert phases == ["sync", "async"]


def test_what_something_leans_on_cannot_be_removed(acme):
    acme.user()
    answer = acme.rest("DELETE", f"resources/{acme.tenant['aps']['id']}")
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "Still linked with it: 1 (user). Remove those first.",
    )


def test_an_operation_is_passed_on_with_its_answer(acme):
    acme.endpoint.expect("POST /tenant/ID/entry/users", (200, {"url": "https://panel.test/"}))
    tenant = acme.tenant["aps"]["id"]
    answer = acme.rest("POST", f"resources/{tenant}/entry/users?full=yes", {"a": 1}, account=acme.account)
    assert (answer.status_code, answer.json()) == (200, {"url": "https://panel.test/"})
    call = acme.endpoint.calls[-1]
    assert (call.line, call.body) == (f"POST /tenant/{tenant}/entry/users?full=yes", {"a": 1})


def test_an_operation_that_is_not_declared_is_not_found(acme):
    answer = acme.rest("POST", f"resources/{acme.tenant['aps']['id']}/dance")
    assert (answer.status_code, acme.endpoint.calls) == (404, [])


def test_a_bug_of_the_controller_is_a_failed_task(acme, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setitem(outcomes.HANDLERS, "provision", broken)
    assert acme.user().status_code == 500
    task = next(task for task in acme.tasks() if task["state"] == "failed")
    assert (task["kind"], task["message"]) == ("provision", "The controller itself has failed: ZeroDivisionError.")
    monkeypatch.undo()
    queue.run_again(acme.hub, task["number"])
    acme.settled()
    assert acme.get(task["resource"])["aps"]["status"] == "aps:ready"
