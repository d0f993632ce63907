"""A customer's Overview: what was bought and is used, and what a provider changes of it."""

import pytest
from tests.cast import Cast
from tests.rows import last_entry

from oxherd.accounts.states import Role
from oxherd.administrators.invitations import invite
from oxherd.people.usage import note_use
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.commands import change_tenant, suspend_tenant
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.removal_commands import delete_tenant

HTMX = {"HX-Request": "true"}
DIALOGS = ("seats", "limits", "name", "suspend", "remove", "delete")
ACTS = ("resume", "restore")


@pytest.fixture
def alice(cast):
    return cast.client(cast.alice)


@pytest.fixture
def base(cast) -> str:
    return f"/t/{cast.acme.pk}/overview/"


def test_it_shows_what_is_used_of_what_was_bought(cast: Cast, alice, base) -> None:
    cast.user("Anna Becker", ox=True)
    change_tenant(actor=cast.system, tenant=cast.acme, domain_limit=4, resource_limit=0)
    answer = alice.get(base)
    seats = [(meter.label, meter.used, meter.limit) for meter in answer.context["seats"]]
    assert seats == [("Mail", 0, 10), ("Groupware", 1, None)]
    limits = {meter.label: (meter.used, meter.limit, meter.percent) for meter in answer.context["limits"]}
    assert limits == {
        "Domains": (1, 4, 25),
        "Subdomains": (0, None, None),
        "Groups": (0, None, None),
        "Resources": (0, 0, None),
    }
    assert (answer.context["administrators"], [str(each) for each in answer.context["domains"]]) == (3, ["acme.test"])
    assert [entry.what for entry in answer.context["history"]] == ["Customer changed", "Customer added"]


@pytest.mark.parametrize(("used", "tone"), [(8, ""), (9, "amber"), (10, "red")])
def test_little_that_is_left_is_marked(cast: Cast, alice, base, used, tone) -> None:
    Seats.objects.filter(tenant=cast.acme, profile=cast.mail).update(used=used)
    assert alice.get(base).context["seats"][0].tone == tone


def test_it_costs_the_same_with_more_of_everything(cast: Cast, alice, base, django_assert_num_queries) -> None:
    # Session, administrator, roles, tenant; domains, uses, seats; job, administrators, invitations; history;
    # banners: outage, job.
    with django_assert_num_queries(13):
        alice.get(base)
    for number in range(3):
        cast.user(f"User {number}", ox=True)
        cast.group(f"Group {number}")
    with django_assert_num_queries(13):
        alice.get(base)


def test_it_leads_those_who_manage_them_to_the_administrators(cast: Cast, alice, base) -> None:
    link = f'<a href="/t/{cast.acme.pk}/administrators/">3</a>'
    invite(actor=cast.actor(cast.bob), email="eve@panel.test", role=Role.HELP_DESK, tenant=cast.acme)
    for word in ("", "state/"):  # which stands for the part of the page
        page = alice.get(f"{base}{word}").content.decode()
        assert (link in page, "· 1 invited" in page) == (True, True)
    page = cast.client(cast.dora).get(base).content.decode()
    assert (link in page, "invited" in page) == (False, False)


def test_customers_see_it_and_change_nothing(cast: Cast, base) -> None:
    for who in (cast.bob, cast.dora, cast.rita):
        client = cast.client(who)
        page = client.get(base)
        assert (page.status_code, "Change seats" in page.content.decode()) == (200, False)
        asked = [client.get(f"{base}{word}/").status_code for word in (*DIALOGS, "export")]
        sent = [client.post(f"{base}{word}/").status_code for word in (*DIALOGS, *ACTS)]
        assert (asked, sent) == ([403] * 7, [403] * 8)


def test_a_stranger_finds_nothing(cast: Cast, base) -> None:
    client = cast.client(cast.charlie)
    asked = [client.get(f"{base}{word}").status_code for word in ("", "state/", "stored/", "export/")]
    asked += [client.get(f"{base}{word}/").status_code for word in DIALOGS]
    sent = [client.post(f"{base}{word}/").status_code for word in (*DIALOGS, *ACTS)]
    assert (set(asked), set(sent)) == ({404}, {404})


