"""The door of service users: who comes in, who does not, and that nobody learns why."""

import re
import time

import pytest
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.panel.me.conftest import SIGN_IN, sign_in
from tests.rows import last_entry

from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.people import own_sign_in, passwords
from oxherd.people.commands import change_password, change_user
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import remove_user
from oxherd.tenants.commands import suspend_tenant, switch_self_service

WRONG = {"__all__": ["Login and password do not match, or you cannot sign in here."]}


def switch_off(cast: Cast, user: ServiceUser) -> None:
    switch_self_service(actor=cast.system, tenant=cast.acme, on=False)


def suspend(cast: Cast, user: ServiceUser) -> None:
    suspend_tenant(actor=cast.system, tenant=cast.acme)


def disable(cast: Cast, user: ServiceUser) -> None:
    disable_ox(actor=cast.system, user=user)


def remove(cast: Cast, user: ServiceUser) -> None:
    remove_user(actor=cast.system, user=user)


def adopt(cast: Cast, user: ServiceUser) -> None:
    """As one who was taken over from OX, whose password nobody here knows."""
    ServiceUser.objects.filter(pk=user.pk).update(password_hash=passwords.NONE)


SHUT_OUT = [switch_off, suspend, disable, remove, adopt]


@pytest.mark.parametrize("login", ["anna.becker@acme.test", " Anna.Becker@ACME.test ", "office@acme.test"])
def test_a_user_signs_in_by_login_or_primary_address(cast: Cast, anna, client, login) -> None:
    change_user(actor=cast.system, user=anna, primary_address="office@acme.test")
    assert sign_in(client, login).url == "/me/"
    assert "Anna Becker" in client.get("/me/").content.decode()


def test_an_alias_is_no_login(anna, client) -> None:
    assert sign_in(client, "a.becker@acme.test").context["form"].errors == WRONG


@pytest.mark.parametrize("shut_out", [None, *SHUT_OUT])
def test_whoever_cannot_sign_in_gets_the_same_answer_after_the_same_work(
    cast: Cast, anna, client, shut_out, monkeypatch
) -> None:
    """None: the password is wrong. Compared with somebody whom nobody knows."""
    tried: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            tried.append(known.rpartition("$")[0].rpartition("$")[0])  # the parameters, which say how long it takes
            return verify(known, password)

    if shut_out:
        shut_out(cast, anna)
    own_sign_in.proves(None, "")  # the first time, nobody's hash is made
    monkeypatch.setattr(passwords, "_hasher", Counting())
    answers = [
        sign_in(client, login, PASSWORD if shut_out else "wrong")
        for login in ("anna.becker@acme.test", "nobody@acme.test")
    ]
    assert [(answer.status_code, answer.context["form"].errors) for answer in answers] == [(422, WRONG)] * 2
    here, there = (
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(login, "")
        for answer, login in zip(answers, ("anna.becker@acme.test", "nobody@acme.test"), strict=True)
    )
    assert here == there
    assert len(tried) == 2
    assert tried[0] == tried[1]
    assert client.get("/me/").url == SIGN_IN


def test_the_customer_is_told_of_sign_ins_and_of_failures(cast: Cast, anna, client) -> None:
    sign_in(client, password="wrong")
    failed = last_entry()
    sign_in(client)
    done = last_entry()
    assert [(each.action, each.actor, each.door, each.tenant_id) for each in (failed, done)] == [
        ("user:sign_in_failed", "Somebody as Anna Becker", Door.SELF_SERVICE, cast.acme.pk),
        ("user:sign_in", "Anna Becker", Door.SELF_SERVICE, cast.acme.pk),
    ]
    assert done.ip_address == "127.0.0.1"
    page = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/audit/").content.decode()
    assert "Signed in to self-service" in page
    assert "wrong" not in str(AuditEntry.objects.filter(action="user:sign_in_failed").values())
    assert "self-service" not in cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()


