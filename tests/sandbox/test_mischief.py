import time
from threading import Thread

import pytest
import requests
from tests.sandbox.soap import ACME, envelope, refusal


@pytest.fixture
def mischief(acme):
    """Sends rules or settings to the server."""

    def put(*rules, **settings):
        sent = {**settings, "rules": list(rules)}
        answer = requests.put(f"{acme.url}/sandbox/api/mischief", json=sent)
        assert answer.status_code == 200
        return answer.json()

    return put


def held_names(acme):
    users = requests.get(f"{acme.url}/sandbox/api/contexts/10/users").json()["users"]
    return [user["name"] for user in users]


def rule(action, times=None, **match):
    return {"match": match, "action": action, "times": times}


def test_a_refusal_strikes_as_often_as_it_says(acme, mischief):
    mischief({**rule("refuse", times=2, operation="create*", name="an*"), "text": "Not today"})
    assert [refusal(lambda: acme.add("anna")) for _ in range(2)] == [("InvalidDataException", "Not today")] * 2
    assert [acme.add("bert"), acme.add("anna")] == [3, 4]
    assert requests.get(f"{acme.url}/sandbox/api/mischief").json()["rules"][0]["struck"] == 2


def test_storage_trouble(acme, mischief):
    mischief(rule("storage_exception", service="OXUserService"))
    assert refusal(lambda: acme.add("anna"))[0] == "StorageException"
    assert held_names(acme) == ["oxadmin"]


def test_a_fault_that_an_operation_does_not_declare_is_storage_trouble(acme, mischief):
    mischief(rule("refuse", operation="getAdminId"))
    assert refusal(lambda: acme.master("getAdminId", ctx=ACME))[0] == "StorageException"


def test_a_reset_comes_before_any_work(acme, mischief):
    mischief(rule("reset", times=1))
    with pytest.raises(requests.ConnectionError):
        acme.add("anna")
    assert held_names(acme) == ["oxadmin"]
    assert acme.add("anna") == 3


def test_a_lost_answer_leaves_the_work_done(acme, mischief):
    mischief(rule("answer_lost", times=1))
    with pytest.raises(requests.ConnectionError):
        acme.add("anna")
    assert held_names(acme) == ["oxadmin", "anna"]


def test_status_503(acme, mischief):
    mischief(rule("status_503", context_id=10))
    answer = requests.post(f"{acme.url}/webservices/OXUserService", data=list_all())
    assert (answer.status_code, answer.text) == (503, "Service Unavailable\n")


def test_a_call_that_times_out_is_never_answered(acme, mischief):
    mischief({**rule("time_out", times=1), "seconds": 30})
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{acme.url}/webservices/OXUserService", data=list_all(), timeout=0.3)
    assert 0.3 <= time.monotonic() - started < 5


def test_a_held_call_ends_with_the_server(acme, mischief, sandbox):
    mischief({**rule("time_out"), "seconds": 3600})
    ended = []

    def hang():
        try:
            requests.post(f"{acme.url}/webservices/OXUserService", data=list_all(), timeout=20)
        except requests.ConnectionError:
            ended.append("cut")

    thread = Thread(target=hang)
    thread.start()
    wait_until(lambda: requests.get(f"{acme.url}/sandbox/api/mischief").json()["rules"][0]["struck"] == 1)
    sandbox.platform.mischief.clear()
    sandbox._server.stopping.set()
    thread.join(timeout=10)
    assert ended == ["cut"]


def test_a_name_is_matched_also_where_a_call_gives_the_id(acme, mischief):
    acme.add("anna")
    mischief(rule("refuse", operation="delete", name="anna"))
    assert refusal(lambda: acme.admin("delete", user={"id": 3}))[0] == "InvalidDataException"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda acme: acme.add_group("choir"), "cho*"),
        (lambda acme: acme.group("addMember", grp={"id": 3}, members=[{"id": 2}]), "team"),
        (lambda acme: acme.group("deleteMultiple", grps=[{"id": 3}]), "team"),
        (lambda acme: acme.group("listGroupsForUser", usr={"id": 2}), "oxadmin"),
        (lambda acme: acme.add_resource("green"), "gr??n"),
        (lambda acme: acme.resource("change", res={"id": 4, "description": "x"}), "blue"),
        (lambda acme: acme.resource("getMultipleData", resources=[{"id": 4}]), "blue"),
    ],
)
def test_names_of_groups_and_resources_are_matched_too(acme, mischief, call, name):
    assert (acme.add_group("team"), acme.add_resource("blue")) == (3, 4)
    mischief(rule("refuse", name=name))
    assert refusal(lambda: call(acme)) == ("InvalidDataException", "Refused by a rule of the stand-in")
    mischief(rule("refuse", name="other*"))
    call(acme)


