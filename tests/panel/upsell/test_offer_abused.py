"""What anybody on the Internet may try with the offer."""

import random
import re

import pytest
from django.conf import settings as django_settings
from tests.panel.upsell.offer_page import Visitor, text_of
from tests.rows import everything

from oxherd import sealing
from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.ox_commands import change_profile
from oxherd.purchases.models import PurchaseRequest

SESSION = "4711e8b15f0d4a6a8a3a1f3f0a1b2c3d"


@pytest.mark.parametrize("form", ["", "nonsense", "a:b:c", "ALTERED", "OTHER"])
def test_a_form_that_is_not_ours_is_not_taken(cast, upsell, visitor, claims, form):
    page = visitor.get(**claims)
    token = re.search(r'name="form"\s+value="([^"]*)"', page.content.decode()).group(1)
    if form == "ALTERED":
        form = token[:-3] + ("aaa" if token[-3:] != "aaa" else "bbb")
    elif form == "OTHER":  # as if the key had been another one when the page was shown
        form, upsell = token, change_upsell(actor=cast.system, brand=cast.brand, key="")
        visitor.url = f"/upsell/{upsell.key}/"
    answer = visitor.send(page, form=form)
    assert (answer.status_code, "This page was open for too long" in text_of(answer)) == (422, True)
    assert not PurchaseRequest.objects.exists()


def test_a_form_ends_after_some_hours(visitor, claims, monkeypatch):
    from oxherd.panel.upsell import claims as module

    page = visitor.get(**claims)
    monkeypatch.setattr(module, "FORM_SECONDS", -1)
    assert visitor.send(page).status_code == 422
    assert not PurchaseRequest.objects.exists()


def test_the_claims_are_those_of_the_page_and_not_of_the_form(cast, visitor, claims):
    ben = cast.user("Ben Oak", ox=True)
    change_profile(actor=cast.system, users=[ben], profile=cast.mail)
    visitor.send(visitor.get(**claims), uid="4", mail="ben.oak@acme.test", cid="1")
    assert [str(request) for request in PurchaseRequest.objects.all()] == ["Anna Becker"]


@pytest.mark.parametrize("length", [1001, 100_000])
def test_too_long_a_message_comes_back_at_its_field(visitor, claims, length):
    answer = visitor.send(visitor.get(**claims), message="x" * length)
    assert answer.status_code == 422
    assert 'aria-describedby="message-error">x' in answer.content.decode()
    assert "This is longer than 1000 characters. Shorten it." in text_of(answer)
    assert visitor.send(answer, message="Shorter").status_code == 303
    assert PurchaseRequest.objects.get().message == "Shorter"


def test_a_huge_message_is_turned_away(visitor, claims):
    size = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert visitor.send(visitor.get(**claims), message="x" * size).status_code == 422
    assert not PurchaseRequest.objects.exists()


@pytest.mark.parametrize("profile", ["", "x", "999999", "-1"])
def test_a_profile_that_was_not_shown_comes_back_at_its_field(visitor, claims, profile):
    answer = visitor.send(visitor.get(**claims), profile=profile)
    assert (answer.status_code, "Choose one of the profiles." in text_of(answer)) == (422, True)


def test_the_lowest_profile_cannot_be_asked_for(cast, visitor, claims):
    assert visitor.send(visitor.get(**claims), profile=cast.mail.pk).status_code == 422


def test_where_nothing_gives_what_is_missing_it_says_so(cast, visitor, claims):
    page = visitor.get(**claims, missing="guard")
    assert (page.status_code, "There is nothing on offer here" in text_of(page)) == (200, True)


def test_the_same_request_twice_is_one_that_counts(visitor, claims):
    for _ in range(3):
        visitor.send(visitor.get(**claims))
    assert PurchaseRequest.objects.get().times_asked == 3


def test_too_many_requests_from_one_address_are_not_taken(upsell, claims):
    visitor, elsewhere = Visitor(upsell), Visitor(upsell)
    elsewhere.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    page = visitor.get(**claims)
    assert [visitor.send(page).status_code for _ in range(32)] == [303] * 30 + [429] * 2
    assert "Too many requests came from here" in text_of(visitor.send(page))
    assert elsewhere.send(page).status_code == 303
    assert PurchaseRequest.objects.get().times_asked == 31


def test_all_addresses_of_an_ipv6_network_count_as_one(upsell, claims):
    visitor = Visitor(upsell)
    page, answers = visitor.get(**claims), []
    for number in range(31):
        visitor.client.defaults["REMOTE_ADDR"] = f"2001:db8:0:1::{number:x}"
        answers.append(visitor.send(page).status_code)
    assert answers == [303] * 30 + [429]


