import io

import pytest
from PIL import Image
from tests.pictures import bomb, picture
from tests.rows import last_entry, refused

from oxherd import sealing
from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.states import Door, Role
from oxherd.brands import queries
from oxherd.brands.commands import change_brand
from oxherd.brands.logos import LARGEST_UPLOAD
from oxherd.brands.models import Brand, Logo, Upsell
from oxherd.brands.upsell_commands import change_colour, change_logo, change_upsell
from oxherd.errors import NotAllowed, NotYours

SECRET = "a-line-of-tokenlogin-secrets"


@pytest.fixture
def change(cast):
    return lambda **settings: change_upsell(actor=cast.system, brand=cast.brand, **settings)


def test_a_brand_takes_requests_under_a_key_that_nobody_guesses(cast, change):
    assert not Upsell.objects.exists()
    upsell = change(webmail_hosts=["Webmail.Sunrise.test", "http://127.0.0.1:8100/", "*.bücher.example"])
    assert upsell.webmail_hosts == [
        "https://webmail.sunrise.test",
        "http://127.0.0.1:8100",
        "https://*.xn--bcher-kva.example",
    ]
    assert len(upsell.key) >= 20
    assert queries.offer(upsell.key) == upsell
    assert queries.offer("another") is None
    assert (last_entry().action, last_entry().subject_id, last_entry().brand_id) == (
        "brand:upsell",
        cast.brand.pk,
        cast.brand.pk,
    )


def test_what_is_not_given_stays_and_secrets_are_sealed_and_not_told(change):
    change(token_secret=SECRET, webmail_hosts=["webmail.test"])
    change(session_api_url="https://ox.internal:8009", session_api_login="rest", session_api_password="rest-secret")
    upsell = change(is_open=False)
    assert upsell.webmail_hosts == ["https://webmail.test"]
    assert sealing.unseal(upsell.sealed_token_secret) == SECRET
    assert sealing.unseal(upsell.sealed_session_api_password) == "rest-secret"
    written = [str(last_entry().__class__.objects.order_by("-id").values("before", "after")[:4])]
    assert not any(secret in text for text in written for secret in (SECRET, "rest-secret", "gAAAA"))
    assert change(token_secret="").sealed_token_secret == ""


def test_a_closed_offer_and_the_old_key_after_a_new_one_are_unknown(change):
    first = change().key
    second = change(key="").key
    assert (second == first, queries.offer(first), queries.offer(second).key) == (False, None, second)
    change(is_open=False)
    assert queries.offer(second) is None
    assert change(key="a-key-of-our-own").key == "a-key-of-our-own"


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("webmail_hosts", {"webmail_hosts": ["https://webmail.test/path"]}),
        ("webmail_hosts", {"webmail_hosts": ["ftp://webmail.test"]}),
        ("webmail_hosts", {"webmail_hosts": ["://webmail.test"]}),
        ("webmail_hosts", {"webmail_hosts": ["web mail"]}),
        ("webmail_hosts", {"webmail_hosts": ["'unsafe-inline'"]}),
        ("webmail_hosts", {"webmail_hosts": ["a; script-src *"]}),
        ("webmail_hosts", {"webmail_hosts": ["*"]}),
        ("webmail_hosts", {"webmail_hosts": [""]}),
        ("webmail_hosts", {"webmail_hosts": ["h.test"] * 51}),
        ("http_api_url", {"http_api_url": "webmail.test"}),
        ("session_api_url", {"session_api_url": "ftp://ox"}),
        ("session_api_login", {"session_api_url": "https://ox.internal"}),
        ("session_api_login", {"session_api_url": "https://ox.internal", "session_api_login": "rest"}),
        ("token_secret", {"token_secret": "short"}),
        ("token_secret", {"token_secret": "a long enough one;accessPassword=true"}),
        ("token_secret", {"token_secret": "two lines\nof secrets"}),
    ],
)
def test_what_cannot_be_set_up_is_refused_at_its_field(change, field, settings):
    with refused(field):
        change(**settings)