def test_seats_are_changed(cast: Cast, alice, base) -> None:
    mail, groupware = cast.mail.pk, cast.groupware.pk
    form = alice.get(f"{base}seats/").context["form"]
    assert [(row.offered.value(), row.number.value()) for row in form.seat_rows] == [(True, 10), (True, None)]
    answer = alice.post(f"{base}seats/", {f"offer_{mail}": "on", f"seats_{mail}": "12", "seen": form.seen})
    assert answer.headers["Location"] == base
    assert list(Seats.objects.filter(tenant=cast.acme).values_list("profile", "number")) == [(mail, 12)]
    assert last_entry().after == {"seats": {"Mail": 12}}
    (change,) = alice.get(base).context["history"][0].changes
    assert (change.before, change.after) == ("Mail 10, Groupware unlimited", "Mail 12")
    stale = alice.post(f"{base}seats/", {f"offer_{groupware}": "on", "seen": form.seen})
    assert (stale.status_code, "changed meanwhile" in stale.content.decode()) == (422, True)


def test_seats_in_use_are_not_taken_away(cast: Cast, alice, base) -> None:
    mail, groupware = cast.mail.pk, cast.groupware.pk
    cast.user("Anna Becker", ox=True)
    Seats.objects.filter(profile=cast.mail).update(used=3)
    answer = alice.post(f"{base}seats/", {f"offer_{mail}": "on", f"seats_{mail}": "2"}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        f"seats_{mail}": ["3 users have the profile Mail: give at least 3 seats."],
        f"seats_{groupware}": ["1 user has the profile Groupware. Give them another one before you take it away."],
    }


def test_limits_are_changed_and_refused_below_their_use(cast: Cast, alice, base) -> None:
    cast.group("Sales")
    sent = {"domain_limit": "3", "group_limit": "0", "quota": "1500", "quota_unit": "MB"}
    answer = alice.post(f"{base}limits/", sent)
    assert answer.status_code == 422
    sentence = "There is 1 group already: give at least 1, or remove some first."
    assert answer.context["form"].errors == {"group_limit": [sentence]}
    assert alice.post(f"{base}limits/", sent | {"group_limit": ""}).headers["Location"] == base
    cast.acme.refresh_from_db()
    assert (cast.acme.domain_limit, cast.acme.group_limit, cast.acme.quota_mb) == (3, None, 1500)
    form = alice.get(f"{base}limits/").context["form"]
    assert (form["quota"].value(), form["quota_unit"].value()) == (1500, "MB")


def test_a_customer_is_renamed(cast: Cast, alice, base) -> None:
    assert alice.post(f"{base}name/", {"name": ""}).context["form"].errors == {"name": ["Give the customer a name."]}
    assert alice.post(f"{base}name/", {"name": "Acme AG"}).headers["Location"] == base
    assert Tenant.objects.get(pk=cast.acme.pk).name == "Acme AG"


def test_suspending_says_who_is_concerned_and_asks_why(cast: Cast, alice, base) -> None:
    cast.user("Anna Becker", ox=True)
    shown = alice.get(f"{base}suspend/").content.decode()
    assert [word in shown for word in ("<strong>1 user</strong>", "acme.test", "audit log")] == [True] * 3
    answer = alice.post(f"{base}suspend/", {"reason": " "})
    assert answer.context["form"].errors == {"reason": ["Say why: it is kept in the audit log."]}
    alice.post(f"{base}suspend/", {"reason": "Invoice 4711"})
    assert (last_entry().action, last_entry().after["reason"]) == ("tenant:suspend", "Invoice 4711")
    page = alice.get(base).content.decode()
    assert [word in page for word in ("Acme is suspended.", "Resume", "Invoice 4711")] == [True] * 3
    alice.post(f"{base}resume/")
    assert Tenant.objects.get(pk=cast.acme.pk).state == "active"


