import json
import os
import subprocess
import sys

import pytest
from django.test import Client
from tests.cast import Cast

from oxherd.provisioning.models import PlatformHealth

HTMX = {"HX-Request": "true"}
WITHOUT_DATABASE = """
import django; django.setup()
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "localhost"})
client.cookies["sessionid"] = "x" * 32
for path in ("/customers/", "/healthz"):
    if path == "/healthz":
        client.cookies.clear()
    answer = client.get(path)
    print(answer.status_code, answer.content.decode())
"""


def test_an_unknown_address_has_our_look_signed_in_or_not(cast: Cast) -> None:
    for client in (Client(), cast.client(cast.bob)):
        answer = client.get("/nothing/here/")
        assert answer.status_code == 404
        assert "There is nothing at this address." in answer.content.decode()


def test_a_role_that_is_too_small_is_told_so_as_page_and_as_message(cast: Cast) -> None:
    user = cast.user()
    client, url = cast.client(cast.rita), f"/t/{cast.acme.pk}/users/{user.pk}/person/"
    sentence = "Your role does not allow this: manage service users."
    page = client.get(url)
    assert (page.status_code, page.context["sentence"]) == (403, sentence)
    part = client.get(url, headers=HTMX)
    assert part.status_code == 403
    assert json.loads(part.headers["HX-Trigger"]) == {"toasts": {"items": [{"level": "error", "text": sentence}]}}


def test_a_refusal_that_no_form_shows_is_a_page_or_a_message(cast: Cast) -> None:
    client, url = cast.client(cast.bob), f"/t/{cast.acme.pk}/users/remove/"
    sentence = "Tick the users that you want to remove first."
    page = client.post(url, headers={"Referer": f"http://testserver/t/{cast.acme.pk}/users/"})
    assert (page.status_code, page.context["sentence"]) == (422, sentence)
    assert page.context["back"] == f"http://testserver/t/{cast.acme.pk}/users/"
    assert client.post(url, headers={"Referer": "http://evil.test/"}).context["back"] == "/"
    part = client.post(url, headers=HTMX)
    assert json.loads(part.headers["HX-Trigger"]) == {"toasts": {"items": [{"level": "error", "text": sentence}]}}


def test_a_form_without_its_token_is_refused(cast: Cast) -> None:
    user = cast.user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(f"/t/{cast.acme.pk}/users/{user.pk}/remove/")
    assert answer.status_code == 403
    assert "This form is out of date, so nothing was saved." in answer.content.decode()


def test_every_answer_has_a_number_and_a_strict_policy(cast: Cast) -> None:
    answer = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/")
    assert len(answer.headers["X-Request-ID"]) == 32
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    content = answer.content.decode()
    assert [word for word in ("style=", "<style", "onclick", "javascript:") if word in content] == []


def test_an_error_of_ours_shows_the_number_and_no_more(cast: Cast, settings, monkeypatch) -> None:
    def fail(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("oxherd.panel.users.photos.addresses", fail)
    answer = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    assert "secret detail" not in answer.content.decode()


def test_a_database_that_is_down_is_told_in_a_sentence() -> None:
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DATABASE], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("503 <!DOCTYPE html>")
    assert "Nothing of what you entered was saved." in done.stdout
    assert '<a class="btn btn-primary" href="">Try again</a>' in done.stdout
    assert "Traceback" not in done.stdout
    assert done.stdout.endswith("503 The database cannot be reached.\n\n")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_outage_shows_as_a_banner_that_goes_by_itself(cast: Cast, headers: dict[str, str]) -> None:
    from django.utils import timezone

    health = PlatformHealth.objects.create(brand=cast.brand, opened_at=timezone.now())
    client = cast.client(cast.rita)
    url = f"/t/{cast.acme.pk}/banners/"
    during = client.get(url, headers=headers).content.decode()
    assert ("does not answer" in during, "every 4s" in during) == (True, True)
    health.delete()
    type(cast.acme).objects.update(is_provisioned=True)
    after = client.get(url, headers=headers).content.decode()
    assert ("does not answer" in after, "every 4s" in after) == (False, False)
    assert cast.client(cast.charlie).get(url).status_code == 404


@pytest.mark.django_db
def test_health_needs_no_sign_in() -> None:
    assert Client().get("/healthz").status_code == 200