def test_a_failure_of_nobody_is_not_written_down(cast: Cast, anna, client) -> None:
    before = AuditEntry.objects.count()
    assert sign_in(client, "nobody@acme.test").status_code == 422
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("login", ["anna.becker@acme.test", "nobody@acme.test", "no address"])
def test_five_failures_shut_the_login_for_a_while_whoever_has_it(anna, client, login) -> None:
    for _ in range(5):
        assert sign_in(client, login, "wrong").status_code == 422
    answer = sign_in(client, login)
    assert answer.status_code == 429
    assert answer.context["form"].errors == {"__all__": ["Too many attempts. Wait a few minutes, then try again."]}


def test_one_address_may_not_try_many_logins(anna, client) -> None:
    codes = [sign_in(client, f"user{number}@acme.test", "wrong").status_code for number in range(21)]
    assert codes == [422] * 20 + [429]
    assert sign_in(client).status_code == 429


def test_signing_in_rightly_does_not_count(anna, client) -> None:
    assert [sign_in(client).status_code for _ in range(22)] == [302] * 22


def test_an_empty_form_says_what_is_missing(client, db) -> None:
    errors = client.post(SIGN_IN, {}).context["form"].errors
    assert errors == {"login": ["Enter your login or mail address."], "password": ["Enter your password."]}
    assert sign_in(client, "\x00@acme.test").status_code == 422
    assert sign_in(client, "a" * 500).status_code == 422


@pytest.mark.parametrize("shut_out", SHUT_OUT)
def test_who_may_not_be_here_any_more_is_signed_out(cast: Cast, anna, me, shut_out) -> None:
    shut_out(cast, anna)
    assert me.get("/me/").url == SIGN_IN
    assert "me" not in me.session


def test_a_password_set_elsewhere_ends_the_session(cast: Cast, anna, me) -> None:
    change_password(actor=cast.system, user=anna, password="a wholly different staple")
    assert me.get("/me/").url == SIGN_IN


def test_an_hour_without_a_click_ends_the_session(anna, me) -> None:
    kept = me.session["me"]
    for minutes, url in ((59, ""), (61, SIGN_IN)):
        session = me.session
        session["me"] = kept | {"active_at": int(time.time()) - 60 * minutes}
        session.save()
        assert getattr(me.get("/me/"), "url", "") == url
        assert ("me" in me.session) == (not url)
        assert url or me.session["me"]["active_at"] > time.time() - 60  # the hour begins anew


def test_signing_in_and_out_change_the_sessions_key(anna, client) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["before"] = True
    session.save()
    keys = [session.session_key]
    sign_in(client)
    keys.append(client.session.session_key)
    assert client.post("/me/sign-out/").url == SIGN_IN
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert client.get("/me/").url == SIGN_IN


def test_a_users_session_opens_nothing_of_the_panel(cast: Cast, anna, me) -> None:
    for address in (
        "/",
        "/customers/",
        f"/t/{cast.acme.pk}/users/",
        f"/t/{cast.acme.pk}/users/{anna.pk}/",
        "/account/",
    ):
        assert me.get(address).url.startswith("/sign-in/login/"), address
        assert me.post(address).status_code in {302, 405}, address
    assert "_auth_user_id" not in me.session


def test_an_administrators_session_opens_nothing_here(cast: Cast, anna) -> None:
    for administrator in (cast.alice, cast.bob):
        browser = cast.client(administrator)
        for address in ("/me/", "/me/password/", "/me/photo/", "/me/upgrade/", "/me/usage/", "/me/style.css"):
            assert browser.get(address).url == SIGN_IN, address
        assert sign_in(browser, administrator.email).status_code == 422


def test_both_in_one_browser_stay_apart(cast: Cast, anna) -> None:
    """Charlie, of another customer, lets Anna sign in at his machine: neither gets what is the other's."""
    browser = cast.client(cast.charlie)
    assert sign_in(browser).url == "/me/"
    assert browser.get(f"/t/{cast.acme.pk}/users/").status_code == 404
    assert browser.get(f"/t/{cast.globex.pk}/users/").status_code == 200
    browser.post("/me/sign-out/")
    assert browser.get("/me/").url == SIGN_IN
    assert browser.get(f"/t/{cast.globex.pk}/users/").status_code == 200


def test_a_part_of_the_page_leads_the_whole_page_to_the_sign_in(client, db) -> None:
    assert client.get("/me/usage/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == SIGN_IN


def test_forms_of_other_sites_are_refused(anna) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert sign_in(browser).status_code == 403