@pytest.mark.parametrize("context_id", ["CID", "999999"])
def test_too_many_requests_for_one_context_are_not_taken_be_it_there_or_not(cast, upsell, claims, context_id):
    visitor = Visitor(upsell)
    claims["cid"] = context_id.replace("CID", str(cast.acme.context_id))
    page, answers = visitor.get(**claims), []
    for number in range(61):
        visitor.client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(visitor.send(page).status_code)
    assert answers == [303] * 60 + [429]
    other = visitor.get(**claims | {"cid": cast.globex.context_id})
    assert visitor.send(other).status_code == 303


@pytest.fixture
def verifying(cast, upsell):
    """Where both kinds of credentials can be tried."""
    return change_upsell(
        actor=cast.system,
        brand=cast.brand,
        token_secret="a-line-of-secrets",
        session_api_url="http://127.0.0.1:9",
        session_api_login="rest",
        session_api_password="secret",
    )


@pytest.mark.parametrize("name", ["session", "ox_token", "token"])
@pytest.mark.parametrize("way", ["address", "form"])
def test_a_credential_is_kept_sealed_from_the_first_moment(verifying, claims, name, way, caplog):
    caplog.set_level("DEBUG")
    kind = "session" if name == "session" else "token"
    visitor = Visitor(verifying)
    page = visitor.get(**claims, **({name: SESSION} if way == "address" else {}))
    assert SESSION not in page.content.decode()
    sent = visitor.send(page, **({kind: SESSION} if way == "form" else {}))
    request = PurchaseRequest.objects.get()
    assert (request.verification, request.credential_kind) == ("pending", kind)
    assert sealing.unseal(request.sealed_credential) == SESSION
    assert SESSION not in sent.url + caplog.text + str(everything())


def test_a_form_that_came_back_with_errors_keeps_the_credential(cast, upsell, claims):
    change_upsell(actor=cast.system, brand=cast.brand, token_secret="a-line-of-secrets")
    visitor = Visitor(upsell)
    answer = visitor.send(visitor.get(**claims), token=SESSION, profile="")
    assert SESSION not in answer.content.decode()
    visitor.send(answer, profile=cast.groupware.pk, token="")
    assert sealing.unseal(PurchaseRequest.objects.get().sealed_credential) == SESSION


@pytest.mark.parametrize("value", ["$session", "[token]", "with blank", "ü", "x" * 501, "a\nb", ""])
def test_what_cannot_be_a_credential_counts_as_none(cast, upsell, claims, value):
    change_upsell(actor=cast.system, brand=cast.brand, token_secret="a-line-of-secrets")
    visitor = Visitor(upsell)
    visitor.send(visitor.get(**claims, ox_token=value), session=value)
    assert PurchaseRequest.objects.get().verification == "unverified"


STRANGE = ["", "\x00", "\ud7ff\ufffe", "a" * 5000, "%00", "' OR 1=1 --", "<script>alert(1)</script>", "../../etc", "-1"]
STRANGE += [
    "9" * 100,
    "\uff11\uff12",
    "\u202eevil",
    "[]",
    "{}",
    "null",
    "1e9",
    "$user",
    "_CID_",
    "a\r\nSet-Cookie: x=y",
    "💥" * 50,
]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_stands_in_the_parameters_it_answers_and_escapes(visitor, anna, seed):
    dice = random.Random(seed)
    names = ["cid", "uid", "mail", "login", "user", "lang", "host", "type", "id", "missing", "clicked_feat", "session"]
    names += ["upsell_plan", "purchase_type", "ox_token", "token", "context_id", "user_id", "language", "hostname"]
    for _ in range(6):
        page = visitor.get(**{name: dice.choice(STRANGE) for name in dice.sample(names, 12)})
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        if 'name="form"' in page.content.decode():
            sent = visitor.send(page, message=dice.choice(STRANGE), session=dice.choice(STRANGE))
            assert sent.status_code in {303, 422, 429}
            assert "\n" not in sent.headers.get("Location", "")
    assert not PurchaseRequest.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(visitor, method):
    assert getattr(visitor.client, method)(visitor.url).status_code == 405


def test_the_page_costs_the_same_queries_whoever_is_named(visitor, claims, django_assert_num_queries):
    for said in (claims, claims | {"uid": 99}, {}):
        with django_assert_num_queries(3):
            visitor.get(**said)
