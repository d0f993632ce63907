import re

import pytest
from django.test import Client
from django.urls import reverse
from tests.cast import PASSWORD, Cast
from tests.signin.factors import code, give_app

from oxherd.sealing import unseal
from oxherd.signin import links, mails
from oxherd.signin.models import Letter
from oxherd.signin.states import LinkKind

NEW = "a wholly different staple"
FORGOT, RESET, SIGN_IN = "/sign-in/forgot/", "/sign-in/reset/", "/sign-in/login/"


def token_for(administrator, kind: LinkKind = LinkKind.RESET_PASSWORD, email: str = "") -> str:
    letter = Letter.objects.create(kind=kind, to=email or administrator.email)
    links.make(letter, kind, administrator)
    return unseal(letter.sealed_token)


def test_the_mails_lead_to_these_pages() -> None:
    assert {kind: path.format(token="x") for kind, path in mails.PATHS.items()} == {
        LinkKind.RESET_PASSWORD: reverse("sign_in_reset_link", args=["x"]),
        LinkKind.CONFIRM_EMAIL: reverse("own_address_link", args=["x"]),
    }


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(cast: Cast) -> None:
    known, unknown = (Client().post(FORGOT, {"email": f"{name}@panel.test"}) for name in ("bob", "nobody"))
    pages = [
        re.sub(r'nonce="[^"]*"|value="\w{64}"', "", page.content.decode().replace("nobody@", "bob@"))
        for page in (known, unknown)
    ]
    assert (known.status_code, pages[0]) == (unknown.status_code, pages[1])
    assert "a link is on its way there" in pages[0]
    assert Letter.objects.count() == 2


def test_an_address_is_needed(cast: Cast) -> None:
    answer = Client().post(FORGOT, {"email": " "})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"email": ["Enter a mail address."]})


def test_asking_is_throttled_by_address_and_by_where_it_comes_from(cast: Cast) -> None:
    for _ in range(3):
        assert Client().post(FORGOT, {"email": "bob@panel.test"}).status_code == 200
    for sender in ("127.0.0.1", "192.0.2.7"):
        answer = Client().post(FORGOT, {"email": "BOB@panel.test"}, REMOTE_ADDR=sender)
        assert answer.context["form"].errors["email"][0].startswith("Too many attempts.")
    for number in range(5):
        Client().post(FORGOT, {"email": f"x{number}@panel.test"}, REMOTE_ADDR="192.0.2.9")
    answer = Client().post(FORGOT, {"email": "rita@panel.test"}, REMOTE_ADDR="192.0.2.9")
    assert answer.context["form"].errors["email"][0].startswith("Too many attempts.")


def test_the_link_sets_the_password_once_signs_out_everywhere_and_the_second_factor_is_still_asked_for(
    cast: Cast,
) -> None:
    elsewhere = cast.client(cast.bob)
    assert elsewhere.get("/account/").status_code == 200
    secret, _ = give_app(cast, cast.bob)
    token, client = token_for(cast.bob), Client()
    assert client.get(f"{RESET}{token}/").url == RESET
    page = client.get(RESET)
    assert "For" in page.content.decode()
    assert token not in page.content.decode()
    wrong = client.post(RESET, {"new": NEW, "again": "x"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["again"])
    weak = client.post(RESET, {"new": "short", "again": "short"})
    assert list(weak.context["form"].errors) == ["new"]
    assert client.post(RESET, {"new": NEW, "again": NEW}).url == SIGN_IN
    assert "Your password was changed. Sign in with it." in client.get(SIGN_IN).content.decode()
    assert elsewhere.get("/account/").status_code == 302
    assert client.post(SIGN_IN, {"login": "bob@panel.test", "password": PASSWORD}).status_code == 200
    assert client.post(SIGN_IN, {"login": "bob@panel.test", "password": NEW}).url == "/sign-in/second/"
    assert client.post("/sign-in/second/", {"code": code(secret)}).status_code == 302
    again = Client()
    again.get(f"{RESET}{token}/")
    assert again.get(RESET).status_code == 410


@pytest.mark.parametrize("token", ["x", "%00", "a" * 500])
def test_a_link_that_is_none_is_told_and_not_logged(cast: Cast, token: str, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    client.get(f"{RESET}{token}/")
    answer = client.get(RESET)
    assert answer.status_code == 410
    assert "Ask for a new link" in answer.content.decode()
    assert token * 2 not in caplog.text


def test_another_address_counts_once_the_link_is_opened_and_agreed_to(cast: Cast) -> None:
    bob = cast.client(cast.bob)
    assert bob.post("/account/email/", {"email": "bob@panel.test"}).context["form"].errors == {
        "email": ["This is your address already."]
    }
    assert bob.post("/account/email/", {"email": "bobby@panel.test"}).url == "/account/"
    token, client = token_for(cast.bob, LinkKind.CONFIRM_EMAIL, "bobby@panel.test"), Client()
    assert client.get(f"/account/email/confirm/{token}/").url == "/account/email/confirm/"
    assert "bobby@panel.test" in client.get("/account/email/confirm/").content.decode()
    cast.bob.refresh_from_db()
    assert cast.bob.email == "bob@panel.test"  # looking changes nothing
    assert client.post("/account/email/confirm/").url == "/account/"
    assert client.post(SIGN_IN, {"login": "bob@panel.test", "password": PASSWORD}).status_code == 200
    assert client.post(SIGN_IN, {"login": "bobby@panel.test", "password": PASSWORD}).status_code == 302
    assert Client().get("/account/email/confirm/").status_code == 410
