import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry
from tests.signin.factors import code, give_app

from oxherd.panel.signin.app import SECRET
from oxherd.sealing import unseal
from oxherd.signin.queries import factors_of

SIGN_IN = "/sign-in/login/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def signed_in(user_agent: str = CHROME) -> Client:
    client = Client(headers={"User-Agent": user_agent}, raise_request_exception=False)
    assert client.post(SIGN_IN, {"login": "bob@panel.test", "password": PASSWORD}).status_code == 302
    return client


def test_the_page_tells_who_one_is_and_what_one_has(cast: Cast) -> None:
    client = signed_in()
    page = client.get("/account/").content.decode()
    for words in (
        "Bob",
        "bob@panel.test",
        "Customer administrator",
        "Acme",
        "Chrome on Windows",
        "This one",
        "With password",
    ):
        assert words in page, words


def test_the_page_costs_the_same_with_many_factors_and_sessions(cast: Cast, django_assert_num_queries) -> None:
    client = signed_in()
    client.get("/account/")
    with django_assert_num_queries(7):
        client.get("/account/")
    for _ in range(3):
        signed_in()
    give_app(cast, cast.bob)
    with django_assert_num_queries(7):
        client.get("/account/")


def test_the_name_is_changed_and_missing_is_told(cast: Cast) -> None:
    client = cast.client(cast.bob)
    assert client.post("/account/name/", {"name": ""}).context["form"].errors == {"name": ["Enter your name."]}
    assert client.post("/account/name/", {"name": "Bob Builder"}).url == "/account/"
    assert (last_entry().before, last_entry().after) == ({"name": "Bob"}, {"name": "Bob Builder"})


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(cast: Cast) -> None:
    here, there = signed_in(), signed_in()
    new = "a wholly different staple"
    answer = here.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert (answer.status_code, answer.url) == (302, "/account/")
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    entry = last_entry()
    assert (entry.action, entry.after) == ("sign_in:password", {"sessions_ended": 1})
    assert len(here.get("/account/").context["sessions"]) == 1
    cast.bob.refresh_from_db()
    assert cast.bob.check_password(new)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (("wrong", "long enough a password", "long enough a password"), {"old": ["This is not your password."]}),
        ((PASSWORD, "", ""), {"new": ["Enter a new password."]}),
        ((PASSWORD, "long enough a password", "x"), {"again": ["The two passwords differ. Enter the same one twice."]}),
        (
            (PASSWORD, "password12", "password12"),
            {"new": ["This password is on the list of common ones. Choose another one."]},
        ),
    ],
)
def test_a_password_that_cannot_be_is_told_at_its_field(cast: Cast, typed, errors) -> None:
    answer = cast.client(cast.bob).post("/account/password/", dict(zip(("old", "new", "again"), typed, strict=True)))
    assert (answer.status_code, answer.context["form"].errors) == (422, errors)


def test_trying_the_present_password_is_throttled(cast: Cast) -> None:
    client, new = cast.client(cast.bob), "long enough a password"
    for _ in range(5):
        client.post("/account/password/", {"old": "wrong", "new": new, "again": new})
    answer = client.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert answer.context["form"].errors == {"old": ["Too many attempts. Wait a few minutes, then try again."]}


def test_an_app_is_set_up_by_a_code_and_the_recovery_codes_are_shown_once(cast: Cast) -> None:
    client = cast.client(cast.bob)
    page = client.get("/account/app/")
    secret = unseal(client.session[SECRET])
    assert page.context["secret"].replace(" ", "") == secret
    assert page.context["picture"].startswith("data:image/svg+xml;base64,")
    wrong = client.post("/account/app/", {"code": "123"})
    assert wrong.context["form"].errors == {
        "code": ["This code is wrong. Enter the six digits that the app shows now."]
    }
    assert factors_of(cast.bob).app is None
    answer = client.post("/account/app/", {"code": code(secret)})
    assert (answer.status_code, len(answer.context["codes"])) == (200, 10)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.context["codes"][0] in answer.content.decode()
    assert SECRET not in client.session
    assert factors_of(cast.bob).number == 1
    assert answer.context["codes"][0] not in client.get("/account/").content.decode()


def test_codes_and_app_are_renewed_and_removed(cast: Cast) -> None:
    give_app(cast, cast.bob)
    client = cast.client(cast.bob)
    assert len(client.post("/account/codes/").context["codes"]) == 10
    assert client.post("/account/app/remove/").url == "/account/"
    assert factors_of(cast.bob).number == 0
    assert client.post("/account/codes/").status_code == 422


def test_the_last_factor_is_not_removed_where_one_is_required(cast: Cast, settings) -> None:
    give_app(cast, cast.bob)
    settings.SECOND_FACTOR_REQUIRED = True
    answer = cast.client(cast.bob).post("/account/app/remove/")
    assert (answer.status_code, answer.context["refused"][:37]) == (422, "A second factor is required for you. ")
    assert factors_of(cast.bob).number == 1


def test_a_session_is_ended_and_the_browser_there_has_to_sign_in(cast: Cast) -> None:
    here, there = signed_in(), signed_in()
    other = UserSession.objects.exclude(session_key=here.session.session_key).get()
    assert here.post(f"/account/sessions/{other.pk}/end/").url == "/account/"
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert (last_entry().action, last_entry().after) == ("sign_in:sessions_end", {"number": 1})


def test_all_other_sessions_are_ended(cast: Cast) -> None:
    here, first, second = signed_in(), signed_in(), signed_in()
    here.post("/account/sessions/end/")
    assert [client.get("/account/").status_code for client in (here, first, second)] == [200, 302, 302]
    assert Session.objects.filter(session_key=here.session.session_key).exists()


def test_the_sessions_and_passkeys_of_others_are_not_there(cast: Cast) -> None:
    signed_in()
    session = UserSession.objects.get()
    charlie = cast.client(cast.charlie)
    charlie.post(f"/account/sessions/{session.pk}/end/")
    assert UserSession.objects.filter(pk=session.pk).exists()
    assert charlie.get("/account/passkeys/1/").status_code == 404
    assert charlie.get("/account/passkeys/1/remove/").status_code == 404


def test_a_passkey_that_the_browser_has_not_made_is_refused(cast: Cast) -> None:
    client = cast.client(cast.bob)
    options = client.post("/account/passkeys/options/", SERVER_NAME="localhost").json()["publicKey"]
    assert (options["rp"], options["user"]["name"]) == ({"id": "localhost", "name": "oxherd"}, "bob@panel.test")
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    for answer in ("", "{}", "[]", "nonsense", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'):
        page = client.post("/account/passkeys/add/", {"name": "X", "credential": answer})
        assert page.status_code == 422
    assert factors_of(cast.bob).number == 0
