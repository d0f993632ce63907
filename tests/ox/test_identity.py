"""Who is behind a login token or a session, asked of the stand-in; and of servers that are nothing of the kind."""

import socket

import pytest
import requests
from tests.ox.conftest import ANNA
from tests.ox.wire import Answer

from oxherd.errors import PlatformMisconfigured, PlatformUnreachable
from oxherd.ox.identity import Identity, look_up_session, redeem_token

SECRET = "stand-in-token-secret"


@pytest.fixture
def anna(platform, acme) -> int:
    return platform.create_user(acme, ANNA)


@pytest.fixture
def signed_in(sandbox, anna):
    """Session id and login token of Anna."""
    with requests.Session() as browser:
        sid = browser.post(f"{sandbox.url}/sandbox/api/contexts/10/users/{anna}/sessions").json()["session"]
        params = {"action": "acquireToken", "session": sid}
        token = browser.get(f"{sandbox.url}/appsuite/api/token", params=params).json()["data"]["token"]
    return sid, token


def redeem(url, token, secret=SECRET):
    return redeem_token(url, token=token, secret=secret, timeout=5)


def look_up(url, sid, login="rest", password="secret"):
    return look_up_session(url, session_id=sid, login=login, password=password, timeout=5)


def test_a_token_tells_whose_it_is_once_and_leaves_no_session(sandbox, anna, signed_in):
    _, token = signed_in
    api = f"{sandbox.url}/appsuite/api"
    assert redeem(api, token) == Identity(10, anna)
    assert redeem(api, token) is None
    assert len(sandbox.platform.sessions._sessions) == 1  # the one of the browser
    calls = [(entry.operation, entry.outcome) for entry in sandbox.platform.journal.last(3)][::-1]
    assert calls[:2] == [("redeemToken", "ok"), ("logout", "ok")]


@pytest.mark.parametrize(("token", "secret"), [("nonsense", SECRET), ("", SECRET), ("RIGHT", "another secret")])
def test_a_token_that_is_not_taken_names_nobody(sandbox, signed_in, token, secret, caplog):
    caplog.set_level("INFO")
    token = token.replace("RIGHT", signed_in[1])
    assert redeem(f"{sandbox.url}/appsuite/api", token, secret) is None
    assert "a login token was not taken" in caplog.text
    assert not token or token not in caplog.text


def test_a_disabled_user_is_nobody(sandbox, platform, acme, anna, signed_in):
    with sandbox.platform.store.writing() as db:
        db.execute("UPDATE context SET enabled = 0")
    assert redeem(f"{sandbox.url}/appsuite/api", signed_in[1]) is None


def test_a_session_tells_whose_it_is(sandbox, anna, signed_in):
    assert look_up(sandbox.url, signed_in[0]) == Identity(10, anna)
    assert look_up(sandbox.url, "0" * 32) is None
    assert look_up(sandbox.url, "../../../sandbox/api/health") is None


def test_a_guests_session_is_nobodys(sandbox, acme):
    guest = requests.post(f"{sandbox.url}/sandbox/api/contexts/10/guests", json={"email": "g@else.test"}).json()["id"]
    session = sandbox.platform.sessions.open(10, guest)
    assert look_up(sandbox.url, session.id) is None


def test_a_wrong_login_of_the_look_up_is_the_operators_to_mend(sandbox, signed_in):
    with pytest.raises(PlatformMisconfigured) as caught:
        look_up(sandbox.url, signed_in[0], password="wrong")
    assert signed_in[0] not in caught.value.detail


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>Welcome</html>"),
        Answer(b"", status=404),
        Answer(b"[1, 2]"),
        Answer(b'{"context": "10", "user": 3}'),
        Answer(b'{"context": 10}'),
        Answer(b'{"session": "x"}'),
        Answer(b"", status=302, headers={"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_what_is_not_app_suite_is_told_as_a_wrong_address(wire, answer):
    wire.answer = lambda request: answer
    wire.description = lambda name: answer
    with pytest.raises(PlatformMisconfigured):
        look_up(wire.url, "a-session")
    with pytest.raises(PlatformMisconfigured):
        redeem(wire.url, "a-token")


@pytest.mark.parametrize("answer", [Answer(status=503), Answer(reset=True), Answer(b'{"context": 10', cut=True)])
def test_trouble_on_the_way_is_trouble_for_now(wire, answer):
    wire.answer = lambda request: answer
    wire.description = lambda name: answer
    with pytest.raises(PlatformUnreachable):
        look_up(wire.url, "a-session")
    with pytest.raises(PlatformUnreachable):
        redeem(wire.url, "a-token")


def test_a_platform_that_never_answers_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(PlatformUnreachable) as caught:
            look_up_session(url, session_id="a-session-9f", login="rest", password="secret", timeout=0.2)
    assert "a-session-9f" not in caught.value.detail


def test_an_answer_without_end_is_not_read_to_its_end(wire):
    wire.description = lambda name: Answer(b"{" + b" " * 300_000)
    with pytest.raises(PlatformMisconfigured):
        look_up(wire.url, "a-session")


def test_nobody_there_and_no_address_are_unreachable():
    for url in ("http://127.0.0.1:9", ""):
        with pytest.raises(PlatformUnreachable):
            redeem(url, "a-token")


def test_the_secret_and_the_token_go_in_the_body_and_not_in_the_address(wire):
    wire.answer = lambda request: Answer(b'{"session": "s1", "context_id": 10, "user_id": 3}')
    assert redeem(wire.url, "a-token-7") == Identity(10, 3)
    (post,) = wire.posts
    assert "a-token-7" not in post.path
    assert b"token=a-token-7" in post.body
    assert post.path.startswith("/login?action=redeemToken&authId=")
    assert wire.gets == ["/login?action=logout&session=s1"]
