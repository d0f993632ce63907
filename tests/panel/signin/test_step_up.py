"""Dangerous acts ask for a proof where the last one is old, and lose nothing of what was typed."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver
from tests.cast import PASSWORD, Cast
from tests.journeys.test_every_page import names_in
from tests.rows import everything, last_entry
from tests.signin.factors import code, give_app, too_late

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.panel.signin.dangerous import DANGEROUS, ON_SAVING
from oxherd.signin.queries import factors_of

HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": "http://testserver/account/"}
CONFIRM = "/account/confirm/?next=%2Faccount%2Fapp%2F&target=dialog"


def test_a_fresh_sign_in_is_proof_enough(cast: Cast) -> None:
    assert "Set up an authenticator app" in cast.client(cast.bob).get("/account/app/").content.decode()


def test_an_old_one_leads_to_a_question_and_on_after_the_password(cast: Cast) -> None:
    client = cast.client(cast.bob)
    too_late(client)
    assert client.get("/account/app/").url == CONFIRM
    assert "Confirm it is you" in client.get(CONFIRM).content.decode()
    wrong = client.post(CONFIRM, {"proof_password": "wrong"})
    assert (wrong.status_code, wrong.context["errors"]) == (422, {"password": "This is not your password."})
    assert last_entry().action == "sign_in:failed"
    assert client.post(CONFIRM, {"proof_password": PASSWORD}).url == "/account/app/"
    assert client.get("/account/app/").status_code == 200


def test_a_page_of_its_own_is_left_for_the_next_page_and_not_put_into_a_dialog(cast: Cast) -> None:
    """The page to which a form leads would otherwise be swapped into a dialog that nobody has opened."""
    client = cast.client(cast.alice)
    too_late(client)
    address = f"/brands/{cast.brand.pk}/edit/"
    page = client.post(address, {"name": "Sunset"}).content.decode()
    assert f'action="{address}"' in page
    assert f'hx-post="{address}"' not in page


def test_in_the_dialog_the_question_stands_there_and_then_the_dialog_goes_on(cast: Cast) -> None:
    client = cast.client(cast.bob)
    too_late(client)
    answer = client.get("/account/app/", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#dialog")
    assert f'hx-post="{CONFIRM.replace("&", "&amp;")}"' in answer.content.decode()
    going_on = client.post(CONFIRM, {"proof_password": PASSWORD}, headers=HTMX).content.decode()
    assert 'hx-get="/account/app/"' in going_on
    assert 'hx-target="#dialog"' in going_on


def test_a_form_that_stood_open_too_long_is_sent_on_together_with_the_proof(cast: Cast) -> None:
    give_app(cast, cast.bob)
    client = cast.client(cast.bob)
    too_late(client)
    answer = client.post("/account/app/remove/?why=x", {"some": ["1", "<2>"]}, headers=HTMX)
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#dialog")
    assert 'action="/account/app/remove/?why=x"' in page
    assert '<input type="hidden" name="some" value="1">' in page
    assert '<input type="hidden" name="some" value="&lt;2&gt;">' in page
    assert factors_of(cast.bob).number == 1
    wrong = client.post("/account/app/remove/", {"proof_password": "wrong", "some": "1"}, headers=HTMX)
    assert (wrong.status_code, wrong.context["sent"]) == (422, [("some", "1")])
    assert factors_of(cast.bob).number == 1
    done = client.post("/account/app/remove/", {"proof_password": PASSWORD, "some": "1"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == "/account/"
    assert factors_of(cast.bob).number == 0


def test_a_code_of_the_app_proves_it_too(cast: Cast) -> None:
    secret, codes = give_app(cast, cast.bob)
    client = cast.client(cast.bob)
    too_late(client)
    wrong = client.post(CONFIRM, {"proof_code": "000000"})
    assert wrong.context["errors"]["code"].startswith("This code is wrong")
    assert client.post(CONFIRM, {"proof_code": code(secret)}).status_code == 302
    too_late(client)
    assert client.post(CONFIRM, {"proof_code": codes[0]}).status_code == 302


def test_a_proof_of_somebody_else_counts_for_nothing(cast: Cast) -> None:
    secret, _ = give_app(cast, cast.charlie)
    client = cast.client(cast.bob)
    too_late(client)
    assert client.post(CONFIRM, {"proof_code": code(secret)}).status_code == 422
    assert client.post(CONFIRM, {"proof_credential": "{}"}).status_code == 422
    assert client.get("/account/app/").status_code == 302


def test_a_file_comes_after_the_proof_and_leaves_a_page_to_go_on_from(cast: Cast) -> None:
    client = cast.client(cast.alice)
    too_late(client)
    asked = client.get("/audit/export/csv/?q=x")
    assert asked.url == "/account/confirm/?next=%2Faudit%2Fexport%2Fcsv%2F%3Fq%3Dx&target=dialog"
    page = client.post(asked.url, {"proof_password": PASSWORD})
    assert (page.status_code, page.context["after"]) == (200, "/audit/export/csv/?q=x")
    assert 'content="0;url=/audit/export/csv/?q=x"' in page.content.decode()
    assert client.get(page.context["after"]).headers["Content-Type"].startswith("text/csv")


def test_all_that_is_stored_of_a_customer_is_sent_after_the_proof(cast: Cast) -> None:
    client, address = cast.client(cast.alice), f"/t/{cast.acme.pk}/overview/export/"
    too_late(client)
    link = f'href="{address}"'
    page = client.get(f"/t/{cast.acme.pk}/overview/").content.decode()
    assert link in page
    assert f"{link} download" not in page  # or the question would be saved as the file
    asked = client.get(address)
    assert asked.status_code == 302
    assert client.post(asked.url, {"proof_password": PASSWORD}).context["after"] == address
    assert client.get(address).headers["Content-Type"] == "application/zip"


def test_it_leads_to_no_other_site(cast: Cast) -> None:
    client = cast.client(cast.bob)
    for elsewhere in ("https://evil.test/", "//evil.test/", "javascript:alert(1)"):
        answer = client.post(f"/account/confirm/?next={elsewhere}", {"proof_password": PASSWORD})
        assert answer.url == "/account/", elsewhere


def test_a_wrong_proof_is_written_down_and_seen_by_whoever_has_roles_at_several_places(cast: Cast) -> None:
    grant(cast.bob, Role.READ_ONLY, tenant=cast.globex)
    client = cast.client(cast.bob)
    too_late(client)
    assert client.post(CONFIRM, {"proof_password": "wrong"}).status_code == 422
    entry = last_entry()
    assert (entry.action, entry.actor, entry.brand_id, entry.tenant_id) == ("sign_in:failed", "Bob", None, None)
    Client().post("/sign-in/login/", {"login": "bob@panel.test", "password": "wrong"})
    assert last_entry().actor == "Somebody as Bob"
    shown = client.get("/account/").context["sign_ins"]
    assert [(line.failed, line.ways) for line in shown] == [(True, "password"), (True, "password")]


def test_trying_passwords_there_is_throttled(cast: Cast) -> None:
    client = cast.client(cast.bob)
    too_late(client)
    for _ in range(5):
        client.post(CONFIRM, {"proof_password": "wrong"})
    answer = client.post(CONFIRM, {"proof_password": PASSWORD})
    assert answer.context["errors"] == {"password": "Too many attempts. Wait a few minutes, then try again."}


def test_the_names_of_dangerous_pages_are_names_of_pages() -> None:
    assert set(names_in(get_resolver().url_patterns)) >= DANGEROUS


@pytest.mark.parametrize("name", sorted(DANGEROUS))
def test_every_dangerous_page_asks_and_does_nothing_meanwhile(cast: Cast, name: str) -> None:
    """Also of strangers and for objects that are not there: it tells nothing of them."""
    client = cast.client(cast.alice)
    too_late(client)
    values = {"tenant_id": cast.acme.pk, "brand_id": cast.brand.pk, "form": "csv", "kind": "oidc"}
    for pattern in routes_of(name):
        url = pattern
        for key, value in {**values, r"\w+": 1}.items():
            url = re.sub(f"<int:{key}>", str(value), url)
        if name in ON_SAVING:
            assert client.get(url).status_code == 200, url
        else:
            assert client.get(url).url.startswith("/account/confirm/?next="), url
        before = everything()
        answer = client.post(url, {"typed": "x"})
        assert (answer.status_code, answer.context["sent"]) == (422, [("typed", "x")])
        assert everything() == before


def routes_of(name: str) -> list[str]:
    """The addresses of a page, with its parameters as the address book has them."""
    found = get_resolver().reverse_dict.getlist(name)
    return ["/" + re.sub(r"%\((\w+)\)s", r"<int:\1>", form) for possible, *_ in found for form, _ in possible]
