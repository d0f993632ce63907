"""Brands: who sees them, how one is added, changed, tested and removed."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tests.cast import PASSWORD, Cast

from oxherd import sealing
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.brands import inquiries
from oxherd.brands.commands import add_brand
from oxherd.brands.inquiries import Outcome
from oxherd.brands.models import Brand, Inquiry
from oxherd.provisioning.models import PlatformHealth
from oxherd.tenants.models import Tenant

HTMX = {"HX-Request": "true"}
SECRET = "platform-secret-4711"
NEW = {
    "name": "Dawn",
    "platform": "app_suite",
    "api_url": "https://ox.example",
    "username": "master",
    "password": SECRET,
    "unique_display_names": "on",
}
WELL = Outcome(((True, "The platform accepts the login and password."),))
UNWELL = Outcome(((False, "The platform does not accept the login or password."),))


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


@pytest.fixture
def rafael(cast: Cast) -> Client:
    """Sells the brand."""
    administrator = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(administrator, Role.RESELLER, brand=cast.brand)
    return cast.client(administrator)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def as_saved(brand: Brand, **changes: Any) -> dict[str, Any]:
    kept = {"name": brand.name, "api_url": brand.api_url, "username": brand.username, "unique_display_names": "on"}
    return kept | changes


def test_a_fresh_installation_leads_to_the_first_brand(db: None) -> None:
    administrator = add_administrator(email="olga@panel.test", name="Olga", password=PASSWORD)
    grant(administrator, Role.OPERATOR)
    page = text(Cast.client(None, administrator).get("/brands/"))  # type: ignore[arg-type]  # needs no cast
    assert "Add your first brand" in page
    assert 'href="/brands/add/"' in page


def test_the_list_tells_how_each_platform_stands(
    cast: Cast, alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice.get("/brands/")
    other = add_brand(actor=cast.system, name="Dawn", api_url="https://ox.example", username="x", password="y")
    third = add_brand(actor=cast.system, name="Noon", api_url="https://ox.example", username="x", password="y")
    inquiries.note(actor=cast.system, brand=other, outcome=UNWELL)
    inquiries.note(actor=cast.system, brand=other, outcome=WELL)
    PlatformHealth.objects.create(brand=third, opened_at=other.created_at)
    with django_assert_num_queries(8):  # session, administrator, roles; count, page, inquiries, breakers, customers
        page = text(alice.get("/brands/"))
    assert [page.index(word) for word in ("Dawn", "Works", "Noon", "Does not answer", "Sunrise", "Not tested yet")] == (
        sorted(page.index(word) for word in ("Dawn", "Works", "Noon", "Does not answer", "Sunrise", "Not tested yet"))
    )
    assert "No brand found" in text(alice.get("/brands/?q=nobody"))


def test_a_brand_is_added_and_asked_at_once(alice: Client) -> None:
    answer = alice.post("/brands/add/", NEW)
    brand = Brand.objects.get(name="Dawn")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/brands/{brand.pk}/")
    assert sealing.unseal(brand.sealed_password) == SECRET
    assert Inquiry.objects.get().brand == brand
    page = text(alice.get(f"/brands/{brand.pk}/"))
    assert "A worker is asking https://ox.example" in page
    assert "Add a profile" in page
    assert SECRET not in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Give the brand a name."),
        ("name", "sunrise", "There is a brand named sunrise already."),
        ("platform", "", "Choose the kind of the platform."),
        ("api_url", "ox.example", "Give a complete address that begins with https://"),
        ("username", "", "Enter the login of the account on the platform."),
        ("password", "", "Enter the password of the account on the platform."),
        ("app_suite_url", "webmail", "Give a complete address that begins with https://"),
        ("service_url", "webmail", "Give a complete address that begins with https://"),
        ("concurrency", "0", "Let at least one object through at a time"),
        ("concurrency", "many", "Give a whole number, or leave the field empty."),
        ("mail_hosts", "10 mx one", "is not a mail host"),
        ("dkim_selector", "s1", "Selector and target belong together"),
        ("dmarc", "none", "Give the whole record"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(alice: Client, field: str, value: str, sentence: str) -> None:
    answer = alice.post("/brands/add/", {**NEW, field: value})
    assert answer.status_code == 422
    said = "dkim_target" if field == "dkim_selector" else field
    assert sentence in str(answer.context["form"].errors[said])
    assert SECRET not in answer.content.decode()
    assert not Brand.objects.filter(name="Dawn").exists()


def test_an_empty_password_stays_as_it_is_and_a_new_one_is_asked_for_at_once(cast: Cast, alice: Client) -> None:
    edit = f"/brands/{cast.brand.pk}/edit/"
    assert "secret" not in alice.get(edit).content.decode().replace("secret is", "")
    alice.post(edit, as_saved(cast.brand, name="Sunset", mail_hosts="mx1.sunset.test\n20 mx2.sunset.test"))
    brand = Brand.objects.get(pk=cast.brand.pk)
    assert (brand.name, brand.mail_hosts) == ("Sunset", ["10 mx1.sunset.test", "20 mx2.sunset.test"])
    assert (sealing.unseal(brand.sealed_password), Inquiry.objects.count()) == ("secret", 0)
    alice.post(edit, as_saved(brand, mail_hosts="", password=SECRET))
    brand.refresh_from_db()
    assert (sealing.unseal(brand.sealed_password), Inquiry.objects.count()) == (SECRET, 1)


def test_another_address_wants_the_password_and_a_word_on_the_customers(cast: Cast, alice: Client) -> None:
    edit = f"/brands/{cast.brand.pk}/edit/"
    assert "moves all 2 customers" in text(alice.get(edit))
    moved = as_saved(cast.brand, api_url="https://new.example")
    errors = alice.post(edit, moved).context["form"].errors
    assert set(errors) == {"password", "has_moved"}
    answer = alice.post(edit, moved | {"password": SECRET, "has_moved": "on"})
    assert answer.status_code == 302
    assert Brand.objects.get(pk=cast.brand.pk).api_url == "https://new.example"


def test_who_saves_second_is_told(cast: Cast, alice: Client) -> None:
    edit = f"/brands/{cast.brand.pk}/edit/"
    seen = alice.get(edit).context["form"].seen
    Brand.objects.update(service_url="https://sso.example")
    answer = alice.post(edit, as_saved(cast.brand, seen=seen))
    assert "This brand was changed meanwhile." in text(answer)


def test_settings_are_tested_before_they_are_saved(alice: Client) -> None:
    answer = alice.post("/brands/test/", NEW, headers=HTMX)
    trial = Inquiry.objects.get()
    assert f'hx-get="/brands/test/{trial.pk}/"' in text(answer)
    claimed = inquiries.claim(trial.pk)
    assert claimed is not None
    inquiries.finish(claimed, UNWELL)
    part = text(alice.get(f"/brands/test/{trial.pk}/", headers=HTMX))
    assert "The connection does not work yet." in part
    assert "hx-get" not in part
    assert "Test of the connection" in text(alice.get(f"/brands/test/{trial.pk}/"))
    assert not Brand.objects.filter(name="Dawn").exists()


def test_what_cannot_be_tested_is_told_by_the_name_of_its_field(alice: Client) -> None:
    answer = alice.post("/brands/test/", NEW | {"password": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "<strong>Password:</strong> Enter the password" in text(answer)
    assert alice.post("/brands/test/", NEW | {"password": ""}).headers["Location"] == "/brands/add/"


def test_the_page_waits_for_the_answer_and_stops(cast: Cast, rafael: Client) -> None:
    base = f"/brands/{cast.brand.pk}/"
    part = text(rafael.post(f"{base}ask/", headers=HTMX))
    assert f'hx-get="{base}connection/"' in part
    claimed = inquiries.claim(Inquiry.objects.get().pk)
    assert claimed is not None
    inquiries.finish(claimed, WELL)
    part = text(rafael.get(f"{base}connection/", headers=HTMX))
    assert "accepts the login" in part
    assert "hx-get" not in part
    assert rafael.post(f"{base}ask/").headers["Location"] == base


def test_a_brand_with_customers_stays(cast: Cast, alice: Client) -> None:
    url = f"/brands/{cast.brand.pk}/remove/"
    assert "has customers" in text(alice.get(url))
    assert alice.post(url, {"typed": "Sunrise"}).status_code == 422
    assert Brand.objects.filter(pk=cast.brand.pk).exists()


def test_a_brand_without_customers_goes_when_its_name_is_typed(cast: Cast, alice: Client) -> None:
    lone = add_brand(actor=cast.system, name="Dawn", api_url="https://ox.example", username="x", password="y")
    url = f"/brands/{lone.pk}/remove/"
    assert "Type Dawn to confirm." in text(alice.post(url, {"typed": "Dusk"}, headers=HTMX))
    assert alice.post(url, {"typed": "Dawn"}, headers=HTMX).headers["HX-Redirect"] == "/brands/"
    assert not Brand.objects.filter(pk=lone.pk).exists()


def test_who_sells_a_brand_sees_it_alone_and_does_not_edit_it(cast: Cast, rafael: Client) -> None:
    other = add_brand(actor=cast.system, name="Dawn", api_url="https://ox.example", username="x", password="y")
    page = text(rafael.get("/brands/"))
    assert ("Sunrise" in page, "Dawn" in page, "Add brand" in page) == (True, False, False)
    assert f'href="/brands/{cast.brand.pk}/edit/"' not in text(rafael.get(f"/brands/{cast.brand.pk}/"))
    assert rafael.get(f"/brands/{cast.brand.pk}/edit/").status_code == 403
    assert rafael.get(f"/brands/{other.pk}/").status_code == 404
    assert rafael.get("/brands/add/").status_code == 404


@pytest.mark.parametrize("name", ["bob", "charlie", "dora", "rita"])
def test_customers_find_no_brands(cast: Cast, name: str) -> None:
    client, base = cast.client(getattr(cast, name)), f"/brands/{cast.brand.pk}/"
    trial = Inquiry.objects.create(brand=cast.brand, api_url="https://ox.example", is_trial=True)
    for url in ("/brands/", "/brands/add/", base, f"{base}edit/", f"{base}connection/", f"/brands/test/{trial.pk}/"):
        assert client.get(url).status_code == 404, url
    for url in (f"{base}ask/", f"{base}remove/", f"{base}edit/", "/brands/add/"):
        assert client.post(url, NEW).status_code == 404, url
    assert client.post("/brands/test/", NEW, headers=HTMX).status_code == 404
    assert "Brands" not in text(client.get(f"/t/{Tenant.objects.get(name='Acme').pk}/users/"))
