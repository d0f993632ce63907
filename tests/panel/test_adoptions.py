"""Customers > Adopt from OX: what the panel asks, and how it tells what came of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD, Cast

from oxherd import sealing
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.adoption.commands import bring_back_lost, forget_passwords
from oxherd.adoption.models import Adoption
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand

HTMX = {"HX-Request": "true"}
BASE = "/customers/adopt/"
SECRET = "boss-secret-4711"
REPORT = {
    "taken": {"domain": 1, "user": 2},
    "known": 0,
    "profiles": ["webmail, Drive 1,000 MB"],
    "refused": [["user", "Eve Adler", "There is no time zone Mars/Olympus. Enter one such as Europe/Berlin."]],
    "more": 0,
}


def wish(cast: Cast, **fields: Any) -> dict[str, Any]:
    kept = {"brand": cast.brand.pk, "context": "acme", "administrator": "boss", "password": SECRET}
    return {**kept, "make_profiles": "on", **fields}


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


@pytest.fixture
def rehearsed(cast: Cast, alice: Client) -> Adoption:
    """A rehearsal that a worker has brought to its end."""
    alice.post(f"{BASE}add/", wish(cast))
    Adoption.objects.update(state="done", report=REPORT, finished_at=timezone.now())
    return Adoption.objects.get()


def test_a_rehearsal_is_handed_to_a_worker_without_its_secret(cast: Cast, alice: Client) -> None:
    answer = alice.post(f"{BASE}add/", wish(cast, name="Acme GmbH"), headers=HTMX)
    adoption = Adoption.objects.get()
    assert answer.headers["HX-Redirect"] == f"{BASE}{adoption.pk}/"
    assert (adoption.is_rehearsal, adoption.make_profiles, adoption.name) == (True, True, "Acme GmbH")
    assert sealing.unseal(adoption.sealed_password) == SECRET
    job = ProcrastinateJob.objects.get(task_name="oxherd.adopt")
    assert job.args == {"adoption_id": adoption.pk}
    assert SECRET not in str([entry.after for entry in AuditEntry.objects.all()])
    page = alice.get(f"{BASE}{adoption.pk}/").content.decode()
    assert "A worker is reading the context." in page
    assert SECRET not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"context": " "}, "Enter the context&#x27;s name or number."),
        ({"context": "x" * 101}, "This is longer than 100 characters."),
        ({"administrator": ""}, "Enter the login of the context&#x27;s administrator"),
        ({"password": ""}, "Enter the password of the context&#x27;s administrator."),
        ({"brand": "9999"}, "Choose a brand from the list."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(cast: Cast, alice: Client, fields: dict[str, Any], sentence: str) -> None:
    answer = alice.post(f"{BASE}add/", wish(cast, **fields), headers=HTMX)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Adoption.objects.exists()


def test_ox_cloud_wants_no_administrator(cast: Cast, alice: Client) -> None:
    Brand.objects.update(platform="ox_cloud")
    assert 'name="administrator"' not in alice.get(f"{BASE}add/").content.decode()
    alice.post(f"{BASE}add/", {"brand": cast.brand.pk, "context": "acme"})
    assert Adoption.objects.get().sealed_password == ""


def test_the_preview_tells_what_would_come_and_what_is_left_out(alice: Client, rehearsed: Adoption) -> None:
    page = " ".join(alice.get(f"{BASE}{rehearsed.pk}/").content.decode().split())
    assert "This would be taken over. Nothing is changed on the platform." in page
    assert "Would be left out" in page
    for text in ("Users", "Domain", "webmail, Drive 1,000 MB", "Eve Adler", "There is no time zone Mars/Olympus"):
        assert text in page
    live = alice.get(f"{BASE}{rehearsed.pk}/state/", headers=HTMX).content.decode()
    assert "hx-trigger" not in live


def test_what_was_rehearsed_is_adopted_once(alice: Client, rehearsed: Adoption) -> None:
    answer = alice.post(f"{BASE}{rehearsed.pk}/begin/")
    adoption = Adoption.objects.latest("pk")
    assert answer.headers["Location"] == f"{BASE}{adoption.pk}/"
    assert (adoption.is_rehearsal, sealing.unseal(adoption.sealed_password)) == (False, SECRET)
    again = alice.post(f"{BASE}{rehearsed.pk}/begin/")  # a second click
    assert (again.headers["Location"], Adoption.objects.count()) == (answer.headers["Location"], 2)


def test_what_was_rehearsed_long_ago_has_to_be_begun_anew(alice: Client, rehearsed: Adoption) -> None:
    Adoption.objects.update(sealed_password="")
    answer = alice.post(f"{BASE}{rehearsed.pk}/begin/")
    assert (answer.status_code, Adoption.objects.count()) == (422, 1)
    assert "is kept for an hour only. Begin again." in answer.content.decode()


def test_a_second_click_without_a_password_begins_nothing_new(cast: Cast, alice: Client) -> None:
    Brand.objects.update(platform="ox_cloud")
    alice.post(f"{BASE}add/", {"brand": cast.brand.pk, "context": "acme"})
    Adoption.objects.update(state="done", report=REPORT, finished_at=timezone.now())
    rehearsal = Adoption.objects.get()
    first, second = (alice.post(f"{BASE}{rehearsal.pk}/begin/").headers["Location"] for _ in range(2))
    assert (first == second, Adoption.objects.count()) == (True, 2)


def test_a_reseller_adopts_for_the_brand_and_for_no_other(cast: Cast) -> None:
    other = add_brand(actor=cast.system, name="Moonset", api_url="http://127.0.0.1:9", username="x", password="y")
    reseller = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(reseller, Role.RESELLER, brand=cast.brand)
    client = cast.client(reseller)
    assert "Moonset" not in client.get(f"{BASE}add/").content.decode()
    assert client.post(f"{BASE}add/", wish(cast, brand=other.pk)).status_code == 422
    assert client.post(f"{BASE}add/", wish(cast)).status_code == 302
    assert Adoption.objects.get().requested_by == "Rafael"


def test_a_password_is_not_kept_for_longer_than_an_hour(rehearsed: Adoption) -> None:
    assert forget_passwords() == 0
    Adoption.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    assert forget_passwords() == 1
    assert Adoption.objects.get().sealed_password == ""


def test_what_no_entry_of_the_queue_carries_is_brought_back(cast: Cast, alice: Client) -> None:
    alice.post(f"{BASE}add/", wish(cast))
    assert bring_back_lost(0) == 0
    ProcrastinateJob.objects.all().delete()
    assert bring_back_lost(60) == 0  # not yet
    assert bring_back_lost(0) == 1
    assert ProcrastinateJob.objects.filter(task_name="oxherd.adopt").count() == 1


def test_a_failure_tells_why_and_leads_back_to_what_was_typed(cast: Cast, alice: Client, rehearsed: Adoption) -> None:
    sentence = "The platform has no context acme."
    Adoption.objects.update(state="failed", sentence=sentence, field="context", report={})
    page = alice.get(f"{BASE}{rehearsed.pk}/").content.decode()
    assert sentence in page
    form = alice.get(f"{BASE}add/?from={rehearsed.pk}").content.decode()
    assert 'value="acme"' in form
    assert 'id="id_context_error"' in form
    assert sentence in form
    assert SECRET not in form
    assert alice.get(f"{BASE}add/?from=99999").status_code == 404


def test_the_list_tells_who_adopted_what(alice: Client, rehearsed: Adoption, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):  # session, administrator, roles; brands; adoptions
        page = alice.get(BASE).content.decode()
    assert "Alice" in page
    assert "Preview" in page


@pytest.mark.parametrize("who", ["bob", "rita", "dora", "charlie"])
def test_nobody_below_the_brand_adopts(cast: Cast, rehearsed: Adoption, who: str) -> None:
    client = cast.client(getattr(cast, who))
    for path in ("", "add/", f"{rehearsed.pk}/", f"{rehearsed.pk}/state/"):
        assert client.get(f"{BASE}{path}").status_code == 404
    assert client.post(f"{BASE}add/", wish(cast)).status_code == 404
    assert client.post(f"{BASE}{rehearsed.pk}/begin/").status_code == 404
    assert "Adopt from OX" not in client.get("/customers/").content.decode()
    assert Adoption.objects.count() == 1
