"""Brands > Upsell and Look: how users ask for more, and how what they see looks."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.pictures import picture

from oxherd import sealing
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.brands.models import Brand, Logo, Upsell
from oxherd.brands.upsell_commands import change_upsell

SECRET = "a-line-of-tokenlogin-secrets"


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


@pytest.fixture
def rafael(cast: Cast) -> Client:
    """Sells the brand."""
    administrator = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(administrator, Role.RESELLER, brand=cast.brand)
    return cast.client(administrator)


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/brands/{cast.brand.pk}/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_requests_are_opened_and_the_configuration_is_there_to_be_copied(cast: Cast, alice: Client, base: str) -> None:
    Brand.objects.update(app_suite_url="https://webmail.sunrise.test/appsuite/")
    assert "configuration" not in text(alice.get(f"{base}upsell/"))
    wish = {"is_open": "on", "webmail_hosts": "mail.sunrise.test\n*.sunrise.test", "token_secret": SECRET}
    assert alice.post(f"{base}upsell/", wish).status_code == 302
    upsell = Upsell.objects.get()
    assert upsell.webmail_hosts == ["https://mail.sunrise.test", "https://*.sunrise.test"]
    page = text(alice.get(f"{base}upsell/"))
    assert f"/upsell/{upsell.key}/?cid=$context_id" in page
    assert "io.ox/settings/configjump//upgrade/url=" in page  # with a token secret
    assert 'data-copy-from="#config-1"' in page
    assert SECRET not in page


def test_a_secret_that_is_not_typed_stays_and_can_be_taken_away(cast: Cast, alice: Client, base: str) -> None:
    change_upsell(actor=cast.system, brand=cast.brand, token_secret=SECRET)
    alice.post(f"{base}upsell/", {"is_open": "on"})
    assert sealing.unseal(Upsell.objects.get().sealed_token_secret) == SECRET
    alice.post(f"{base}upsell/", {"is_open": "on", "forget_token_secret": "on"})
    assert Upsell.objects.get().sealed_token_secret == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("webmail_hosts", "not a host", "is not a host"),
        ("token_secret", "short", "Give a secret of 8 characters or more"),
        ("http_api_url", "webmail", "Give a complete address"),
        ("session_api_url", "http://169.254.169.254/", ""),
        ("session_api_url", "https://ox.test", "The session look-up needs its login and password."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(alice: Client, base: str, field: str, value: str, sentence: str) -> None:
    answer = alice.post(f"{base}upsell/", {"is_open": "on", field: value})
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert sentence in str(errors)
    assert set(errors) & {field, "session_api_login"}
    assert not Upsell.objects.exists()


def test_who_sells_the_brand_opens_requests_and_sees_no_secrets_fields(rafael: Client, base: str) -> None:
    page = text(rafael.get(f"{base}upsell/"))
    assert ('name="is_open"' in page, "token_secret" in page) == (True, False)
    rafael.post(f"{base}upsell/", {"is_open": "on", "token_secret": SECRET})
    assert Upsell.objects.get().sealed_token_secret == ""


def test_a_new_address_makes_the_old_one_unknown(cast: Cast, alice: Client, base: str) -> None:
    assert alice.get(f"{base}upsell/address/").status_code == 404
    before = change_upsell(actor=cast.system, brand=cast.brand).key
    assert "The present address is unknown from then on" in text(alice.get(f"{base}upsell/address/"))
    alice.post(f"{base}upsell/address/")
    assert Upsell.objects.get().key != before


def test_the_offer_is_shown_as_users_see_it_and_only_our_pages_frame_that(
    cast: Cast, rafael: Client, base: str
) -> None:
    assert rafael.get(f"{base}upsell/preview/").status_code == 404
    change_upsell(actor=cast.system, brand=cast.brand)
    answer = rafael.get(f"{base}upsell/preview/?missing=calendar")
    assert "Groupware" in text(answer)
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    page = rafael.get(f"{base}upsell/")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-same-origin"' in text(page)


def test_logo_and_colour_are_set_and_taken_back(cast: Cast, rafael: Client, base: str) -> None:
    logo = SimpleUploadedFile("logo.png", picture(), "image/png")
    assert rafael.post(f"{base}look/", {"colour": "#B4470F", "logo": logo}).status_code == 302
    assert Brand.objects.get(pk=cast.brand.pk).colour == "#b4470f"
    digest = Logo.objects.get().digest
    shown = rafael.get(f"{base}logo/{digest}.png")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert f"logo/{digest}.png" in text(rafael.get(base))
    rafael.post(f"{base}look/", {"colour": "#b4470f", "is_usual": "on", "remove_logo": "on"})
    assert Brand.objects.get(pk=cast.brand.pk).colour == ""
    assert not Logo.objects.exists()
    assert rafael.get(f"{base}logo/{digest}.png").status_code == 404


def test_a_broken_picture_is_told_at_its_field(rafael: Client, base: str) -> None:
    broken = SimpleUploadedFile("logo.png", b"no picture", "image/png")
    answer = rafael.post(f"{base}look/", {"colour": "#b4470f", "logo": broken})
    assert (answer.status_code, "This is not a picture." in text(answer)) == (422, True)
    answer = rafael.post(f"{base}look/", {"colour": "red"})
    assert "colour" in answer.context["form"].errors


def test_strangers_find_neither(cast: Cast, base: str) -> None:
    change_upsell(actor=cast.system, brand=cast.brand)
    for name in ("bob", "charlie", "dora", "rita"):
        client = cast.client(getattr(cast, name))
        for part in ("upsell/", "upsell/address/", "upsell/preview/", "look/"):
            assert client.get(base + part).status_code == 404, part
            assert client.post(base + part, {"is_open": "on"}).status_code in {404, 405}, part