def test_a_setting_that_there_is_not_is_a_mistake_of_the_caller(change):
    with pytest.raises(TypeError):
        change(sealed_token_secret="x")


def test_who_sells_a_brand_opens_requests_and_changes_the_look_but_sets_no_secrets(cast):
    reseller = Actor("Rafael", Door.PANEL, (Grant(Role.RESELLER, brand_id=cast.brand.pk),))
    change_upsell(actor=reseller, brand=cast.brand, is_open=True, webmail_hosts=["webmail.test"])
    change_colour(actor=reseller, brand=cast.brand, colour="#ABCDEF")
    change_logo(actor=reseller, brand=cast.brand, picture=None)
    assert Brand.objects.get(pk=cast.brand.pk).colour == "#abcdef"
    url = "https://ox.test/api"
    for secret in ({"token_secret": "long-enough"}, {"http_api_url": url}, {"session_api_login": "x"}):
        with pytest.raises(NotAllowed):
            change_upsell(actor=reseller, brand=cast.brand, **secret)


def test_customers_do_not_find_what_is_set_up_for_a_brand(cast):
    for change in (change_upsell, lambda **who: change_colour(colour="#ffffff", **who)):
        with pytest.raises(NotYours):
            change(actor=cast.actor(cast.bob), brand=cast.brand)


def test_the_app_suite_address_belongs_to_the_webmail_too(cast, change):
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="https://Mail.Sunrise.test:8443/appsuite/")
    upsell = Upsell.objects.get(pk=change(webmail_hosts=["webmail.test", "mail.sunrise.test:8443"]).pk)
    assert upsell.origins == ["https://webmail.test", "https://mail.sunrise.test:8443"]
    assert upsell.api_url == "https://Mail.Sunrise.test:8443/appsuite/api"
    assert change(http_api_url="https://api.test/ajax/").api_url == "https://api.test/ajax"
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="")
    assert Upsell.objects.get(pk=upsell.pk).origins == ["https://webmail.test", "https://mail.sunrise.test:8443"]


@pytest.mark.parametrize(("given", "stored"), [(" #3457D5 ", "#3457d5"), ("", "")])
def test_a_colour_is_kept_in_small_letters(cast, given, stored):
    assert change_brand(actor=cast.system, brand=cast.brand, colour=given).colour == stored


@pytest.mark.parametrize("colour", ["blue", "#fff", "#3457d5;}", "#3457dg"])
def test_what_is_no_colour_is_refused(cast, colour):
    with refused("colour"):
        change_brand(actor=cast.system, brand=cast.brand, colour=colour)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_logo_becomes_a_small_png(cast, form):
    change_logo(actor=cast.system, brand=cast.brand, picture=picture(form, (2000, 400)))
    logo = Image.open(io.BytesIO(Logo.objects.get().png))
    assert (logo.format, logo.mode, logo.size) == ("PNG", "RGBA", (480, 96))
    assert queries.logo_digest(cast.brand) == Logo.objects.get().digest
    change_logo(actor=cast.system, brand=cast.brand, picture=picture(form, (100, 100)))
    assert Image.open(io.BytesIO(Logo.objects.get().png)).size == (100, 100)
    assert (last_entry().before, last_entry().after) == ({"logo": True}, {"logo": True})


def test_a_logo_goes_again(cast):
    change_logo(actor=cast.system, brand=cast.brand, picture=picture())
    change_logo(actor=cast.system, brand=cast.brand, picture=None)
    assert queries.logo_digest(Brand.objects.get(pk=cast.brand.pk)) == ""


@pytest.mark.parametrize(
    "upload", [b"", b"<svg/>", bomb(20_000), picture()[:100], b"\x00" * (LARGEST_UPLOAD + 1)], ids=range(5)
)
def test_what_is_no_picture_is_no_logo(cast, upload):
    with refused("logo"):
        change_logo(actor=cast.system, brand=cast.brand, picture=upload)
