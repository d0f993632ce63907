"""What networks and controllers do to endpoints, on demand: nothing of it changes how a resource ends."""

import pytest
import requests
from tests.controller.conftest import Signed
from tests.controller.package import kind


def calls_of(panel, line):
    return [call for call in panel.endpoint.calls if call.kind.rstrip("/") == line]


@pytest.mark.parametrize(
    ("faults", "provisioned"),
    [
        ({"repeat": True}, 2),
        ({"lost_answers": 1}, 2),
        ({"trailing_slashes": True}, 1),
        ({"odd_headers": True}, 1),
        ({"stale_transactions": True}, 1),
    ],
)
def test_a_user_is_there_once_whatever_happens(acme, faults, provisioned):
    acme.hub.faults.change(faults)
    acme.endpoint.expect("POST /user", (201, {"externalId": 3}))
    acme.endpoint.expect("POST /user/", (201, {"externalId": 3}))
    assert acme.user().status_code == 201
    acme.settled()
    users = acme.rest("GET", f"resources?implementing({kind('user')})").json()
    assert [(one["aps"]["status"], one["externalId"]) for one in users] == [("aps:ready", 3)]
    calls = calls_of(acme, "POST /user")
    assert (len(calls), len({call.body["aps"]["id"] for call in calls})) == (provisioned, 1)
    assert len({call.headers["aps-transaction-id"] for call in calls}) == provisioned
    acme.hub.faults.clear()
    assert acme.hub.faults.as_dict() == dict.fromkeys(acme.hub.faults.as_dict(), False)


def test_a_slash_stands_before_the_query(acme):
    acme.hub.faults.change({"trailing_slashes": True})
    tenant = acme.tenant["aps"]["id"]
    acme.rest("POST", f"resources/{tenant}/entry/users?full=yes")
    assert acme.endpoint.calls[-1].path == f"/tenant/{tenant}/entry/users/?full=yes"


@pytest.mark.parametrize(("stale", "status"), [(False, 200), (True, 400)])
def test_an_endpoint_calls_back_within_a_transaction_until_it_is_over(acme, stale, status):
    acme.hub.faults.change({"stale_transactions": stale})
    url, answers = f"{acme.server.url}/aps/2/application", []

    def call_back(call):
        headers = {"APS-Transaction-ID": call.headers["aps-transaction-id"]}
        answers.append(requests.get(url, headers=headers, auth=Signed()).status_code)

    acme.endpoint.before = call_back
    acme.user()
    acme.settled()
    assert answers[0] == status
    over = {"APS-Transaction-ID": acme.endpoint.calls[0].headers["aps-transaction-id"]}
    late = requests.get(url, headers=over, auth=Signed())
    assert (late.status_code, "was not found" in late.json()["message"]) == (400, True)


def test_an_event_is_told_ten_times_more(acme):
    tenant = acme.tenant["aps"]["id"]
    wish = {
        "event": "http://aps-standard.org/core/events/changed",
        "source": {"id": tenant},
        "handler": "onUserLinked",
    }
    acme.rest("POST", f"resources/{tenant}/aps/subscriptions", wish, application=True)
    acme.hub.faults.change({"redeliver": 10})
    acme.rest("PUT", f"resources/{tenant}", {"size": "large"})
    acme.settled()
    told = acme.endpoint.of(f"POST /tenant/{tenant}/onUserLinked")
    assert (len(told), len({call.body["serial"] for call in told})) == (11, 1)