def test_what_cannot_be_done_now_is_told_in_the_dialog(cast: Cast, alice, base) -> None:
    delete_tenant(actor=cast.system, tenant=cast.acme)
    sent = {
        "name": {"name": "New"},
        "suspend": {"reason": "Late"},
        "limits": {},
        "seats": {f"offer_{cast.mail.pk}": "on"},
    }
    for word, data in sent.items():
        answer = alice.post(f"{base}{word}/", data)
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["Acme is being removed and takes no more changes."]


def test_the_state_is_asked_for_while_a_worker_is_at_it(cast: Cast, alice, base) -> None:
    assert 'hx-trigger="every 2s"' in alice.get(f"{base}state/", headers=HTMX).content.decode()
    SyncJob.objects.update(state="refused", sentence="There is no room.")
    shown = alice.get(f"{base}state/", headers=HTMX).content.decode()
    assert ("hx-trigger" in shown, "There is no room." in shown) == (False, True)


def test_a_worker_that_ends_while_the_state_is_read_is_not_missed(cast: Cast, alice, base, monkeypatch) -> None:
    read = provisioning.latest

    def ended_before(*arguments):
        Tenant.objects.filter(pk=cast.acme.pk).update(is_provisioned=True)
        SyncJob.objects.update(state="done")
        return read(*arguments)

    monkeypatch.setattr(provisioning, "latest", ended_before)
    assert "Being set up" not in alice.get(f"{base}state/", headers=HTMX).content.decode()


def test_who_looks_on_while_it_goes_is_led_to_the_customers(cast: Cast, alice, base) -> None:
    Tenant.objects.filter(pk=cast.acme.pk).delete()
    assert alice.get(f"{base}state/").status_code == 404
    answer = alice.get(f"{base}state/", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/"
    banners = f"/t/{cast.acme.pk}/banners/"
    pages = {f"http://testserver{base}": 204, f"http://testserver/t/{cast.acme.pk}/users/": 200}
    for page, status in pages.items():  # the overview itself asks for its state, too
        assert alice.get(banners, headers={**HTMX, "HX-Current-URL": page}).status_code == status
    assert alice.get(banners).status_code == 404


def test_what_mail_and_drive_take_is_added_up(cast: Cast, alice, base) -> None:
    assert "Nobody has OX yet" in alice.get(f"{base}stored/", headers=HTMX).content.decode()
    for name, used in (("Anna Becker", 300), ("Bert Conrad", 50)):
        note_use(cast.user(name, ox=True).account.pk, drive=used)
    cast.user("Carl Dorn", ox=True)
    shown = " ".join(alice.get(f"{base}stored/", headers=HTMX).content.decode().split())
    assert ("350 MB" in shown, "of 2 of 3 users" in shown) == (True, True)


def test_a_suspended_customer_is_told_to_its_administrators_too(cast: Cast, base) -> None:
    suspend_tenant(actor=cast.system, tenant=cast.acme, reason="Late")
    assert "Acme is suspended." in cast.client(cast.bob).get(base).content.decode()


def test_self_service_is_switched_on_and_off_by_the_customers_administrator(cast: Cast, base) -> None:
    bob = cast.client(cast.bob)
    assert "all users of Acme with OX can sign in" in bob.get(f"{base}self-service/").content.decode()
    assert bob.post(f"{base}self-service/", {"on": "yes"}).url == base
    assert "signed out at once" in bob.get(f"{base}self-service/").content.decode()
    page = bob.get(base).content.decode()
    assert "/me/" in page
    assert bob.post(f"{base}self-service/", {"on": "no"}).url == base
    assert not Tenant.objects.get(pk=cast.acme.pk).self_service
    dora = cast.client(cast.dora)
    assert "Switch on" not in " ".join(dora.get(base).content.decode().split())
    assert dora.post(f"{base}self-service/", {"on": "yes"}).status_code == 403
    assert dora.get(f"{base}self-service/").status_code == 403
    assert cast.client(cast.charlie).post(f"{base}self-service/", {"on": "yes"}).status_code == 404
