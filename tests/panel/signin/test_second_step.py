"""Password, then the second factor; each failure is told, counted and written down."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry
from tests.signin.factors import code, give_app

from oxherd.audit.models import AuditEntry
from oxherd.signin.queries import factors_of

SIGN_IN, SECOND = "/sign-in/login/", "/sign-in/second/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def begin(email: str = "bob@panel.test", **more: str) -> Client:
    client = Client(headers={"User-Agent": FIREFOX}, raise_request_exception=False)
    answer = client.post(SIGN_IN, {"login": email, "password": PASSWORD, **more})
    assert (answer.status_code, answer.url) == (302, SECOND)
    return client


def error(answer) -> str:
    assert answer.status_code == 422
    return answer.context["errors"]["code"]


@pytest.fixture
def secret(cast: Cast) -> str:
    return give_app(cast, cast.bob)[0]


def test_the_code_of_the_app_completes_the_sign_in_and_leads_where_one_wanted_to_go(cast: Cast, secret: str) -> None:
    wanted = f"/t/{cast.acme.pk}/users/?q=anna"
    client = begin(next=wanted)
    assert client.get(wanted).status_code == 302  # not signed in yet
    assert client.get("/account/").status_code == 302
    answer = client.post(SECOND, {"code": code(secret)})
    assert (answer.status_code, answer.url) == (302, wanted)
    assert client.get(wanted).status_code == 200
    entry = last_entry()
    assert (entry.action, entry.actor, entry.door, entry.tenant_id) == ("sign_in:done", "Bob", "panel", cast.acme.pk)
    assert (entry.after, entry.ip_address) == (
        {"with": ["password", "app"], "device": "Firefox on Linux"},
        "127.0.0.1",
    )


def test_the_session_gets_a_new_key_at_the_sign_in(cast: Cast, secret: str) -> None:
    client = begin()
    before = client.session.session_key
    client.post(SECOND, {"code": code(secret)})
    assert before
    assert client.session.session_key not in {None, before}


def test_a_wrong_code_is_told_and_written_down(cast: Cast, secret: str) -> None:
    client = begin()
    assert (
        error(client.post(SECOND, {"code": "000000"})) == "This code is wrong, or was used before. Enter another one."
    )
    entry = last_entry()
    assert (entry.action, entry.actor, entry.administrator_id) == ("sign_in:failed", "Somebody as Bob", None)
    assert entry.after["with"] == ["code"]
    assert client.get("/").status_code == 302


def test_a_code_counts_once_also_within_the_tolerance(cast: Cast, secret: str) -> None:
    shown = code(secret, periods=1)
    assert begin().post(SECOND, {"code": shown}).status_code == 302
    assert error(begin().post(SECOND, {"code": shown})) == "This code is wrong, or was used before. Enter another one."


def test_a_recovery_code_counts_once_and_few_left_are_told(cast: Cast) -> None:
    _, codes = give_app(cast, cast.bob)
    client = begin()
    assert client.post(SECOND, {"code": f"{codes[0][:4]}-{codes[0][4:]}"}).status_code == 302
    assert last_entry().after["with"] == ["password", "recovery_code"]
    assert "You have used a recovery code. Codes left: 9." in client.get("/account/").content.decode()
    assert error(begin().post(SECOND, {"code": codes[0]})).startswith("This code is wrong")
    kept = Authenticator.objects.get(type="recovery_codes")
    kept.data["used_mask"] = 0b0011111111
    kept.save()
    client = begin()
    client.post(SECOND, {"code": codes[8]})
    assert factors_of(cast.bob).codes_left == 1
    page = client.get("/account/").content.decode()
    assert "Codes left: 1. Make new ones under “Your account”." in page
    assert "You have 1 recovery code left." in page


def test_trying_codes_is_stopped_after_five_even_for_the_right_one(cast: Cast, secret: str) -> None:
    client = begin()
    for number in range(5):
        assert error(client.post(SECOND, {"code": f"{number:06}"})).startswith("This code is wrong")
    stopped = error(client.post(SECOND, {"code": code(secret)}))
    assert stopped.startswith("Too many wrong codes. Wait five minutes")
    # Neither a new sign-in nor another browser nor another address helps.
    elsewhere = begin()
    answer = elsewhere.post(SECOND, {"code": code(secret)}, REMOTE_ADDR="192.0.2.7")
    assert error(answer).startswith("Too many wrong codes.")
    assert AuditEntry.objects.filter(action="sign_in:failed").count() == 5


def test_one_address_cannot_try_the_codes_of_many(cast: Cast, secret: str) -> None:
    give_app(cast, cast.rita)
    client, other = begin(), begin("rita@panel.test")
    for number in range(5):
        client.post(SECOND, {"code": f"{number:06}"})
        other.post(SECOND, {"code": f"{number:06}"})
    third_secret, _ = give_app(cast, cast.dora)
    third = begin("dora@panel.test")
    assert error(third.post(SECOND, {"code": code(third_secret)})).startswith("Too many wrong codes.")
    assert third.post(SECOND, {"code": code(third_secret)}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_somebody_else_can_start_over(cast: Cast, secret: str) -> None:
    client = begin()
    assert client.get(SIGN_IN).url == SECOND
    assert client.post("/sign-in/start-over/").url == SIGN_IN
    assert client.get(SIGN_IN).status_code == 200
    assert client.post(SECOND, {"code": code(secret)}).url == SIGN_IN


def test_without_the_password_there_is_no_second_step(cast: Cast) -> None:
    assert Client().get(SECOND).url == SIGN_IN
    assert Client().get("/sign-in/second/options/").url == SIGN_IN


def test_signing_out_is_written_down(cast: Cast) -> None:
    client = cast.client(cast.bob)
    client.post("/sign-in/logout/")
    assert (last_entry().action, last_entry().actor) == ("sign_in:out", "Bob")


@pytest.mark.parametrize("email", ["bob@panel.test", "Bob@Panel.test"])
def test_a_wrong_password_is_written_down_for_an_address_that_is_known(cast: Cast, email: str) -> None:
    Client().post(SIGN_IN, {"login": email, "password": "wrong"})
    entry = last_entry()
    assert (entry.action, entry.subject_name, entry.after["with"]) == ("sign_in:failed", "Bob", ["password"])
    before = AuditEntry.objects.count()
    Client().post(SIGN_IN, {"login": "nobody@panel.test", "password": "wrong"})
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("answer", ["", "{}", "[]", "nonsense", '{"id": "x", "response": {}}', '{"response": 3}'])
def test_an_answer_that_is_no_passkey_signs_nobody_in(cast: Cast, answer: str) -> None:
    client = Client(raise_request_exception=False)
    assert "publicKey" in client.get("/sign-in/passkey/options/").json()
    back = client.post("/sign-in/passkey/", {"credential": answer, "next": "/customers/"})
    assert (back.status_code, back.url) == (302, f"{SIGN_IN}?next=%2Fcustomers%2F")
    assert "This passkey is not known here, or it took too long." in client.get(back.url).content.decode()


def test_passkeys_need_a_host_name_and_the_page_says_how_to_come_there(cast: Cast) -> None:
    client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
    assert "Use a passkey" not in client.get(SIGN_IN).content.decode()
    bob = cast.client(cast.bob)
    page = bob.get("/account/", SERVER_NAME="127.0.0.1", SERVER_PORT="8000").content.decode()
    assert "Open http://localhost:8000/account/ instead." in page
    assert "Add a passkey" not in page
    page = bob.get("/account/", SERVER_NAME="localhost", SERVER_PORT="8000").content.decode()
    assert "Add a passkey" in page
