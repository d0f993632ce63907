"""The public page of an invitation: the link is exchanged at once, and nothing is told but to those who have it."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Role
from oxherd.administrators.invitations import Invited, invite, revoke
from oxherd.administrators.models import Invitation
from oxherd.project.logs import WithoutLinks

FIELDS = {"name": "Eve Fox", "password": PASSWORD, "confirm": PASSWORD}
PAGE = "/invitation/"


@pytest.fixture
def made(cast: Cast) -> Invited:
    return invite(actor=cast.actor(cast.bob), email="eve@panel.test", name="Eve", role=Role.READ_ONLY, tenant=cast.acme)


def path(made: Invited) -> str:
    return made.link.removeprefix("http://localhost:8000")


def arrived(made: Invited, client: Client | None = None) -> Client:
    client = client or Client(raise_request_exception=False)
    client.get(path(made))
    return client


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def test_the_link_is_exchanged_for_a_cookie_and_shows_in_no_address(made: Invited) -> None:
    client = Client()
    answer = client.get(path(made))
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == (
        "no-referrer",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    cookie = answer.cookies["oxherd_invitation"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, PAGE, "Lax")
    token = path(made).split("/")[2]
    assert token not in cookie.value
    page = client.get(PAGE)
    assert (page.status_code, token in page.content.decode()) == (200, False)


def test_who_accepts_is_signed_in_and_sees_what_the_role_allows(cast: Cast, made: Invited) -> None:
    client = arrived(made)
    page = client.get(PAGE).content.decode()
    assert ("Welcome to Acme" in page, "Read-only" in page, 'value="Eve"' in page) == (True, True, True)
    done = client.post(PAGE, FIELDS)
    assert (done.status_code, done.headers["Location"]) == (302, "/")
    assert client.get("/", follow=True).redirect_chain == [(f"/t/{cast.acme.pk}/users/", 302)]
    assert client.get(f"/t/{cast.globex.pk}/users/").status_code == 404
    assert client.get(f"/t/{cast.acme.pk}/users/add/").status_code == 403
    assert client.get(PAGE).status_code == 410  # the cookie is gone, and the link is used
    assert arrived(made).get(PAGE).status_code == 410


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"password": ""}, "password"),
        ({"password": "short", "confirm": "short"}, "password"),
        ({"password": "password12", "confirm": "password12"}, "password"),
        ({"password": "eve@panel.test", "confirm": "eve@panel.test"}, "password"),
        ({"confirm": "another"}, "confirm"),
    ],
)
def test_what_is_to_be_mended_comes_back_at_its_field(made: Invited, fields: dict[str, str], field: str) -> None:
    answer = arrived(made).post(PAGE, FIELDS | fields)
    assert (answer.status_code, field in errors(answer)) == (422, True)
    assert PASSWORD not in answer.content.decode()
    assert Administrator.objects.filter(email="eve@panel.test").count() == 0


@pytest.mark.parametrize(
    ("state", "says"),
    [("used", "used already"), ("withdrawn", "withdrawn"), ("expired", "expired"), ("altered", "valid")],
)
def test_a_link_that_ended_says_so_and_tells_nothing_else(cast: Cast, made: Invited, state: str, says: str) -> None:
    client = arrived(made)
    if state == "used":
        arrived(made).post(PAGE, FIELDS)
    elif state == "withdrawn":
        revoke(actor=cast.actor(cast.bob), invitation=made.invitation)
    elif state == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        client.get(path(made)[:-2] + "x/")
    for answer in (client.get(PAGE), client.post(PAGE, FIELDS)):
        page = answer.content.decode()
        assert (answer.status_code, says in page) == (410, True)
        assert [word for word in ("Acme", "eve@", "Bob", "Read-only") if word in page] == []


def test_without_a_link_there_is_nothing(cast: Cast) -> None:
    assert Client().get(PAGE).status_code == 410
    client = Client()
    client.cookies["oxherd_invitation"] = "0" * 64
    assert client.get(PAGE).status_code == 410


def test_somebody_known_signs_in_and_keeps_the_other_roles(cast: Cast) -> None:
    made = invite(actor=cast.actor(cast.bob), email="charlie@panel.test", role=Role.HELP_DESK, tenant=cast.acme)
    client = arrived(made)
    page = client.get(PAGE).content.decode()
    assert ("Sign in to accept" in page, 'name="password"' in page) == (True, False)
    assert client.post(PAGE, FIELDS).status_code == 200
    assert cast.charlie.memberships.count() == 1
    client = arrived(made, cast.client(cast.charlie))
    assert "You keep the roles that you have" in client.get(PAGE).content.decode()
    assert client.post(PAGE).headers["Location"] == "/"
    assert [held.tenant.name for held in cast.charlie.memberships.order_by("pk")] == ["Globex", "Acme"]


def test_signed_in_as_somebody_else_one_is_told_to_sign_out(cast: Cast) -> None:
    made = invite(actor=cast.actor(cast.bob), email="charlie@panel.test", role=Role.HELP_DESK, tenant=cast.acme)
    client = arrived(made, cast.client(cast.rita))
    assert "You are signed in as" in client.get(PAGE).content.decode()
    client.post(PAGE)
    assert (cast.rita.memberships.count(), cast.charlie.memberships.count()) == (1, 1)


def test_logs_do_not_hold_links(made: Invited) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", ("Failed", path(made)), None)
    assert (WithoutLinks().filter(record), record.getMessage()) == (True, "Failed: /invitation/.../")
