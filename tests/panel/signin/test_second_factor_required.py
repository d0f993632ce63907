"""Whoever must have a second factor and has none gets to add one, and nowhere else."""

import pytest
from django.urls import get_resolver
from tests.cast import Cast
from tests.journeys.test_every_page import names_in
from tests.signin.factors import code, give_app

from oxherd.accounts.models import SignInPolicy
from oxherd.accounts.states import SecondFactor
from oxherd.panel.signin.app import SECRET
from oxherd.panel.signin.demand import OPEN
from oxherd.sealing import unseal

ENROL = "/account/second-factor/"


@pytest.fixture
def required(cast: Cast) -> None:
    SignInPolicy.objects.create(tenant=cast.acme, second_factor=SecondFactor.ALL)


@pytest.mark.usefixtures("required")
def test_every_page_leads_to_the_choice_and_from_there_back(cast: Cast) -> None:
    bob = cast.client(cast.bob)
    wanted = f"/t/{cast.acme.pk}/users/?q=anna"
    assert bob.get(wanted).url == f"{ENROL}?next=%2Ft%2F{cast.acme.pk}%2Fusers%2F%3Fq%3Danna"
    for page in ("/", "/account/", "/customers/", f"/t/{cast.acme.pk}/users/add/", "/account/name/"):
        assert bob.get(page).url.startswith(ENROL), page
        assert bob.post(page).url == f"{ENROL}?next=%2F", page
    page = bob.get(f"{ENROL}?next={wanted}", SERVER_NAME="localhost").content.decode()
    assert "Add a passkey" in page
    assert "Set up an app" in page
    bob.get("/account/app/")
    secret = unseal(bob.session[SECRET])
    assert len(bob.post("/account/app/", {"code": code(secret)}).context["codes"]) == 10
    assert bob.get(f"{ENROL}?next={wanted}").url == wanted
    assert bob.get(wanted).status_code == 200


@pytest.mark.usefixtures("required")
def test_parts_of_pages_lead_there_too(cast: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/t/{cast.acme.pk}/users/"}
    answer = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/progress/", headers=headers)
    assert answer.headers["HX-Redirect"] == f"{ENROL}?next=%2Ft%2F{cast.acme.pk}%2Fusers%2F"


@pytest.mark.usefixtures("required")
def test_it_holds_where_it_is_required_and_for_who_has_none(cast: Cast) -> None:
    assert cast.client(cast.charlie).get("/account/").status_code == 200
    give_app(cast, cast.bob)
    assert cast.client(cast.bob).get("/account/").status_code == 200


def test_the_installation_can_require_it_of_all(cast: Cast, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert cast.client(cast.alice).get("/customers/").url.startswith(ENROL)


@pytest.mark.usefixtures("required")
def test_one_can_always_sign_out(cast: Cast) -> None:
    bob = cast.client(cast.bob)
    assert bob.post("/sign-in/logout/").status_code == 302
    assert bob.get("/account/").url.startswith("/sign-in/login/")


def test_what_is_open_is_there() -> None:
    assert set(names_in(get_resolver().url_patterns)) >= OPEN


def test_it_leads_to_no_other_site(cast: Cast) -> None:
    give_app(cast, cast.bob)
    assert cast.client(cast.bob).get(f"{ENROL}?next=https://evil.test/").url == "/"
