"""Sessions end as the sign-in rules say."""

import time

import pytest
from django.test import Client
from tests.cast import PASSWORD, Cast

from oxherd.accounts.models import SignInPolicy


def aged(cast: Cast, **seconds: int) -> Client:
    """A session whose marks lie so far back."""
    client = cast.client(cast.bob)
    session = client.session
    for name, age in seconds.items():
        session[name] = int(time.time()) - age
    session.save()
    return client


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [({"active_at": 1900}, "nothing was clicked"), ({"began_at": 3700}, "signed in long ago")],
)
def test_a_session_that_is_over_leads_to_the_sign_in_and_says_why(
    cast: Cast, seconds: dict[str, int], sentence: str
) -> None:
    page = f"/t/{cast.acme.pk}/users/"
    assert aged(cast, **seconds).get(page).status_code == 200
    SignInPolicy.objects.create(tenant=cast.acme, idle_minutes=30, session_hours=1)
    client = aged(cast, **seconds)
    answer = client.get(page, follow=True)
    assert answer.redirect_chain == [(f"/sign-in/login/?next={page}", 302)]
    assert sentence in answer.content.decode()
    assert client.get(page).status_code == 302


def test_clicks_keep_a_session_and_what_pages_ask_by_themselves_does_not(cast: Cast) -> None:
    base = f"/t/{cast.acme.pk}/"
    client = aged(cast, active_at=600)
    before = client.session["active_at"]
    client.get(f"{base}banners/")
    client.get(f"{base}users/progress/?ids=1")
    assert client.session["active_at"] == before
    client.get(f"{base}users/")
    assert client.session["active_at"] > before + 500


def test_a_sign_in_begins_anew(cast: Cast) -> None:
    client = Client()
    client.post("/sign-in/login/", {"login": "bob@panel.test", "password": PASSWORD})
    assert client.session["began_at"] >= int(time.time()) - 30
