import re

import pytest
from tests.panel.purchases.conftest import said, user_with_mail
from tests.rows import everything

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.commands import change_tenant

HTMX = {"HX-Request": "true"}


def profile_of(user: ServiceUser) -> str:
    return str(OxAccount.objects.get(user=user).profile)


def errors(response) -> list[str]:
    """What stands at the requests of a dialog."""
    found = re.findall(r'role="alert">(.*?)</li>', response.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]


def states() -> list[str]:
    return sorted(PurchaseRequest.objects.values_list("state", flat=True))


def test_proceed_shows_the_effect_and_gives_the_profile(cast, bob, base, anna, asks):
    change_tenant(actor=cast.system, tenant=cast.acme, seats={cast.groupware: 5})
    request = asks(anna, message="Please!")
    dialog = bob.get(f"{base}proceed/", {"request": request.pk}, headers=HTMX)
    (move,) = dialog.context["comparison"].moves
    assert (str(move.before), str(move.after)) == ("Mail", "Groupware")
    seats = dialog.context["comparison"].seats
    assert [(str(moved.seats.profile), moved.change, moved.free_after) for moved in seats] == [
        ("Mail", -1, 10),
        ("Groupware", 1, 4),
    ]
    assert "Please!" in dialog.content.decode()
    done = bob.post(f"{base}proceed/", {"request": request.pk})
    assert (done.url, said(done)) == (base, ["The profile is being changed for Anna Becker."])
    assert (profile_of(anna), states()) == ("Groupware", ["approved"])


def test_without_a_free_seat_it_says_so_at_the_request_and_changes_nothing(scene, anna, ben, premium):
    cast, bob, base, asks = scene
    change_profile(actor=cast.system, users=[ben], profile=premium)
    request = asks(anna, premium)
    dialog = bob.get(f"{base}proceed/", {"request": request.pk}, headers=HTMX)
    assert not dialog.context["comparison"].seats_suffice
    before = everything()
    refused = bob.post(f"{base}proceed/", {"request": request.pk}, headers=HTMX)
    assert refused.status_code == 422
    assert errors(refused) == [
        "The only seat of the profile Premium is taken. Choose another profile or order more seats."
    ]
    assert everything() == before


def test_of_many_each_is_decided_on_its_own(scene, anna, ben, premium):
    cast, bob, base, asks = scene
    requests = [asks(anna, premium), asks(ben, premium), asks(user_with_mail(cast, "Cleo Fox"))]
    asked = {"request": [each.pk for each in requests]}
    dialog = bob.get(f"{base}proceed/", asked, headers=HTMX)
    assert [str(row.request) for row in dialog.context["rows"]] == ["Anna Becker", "Ben Oak", "Cleo Fox"]
    assert dialog.context["comparison"] is None
    back = bob.post(f"{base}proceed/", asked, headers=HTMX)
    assert back.status_code == 422
    assert [str(row.request) for row in back.context["rows"]] == ["Ben Oak"]
    assert len(errors(back)) == 1
    assert "data-changed" in back.content.decode()  # the list behind is loaded anew
    assert said(back) == ["The profile is being changed for 2 requests."]
    assert states() == ["approved", "approved", "open"]


def test_reject_takes_a_reason_for_one_and_for_many(bob, base, anna, ben, asks):
    asked = {"request": [asks(anna).pk, asks(ben).pk]}
    assert bob.get(f"{base}reject/", asked, headers=HTMX).status_code == 200
    without = bob.post(f"{base}reject/", {**asked, "reason": "  "}, headers=HTMX)
    assert (without.status_code, without.context["form"].errors) == (
        422,
        {"reason": ["Say why: the requester reads it."]},
    )
    assert states() == ["open", "open"]
    done = bob.post(f"{base}reject/", {**asked, "reason": "No budget"})
    assert (done.url, said(done)) == (base, ["The request was rejected for 2 requests."])
    assert set(PurchaseRequest.objects.values_list("state", "reason")) == {("rejected", "No budget")}
    assert profile_of(anna) == "Mail"


@pytest.mark.parametrize("act", ["proceed", "reject"])
def test_what_somebody_else_decided_meanwhile_is_told(scene, anna, act):
    cast, bob, base, asks = scene
    request = asks(anna)
    bob.post(f"{base}reject/", {"request": request.pk, "reason": "No"})
    answer = cast.client(cast.alice).post(f"{base}{act}/", {"request": request.pk, "reason": "No"}, headers=HTMX)
    assert (answer.status_code, errors(answer)) == (422, ["This request is rejected by Bob already."])


def test_who_has_no_ox_any_more_is_told_at_the_request(cast, bob, base, anna, asks):
    request = asks(anna)
    disable_ox(actor=cast.system, user=anna)
    dialog = bob.get(f"{base}proceed/", {"request": request.pk}, headers=HTMX)
    assert (dialog.status_code, dialog.context["comparison"]) == (200, None)
    refused = bob.post(f"{base}proceed/", {"request": request.pk}, headers=HTMX)
    assert errors(refused) == ["OX is not enabled for Anna Becker. Enable it first."]


@pytest.mark.parametrize("act", ["proceed", "reject"])
@pytest.mark.parametrize("ticked", [{}, {"request": "999999"}, {"request": "x"}, {"request": "9" * 30}])
def test_nothing_ticked_is_said(bob, base, act, ticked):
    for answer in (bob.get(f"{base}{act}/", ticked, headers=HTMX), bob.post(f"{base}{act}/", ticked, headers=HTMX)):
        assert (answer.status_code, answer.content.decode()) == (422, "Tick the requests for this first.")


@pytest.mark.parametrize("act", ["proceed", "reject"])
def test_a_stranger_finds_no_request_and_a_smaller_role_may_not(cast, base, anna, asks, act):
    asked = {"request": asks(anna).pk, "reason": "No"}
    elsewhere = base.replace(f"/{cast.acme.pk}/", f"/{cast.globex.pk}/")
    charlie, *smaller = (cast.client(who) for who in (cast.charlie, cast.dora, cast.rita))
    before = everything()
    answers = [charlie.get(f"{base}{act}/", asked), charlie.post(f"{base}{act}/", asked)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert charlie.post(f"{elsewhere}{act}/", asked, headers=HTMX).status_code == 422
    assert [client.post(f"{base}{act}/", asked).status_code for client in smaller] == [403, 403]
    assert everything() == before


@pytest.mark.parametrize("act", ["proceed", "reject"])
def test_without_script_the_dialogs_are_pages(bob, base, anna, asks, act):
    page = bob.get(f"{base}{act}/", {"request": asks(anna).pk}).content.decode()
    assert "<html" in page
    assert f"<title>{act.capitalize()} · Acme · oxherd</title>" in page
