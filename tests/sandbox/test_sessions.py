"""Who somebody is: login tokens and sessions, as App Suite's HTTP API and its internal REST interface tell it."""

import pytest
import requests

from oxherd.sandbox.sessions import IDLE_SECONDS, Sessions

SECRET = "stand-in-token-secret"
REST = ("rest", "secret")


@pytest.fixture
def anna(acme):
    return acme.add("anna", language="de_DE")


@pytest.fixture
def browser(acme, anna):
    """Somebody who has signed in: its `sid` is the session."""
    with requests.Session() as session:
        session.sid = session.post(f"{acme.url}/sandbox/api/contexts/10/users/{anna}/sessions").json()["session"]
        yield session


def acquire(acme, browser, **params):
    params = {"action": "acquireToken", "session": browser.sid, **params}
    return browser.get(f"{acme.url}/appsuite/api/token", params=params).json()


def redeem(acme, token, *, base="/appsuite/api", auth_id="an-id", **form):
    form = {"token": token, "client": "tests", "secret": SECRET, **form}
    params = {"action": "redeemToken", **({"authId": auth_id} if auth_id else {})}
    return requests.post(f"{acme.url}{base}/login", params=params, data=form)


def look_up(acme, sid, auth=REST):
    return requests.get(f"{acme.url}/preliminary/session/v1/get/{sid}", auth=auth)


@pytest.mark.parametrize("base", ["/appsuite/api", "/ajax"])
def test_a_token_is_redeemed_for_a_session_of_its_own_which_can_be_ended(acme, anna, browser, base):
    answer = redeem(acme, acquire(acme, browser)["data"]["token"], base=base)
    told = answer.json()
    assert {name: told[name] for name in ("user", "user_id", "context_id", "locale")} == {
        "user": "anna",
        "user_id": anna,
        "context_id": 10,
        "locale": "de_DE",
    }
    assert told["session"] != browser.sid
    assert look_up(acme, told["session"]).json() == {"context": 10, "user": anna, "guest": False}
    params = {"action": "logout", "session": told["session"]}
    requests.get(f"{acme.url}{base}/login", params=params, cookies=answer.cookies)
    assert look_up(acme, told["session"]).json() == {}
    assert look_up(acme, browser.sid).json() != {}


def test_a_token_is_good_once(acme, browser):
    token = acquire(acme, browser)["data"]["token"]
    assert "session" in redeem(acme, token).json()
    again = redeem(acme, token)
    assert (again.status_code, again.json()["code"], again.json()["error"]) == (
        200,
        "TKL-0003",
        f"No such token: {token}",
    )


def test_a_session_has_one_token_at_a_time(acme, browser):
    assert acquire(acme, browser) == acquire(acme, browser)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "another secret"}, "TKL-0005"),
        ({"secret": ""}, "SVL-0002"),
        ({"client": ""}, "SVL-0002"),
        ({"auth_id": ""}, "SVL-0002"),
        ({"token": "nonsense"}, "TKL-0003"),
    ],
)
def test_what_is_wrong_or_missing_redeems_nothing_and_leaves_the_token(acme, browser, changes, code):
    token = acquire(acme, browser)["data"]["token"]
    answer = redeem(acme, changes.pop("token", token), **changes).json()
    assert (answer["code"], "session" in answer) == (code, False)
    assert "session" in redeem(acme, token).json()


def test_a_disabled_user_redeems_nothing(acme, anna, browser):
    token = acquire(acme, browser)["data"]["token"]
    acme.admin("change", usrdata={"id": anna, "mailenabled": False})
    answer = redeem(acme, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "LGI-0006")


def test_a_session_without_its_cookie_is_not_believed(acme, browser):
    browser.cookies.clear()
    assert acquire(acme, browser)["code"] == "SES-0204"
    assert acquire(acme, browser, session="unknown")["code"] == "SES-0203"


@pytest.mark.parametrize("auth", [None, ("rest", "wrong"), ("root", "secret")])
def test_the_look_up_wants_its_login(acme, browser, auth):
    answer = look_up(acme, browser.sid, auth)
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)


def test_nobody_signs_in_as_a_user_who_is_not_there(acme):
    assert requests.post(f"{acme.url}/sandbox/api/contexts/10/users/99/sessions").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/appsuite/api/login?action=redeemToken", 405),
        ("GET", "/appsuite/api/mail?action=all", 404),
        ("POST", "/preliminary/session/v1/get/x", 405),
    ],
)
def test_other_calls_are_turned_away(acme, method, path, status):
    assert requests.request(method, f"{acme.url}{path}").status_code == status


def test_what_was_asked_is_among_the_last_calls(acme, browser):
    redeem(acme, "nonsense")
    look_up(acme, browser.sid)
    entries = requests.get(f"{acme.url}/sandbox/api/log").json()["entries"][:2]
    assert [(entry["service"], entry["operation"], entry["outcome"][:8]) for entry in entries] == [
        ("REST", "session", "ok"),
        ("HTTP API", "redeemToken", "TKL-0003"),
    ]


def test_a_token_that_nobody_has_asked_for_in_five_minutes_is_forgotten():
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    session = sessions.open(10, 3)
    token = sessions.acquire_token(session)
    now[0] += IDLE_SECONDS
    assert sessions.acquire_token(session) == token  # which counts as asking for it
    now[0] += IDLE_SECONDS + 1
    assert sessions.redeem_token(token) is None


def test_tokens_of_ended_sessions_are_worth_nothing():
    sessions = Sessions()
    session = sessions.open(10, 3)
    token = sessions.acquire_token(session)
    sessions.end(session.id)
    assert sessions.redeem_token(token) is None
