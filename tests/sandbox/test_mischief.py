import time
from threading import Thread

import pytest
import requests
from tests.sandbox.rest import CLOUD, newcomer
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


@pytest.fixture
def strike(cloud):
    """Sends one rule to the server of the Cloud API."""

    def put(action, **rule):
        url = f"{cloud.address.removesuffix(CLOUD)}/sandbox/api/mischief/rules"
        assert requests.post(url, json={"action": action, **rule}).status_code == 200

    return put


HERE = {"name": "north_acme"}


def test_a_rule_may_name_its_fault(acme, mischief):
    mischief({**rule("refuse"), "fault": "NoSuchContextException", "text": "Gone"})
    assert refusal(lambda: acme.master("getData", ctx=ACME)) == ("NoSuchContextException", "Gone")
    mischief({**rule("refuse"), "fault": "38", "text": "3"})
    text = "Unable to create more users. The maximum amount of users for this context is 3"
    assert refusal(lambda: acme.add("anna")) == ("InvalidDataException", text)


@pytest.mark.parametrize("fault", ["0", "44", "NoSuch", "<Exception"])
def test_a_fault_must_be_one(acme, fault):
    answer = requests.post(f"{acme.url}/sandbox/api/mischief/rules", json={"action": "refuse", "fault": fault})
    assert (answer.status_code, answer.json()["error"][:28]) == (400, "fault is the name of an exce")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"action": "refuse"}, (400, "5", "Refused by a rule of the stand-in")),
        ({"action": "refuse", "text": "Not today"}, (400, "5", "Not today")),
        ({"action": "refuse", "fault": "39"}, (429, "39", "Rate limited, too many requests")),
        ({"action": "refuse", "fault": "6"}, (503, "6", "There's a maintenance ongoing, please try again later")),
        ({"action": "storage_exception"}, (503, "10", "One or more services not available")),
    ],
)
def test_the_cloud_api_can_be_refused_with_its_own_codes(cloud, strike, rule, error):
    strike(**rule, match={"service": "cloudapi", "operation": "POST /users", "name": "anna"}, times=1)
    assert cloud.get("/users/count", **HERE) == {"count": 1}
    assert cloud.refused("POST", "/users", newcomer("anna"), **HERE) == error
    assert cloud.post("/users", newcomer("anna"), **HERE)["name"] == "anna"


@pytest.mark.parametrize("match", [{"name": "north_acme"}, {"context_id": 1}, {"operation": "PUT */permissions"}])
def test_rules_know_requests_by_context_and_by_what_they_ask(cloud, strike, match):
    strike("status_503", match=match)
    assert cloud.ask("PUT", "/users/oxadmin/permissions", {"weblogin": True}, **HERE).status_code == 503
    assert cloud.ask("GET", "/contexts").status_code == 200


def test_a_reset_of_a_request_comes_before_any_work_and_a_lost_answer_after_it(cloud, strike):
    for action, count in (("reset", 1), ("answer_lost", 2)):
        strike(action, match={"operation": "POST /users"}, times=1)
        with pytest.raises(requests.ConnectionError):
            cloud.ask("POST", "/users", newcomer("anna"), **HERE)
        assert cloud.get("/users/count", **HERE) == {"count": count}


def test_requests_are_in_the_log_with_what_became_of_them(cloud, plugins):
    cloud.post("/users", newcomer("anna"), **HERE)
    cloud.ask("DELETE", "/users/bert", **HERE)
    plugins.get("/contexts/1/users/3/spamlevel")
    log = requests.get(f"{cloud.address.removesuffix(CLOUD)}/sandbox/api/log").json()
    told = [(each["service"], each["operation"], each["name"], each["outcome"]) for each in log["entries"][:3]]
    assert told == [
        ("oxaas", "GET /contexts/{context}/users/{user}/spamlevel", "1", "ok"),
        ("cloudapi", "DELETE /users/{login}", "bert, north_acme", "404: User not found"),
        ("cloudapi", "POST /users", "anna, north_acme", "ok"),
    ]
    assert [each["writes"] for each in log["entries"][:3]] == [False, True, True]
    assert [each["context_id"] for each in log["entries"][:3]] == [1, 1, 1]
