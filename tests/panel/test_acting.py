"""Acting for a customer's administrator: for a reason, for a while, with both names, never beyond either's rights."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.cast import Cast
from tests.rows import last_entry, refused

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Administrator, SignInPolicy
from oxherd.accounts.states import Role
from oxherd.administrators.acting import begin, end_overdue
from oxherd.administrators.models import ActingFor
from oxherd.audit.models import AuditEntry
from oxherd.errors import NotAllowed, NotYours


def acts(cast: Cast, who: Administrator | None = None, by: Administrator | None = None) -> Client:
    client = cast.client(by or cast.alice)
    url = f"/t/{cast.acme.pk}/administrators/people/{(who or cast.bob).pk}/act/"
    assert client.post(url, {"reason": "Ticket 4711"}).headers["Location"] == f"/t/{cast.acme.pk}/users/"
    return client


def users(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/users/"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_what_is_done_is_recorded_with_both_names_and_the_customer_sees_it(cast: Cast) -> None:
    anna = cast.user()
    client = acts(cast)
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id, entry.acting_for_id, entry.after["reason"]) == (
        "act_for:begin",
        "Alice",
        cast.acme.pk,
        cast.bob.pk,
        "Ticket 4711",
    )
    assert re.search(r"<dt>Until</dt> <dd> .*\d{4}, \d\d:\d\d UTC", text_of(cast.client(cast.alice).get("/audit/")))
    page = text_of(client.get(users(cast)))
    assert ("You act for Bob of Acme</strong>, 30 minutes more." in page, "Reason: Ticket 4711" in page) == (True, True)
    person = {"display_name": "Anna B", "given_name": "Anna", "surname": "B", "time_zone": "UTC"}
    person["language"] = anna.language
    form = client.get(f"{users(cast)}{anna.pk}/person/").context["form"]
    client.post(f"{users(cast)}{anna.pk}/person/", person | {"seen": form.seen})
    entry = last_entry()
    assert (entry.action, entry.actor, entry.administrator_id, entry.acting_for_id) == (
        "user:change",
        "Alice for Bob",
        cast.alice.pk,
        cast.bob.pk,
    )
    done = client.post("/acting/stop/")
    assert done.headers["Location"] == f"/t/{cast.acme.pk}/administrators/"
    entry = last_entry()
    assert (entry.action, entry.after["ended"], entry.tenant_id) == ("act_for:end", "Stopped.", cast.acme.pk)
    assert "You act for" not in text_of(client.get(users(cast)))
    assert client.post("/acting/stop/").status_code == 302
    assert AuditEntry.objects.filter(action="act_for:end").count() == 1


def test_one_sees_and_does_what_the_other_may_and_only_at_this_customer(cast: Cast) -> None:
    client = acts(cast, cast.rita)
    assert client.get(users(cast)).status_code == 200
    assert client.get(f"{users(cast)}add/").status_code == 403
    assert client.get(f"/t/{cast.globex.pk}/users/").status_code == 404
    assert client.get("/administrators/").status_code == 403
    assert client.get("/brands/").status_code in {403, 404}
    client.post("/acting/stop/")
    assert client.get(f"{users(cast)}add/").status_code == 302  # to a draft


def test_it_is_cut_to_what_the_operator_may_do_there(cast: Cast) -> None:
    from oxherd.accounts.models import CustomRole, Membership

    support = CustomRole.objects.create(name="Support", permissions=["view", "act_for", "manage_administrators"])
    Membership.objects.create(administrator=cast.charlie, custom_role=support)
    client = acts(cast, cast.bob, by=cast.charlie)
    assert client.get(users(cast)).status_code == 200
    assert client.get(f"{users(cast)}add/").status_code == 403


def test_the_others_own_account_stays_out_of_reach(cast: Cast) -> None:
    client = acts(cast)
    page = text_of(client.get("/account/"))
    assert ("alice@panel.test" in page, "bob@panel.test" in page) == (True, False)


@pytest.mark.parametrize("what", ["time", "operator", "administrator", "role", "rules"])
def test_it_ends_by_itself(cast: Cast, what: str) -> None:
    client = acts(cast)
    if what == "time":
        ActingFor.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    elif what == "operator":
        cast.alice.memberships.all().delete()
        grant(cast.alice, Role.READ_ONLY)
    elif what == "administrator":
        Administrator.objects.filter(pk=cast.bob.pk).update(is_active=False)
    elif what == "role":
        cast.bob.memberships.all().delete()
    else:
        SignInPolicy.objects.create(tenant=cast.acme, forbids_acting_for=True)
    page = text_of(client.get(users(cast)))
    assert ("You act for" in page, "You do not act for" in page) == (False, True)
    assert (last_entry().action, ActingFor.objects.get().ended_at is not None) == ("act_for:end", True)


def test_signing_out_ends_it(cast: Cast) -> None:
    client = acts(cast)
    client.post("/sign-in/logout/")
    assert AuditEntry.objects.get(action="act_for:end").after["ended"] == "Signed out."


def test_a_worker_ends_what_nobody_has_stopped(cast: Cast) -> None:
    acts(cast)
    assert end_overdue() == 0
    ActingFor.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert (end_overdue(), end_overdue()) == (1, 0)
    assert (last_entry().action, last_entry().door) == ("act_for:end", "worker")


def test_the_banner_asks_for_itself_and_goes_when_it_is_over(cast: Cast) -> None:
    client = acts(cast)
    assert "You act for Bob" in text_of(client.get("/acting/", headers={"HX-Request": "true"}))
    client.post("/acting/stop/")
    assert client.get("/acting/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/"


def test_it_needs_a_reason_and_somebody_who_can_be_acted_for(cast: Cast) -> None:
    def tries(administrator: Administrator, reason: str = "Ticket") -> None:
        begin(actor=cast.actor(cast.alice), administrator=administrator, tenant=cast.acme, reason=reason)

    client = cast.client(cast.alice)
    answer = client.post(f"/t/{cast.acme.pk}/administrators/people/{cast.bob.pk}/act/", {"reason": " "})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    for who in (cast.alice, cast.charlie):
        with refused(None):
            tries(who)
    with refused("reason"):
        tries(cast.bob, "x" * 501)
    Administrator.objects.filter(pk=cast.rita.pk).update(is_active=False)
    with refused(None):
        tries(Administrator.objects.get(pk=cast.rita.pk))
    SignInPolicy.objects.create(tenant=cast.acme, forbids_acting_for=True)
    with refused(None) as caught:
        tries(cast.bob)
    assert "do not allow" in caught.value.sentence
    url = f"/t/{cast.acme.pk}/administrators/people/{cast.bob.pk}/act/"
    assert "does not allow it" in text_of(client.get(url, headers={"HX-Request": "true"}))


def test_only_those_who_may_act_for_do(cast: Cast) -> None:
    for who, error in ((cast.bob, NotAllowed), (cast.charlie, NotYours)):
        with pytest.raises(error):
            begin(actor=cast.actor(who), administrator=cast.rita, tenant=cast.acme, reason="Ticket")
    client = acts(cast)
    assert client.get(f"/t/{cast.acme.pk}/administrators/people/{cast.rita.pk}/act/").status_code == 403


def test_who_acts_does_not_lift_the_customers_ban(cast: Cast) -> None:
    client = acts(cast)
    answer = client.post(f"/t/{cast.acme.pk}/administrators/rules/", {"forbids_acting_for": "on"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["forbids_acting_for"])