def test_a_call_about_a_group_goes_by_its_name_and_not_by_those_of_its_members(acme, mischief):
    acme.add_group("team")
    mischief(rule("refuse", name="oxadmin"))
    acme.group("addMember", grp={"name": "team"}, members=[{"name": "oxadmin"}])
    entry = requests.get(f"{acme.url}/sandbox/api/log").json()["entries"][0]
    assert (entry["service"], entry["operation"], entry["name"]) == ("OXGroupService", "addMember", "acme, team")


def test_only_what_matches_everything_is_struck(acme, mischief):
    mischief(rule("refuse", service="OXContextService", operation="create*"), rule("refuse", context_id=11))
    assert acme.add("anna") == 3


def test_an_error_rate_of_one_strikes_every_call(acme, mischief):
    mischief(error_rate=1, error_action="refuse")
    assert refusal(lambda: acme.user(2))[0] == "InvalidDataException"


def test_slow_calls_sleep_side_by_side(acme, mischief):
    mischief(latency_ms=200)
    threads = [
        Thread(target=requests.post, args=(f"{acme.url}/webservices/OXUserService", list_all())) for _ in range(32)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= time.monotonic() - started < 3.2  # one after another it would be 6.4 seconds


def test_rules_are_added_and_cleared_and_everything_ends(acme):
    address = f"{acme.url}/sandbox/api/mischief"
    requests.put(address, json={"latency_ms": 1, "jitter_ms": 2, "error_rate": 0.5})
    added = requests.post(f"{address}/rules", json=rule("reset", operation="x")).json()
    assert [each["action"] for each in added["rules"]] == ["reset"]
    assert requests.delete(f"{address}/rules").json()["rules"] == []
    assert requests.get(address).json()["latency_ms"] == 1
    nothing = {
        "latency_ms": 0,
        "jitter_ms": 0,
        "error_rate": 0,
        "error_action": "storage_exception",
        "rules": [],
    }
    assert requests.delete(address).json() == nothing


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"latency": 5},
        {"latency_ms": "5"},
        {"latency_ms": -1},
        {"error_rate": 2},
        {"error_action": "explode"},
        {"rules": [{"action": "explode"}]},
        {"rules": [{"action": "reset", "match": {"who": "x"}}]},
        {"rules": [{"action": "reset", "times": -1}]},
        {"rules": ["reset"]},
    ],
)
def test_nonsense_is_refused_and_changes_nothing(acme, sent):
    address = f"{acme.url}/sandbox/api/mischief"
    before = requests.get(address).json()
    answer = requests.put(address, json=sent)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert requests.get(address).json() == before


def test_the_log_counts_calls_and_writes(acme):
    requests.delete(f"{acme.url}/sandbox/api/log")
    acme.add("anna")
    acme.user(3)
    refusal(lambda: acme.user(9))
    log = requests.get(f"{acme.url}/sandbox/api/log").json()
    assert log["calls"] == {"OXUserService.createByModuleAccessName": 1, "OXUserService.getData": 2}
    assert (log["total"], log["writing_calls"], log["not_ok"]) == (3, 1, 1)
    assert [entry["outcome"].split(";")[0] for entry in log["entries"]] == [
        "NoSuchUserException: No such user 9 in context 10",
        "ok",
        "ok",
    ]


def list_all():
    auth = "<s:auth><m:login>oxadmin</m:login><m:password>admin-secret</m:password></s:auth>"
    return envelope(f"<s:listAll><s:ctx><d:id>10</d:id></s:ctx>{auth}</s:listAll>")


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
