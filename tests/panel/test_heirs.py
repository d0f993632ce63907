"""Dialogs that take users or their OX away ask who takes over what these look after."""

import re

import pytest
from tests.cast import Cast
from tests.panel.ox import said, settle

from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain, change_domain
from oxherd.domains.models import Domain
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.resources.commands import as_wish, change_resource
from oxherd.resources.models import Resource

HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """Somebody who manages a room and gets the stray mail of acme.test."""
    anna = settle(cast.user("Anna Becker", login="anna", ox=True))
    cast.resource("Blue room", manager=anna)
    change_domain(actor=cast.system, domain=Domain.objects.get(name="acme.test"), catch_all="anna@acme.test")
    return anna


@pytest.fixture
def ben(cast: Cast) -> ServiceUser:
    return settle(cast.user("Ben Conrad", login="ben", ox=True))


@pytest.fixture
def urls(cast: Cast, anna: ServiceUser) -> dict[str, str]:
    """Every door to these dialogs."""
    users = f"/t/{cast.acme.pk}/users/"
    return {
        "list": f"{users}remove/",
        "page": f"{users}{anna.pk}/remove/",
        "disable": f"/t/{cast.acme.pk}/ox/users/disable/",
    }


def text(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())  # type: ignore[attr-defined]


def kept() -> tuple[ServiceUser | None, ServiceUser | None]:
    return Resource.objects.get().manager, Domain.objects.get(name="acme.test").catch_all


def is_gone(anna: ServiceUser) -> bool:
    anna = ServiceUser.objects.get(pk=anna.pk)
    return anna.presence == "removed" or OxAccount.objects.get(user=anna).presence == "leaving"


@pytest.mark.parametrize("door", ["list", "page", "disable"])
def test_what_somebody_looks_after_is_named_and_goes_to_whom_one_chooses(cast, anna, ben, urls, door):
    bob = cast.client(cast.bob)
    whom = {"user": anna.pk}
    dialog = bob.get(urls[door], whom, headers=HTMX)
    assert "Anna Becker manages Blue room ." in text(dialog)
    assert "Anna Becker gets mail to unknown addresses of acme.test ." in text(dialog)
    assert f"but={anna.pk}" in dialog.content.decode()
    wish = whom | {"typed": "anna becker"}
    refused = bob.post(urls[door], wish, headers=HTMX)
    assert (refused.status_code, refused.context["form"].errors) == (
        422,
        {
            "manager": ["Choose who decides on bookings from now on, or no manager."],
            "catch_all": ["Choose who gets this mail from now on, or nobody."],
        },
    )
    assert (kept(), is_gone(anna)) == ((anna, anna), False)
    done = bob.post(urls[door], wish | {"manager": ben.pk, "catch_all": ben.pk}, headers=HTMX)
    assert done.headers["HX-Redirect"]
    assert (kept(), is_gone(anna)) == ((ben, ben), True)
    assert len(set(AuditEntry.objects.order_by("-pk").values_list("request_id", flat=True)[:3])) == 1


@pytest.mark.parametrize("door", ["list", "disable"])
def test_nobody_is_a_choice(bob, anna, urls, door):
    nobody = {"user": anna.pk, "typed": "Anna Becker", "manager": "nobody", "catch_all": "nobody"}
    assert bob.post(urls[door], nobody).status_code == 302
    assert (kept(), is_gone(anna)) == ((None, None), True)


@pytest.mark.parametrize("door", ["list", "disable"])
def test_who_cannot_take_over_is_told_at_the_field(cast, anna, ben, urls, door):
    bob = cast.client(cast.bob)
    eve, ines = cast.user("Eve Fox"), cast.user("Ines Novak", tenant=cast.globex, ox=True)
    wish = {"user": [anna.pk, ben.pk], "typed": "2"}
    for heir in (ben, eve, ines):  # leaves too; without OX; another customer's
        refused = bob.post(urls[door], wish | {"manager": heir.pk, "catch_all": heir.pk})
        assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"manager", "catch_all"})
    assert not is_gone(ben)


def test_each_of_several_may_go_to_somebody_else(cast, bob, anna, ben, urls):
    van = cast.resource("Van", manager=anna)
    shop = add_domain(actor=cast.system, tenant=cast.acme, name="shop.test")
    change_domain(actor=cast.system, domain=shop, catch_all="ben@acme.test")
    cara = settle(cast.user("Cara Diaz", login="cara", ox=True))
    wish = {"user": [anna.pk, ben.pk], "typed": "2"}
    shown = text(bob.get(urls["disable"], wish))
    assert "These users manage 2 resources: Blue room (Anna Becker), Van (Anna Becker)." in shown
    assert "acme.test (Anna Becker), shop.test (Ben Conrad)." in shown
    wish |= {"manager": cara.pk, f"manager_{van.pk}": "nobody"}
    refused = bob.post(urls["disable"], wish | {f"catch_all_{shop.pk}": anna.pk})
    assert set(refused.context["form"].errors) == {"catch_all", f"catch_all_{shop.pk}"}
    assert re.findall(r'<details class="more" (open)?', refused.content.decode()) == ["open", "open"]
    own = {f"catch_all_{domain.pk}": cara.pk for domain in Domain.objects.filter(tenant=cast.acme)}
    bob.post(urls["disable"], wish | own)  # with one for each, none is needed for all
    assert dict(Resource.objects.values_list("display_name", "manager")) == {"Blue room": cara.pk, "Van": None}
    assert set(Domain.objects.filter(tenant=cast.acme).values_list("catch_all", flat=True)) == {cara.pk}


def test_all_who_match_hand_over_and_of_many_resources_the_first_are_named(cast, bob, urls, django_assert_num_queries):
    for number in range(13):
        manager = settle(cast.user(f"Manager {number:02}", ox=True))
        cast.resource(f"Desk {number:02}", manager=manager)
    settle(cast.user("Zoe Zander", ox=True))
    asked = {"all": "yes", "q": "manager"}
    # Session, administrator, roles; tenant; is anybody there, users, left out, ids for `seen`; resources and how many,
    # domains, ids of the first; outage, job.
    with django_assert_num_queries(14):
        dialog = bob.get(urls["disable"], asked)
    shown = text(dialog)
    assert "These users manage 13 resources: Desk 00 (Manager 00)," in shown
    assert ("Desk 09 (Manager 09) and 3 more." in shown, "Desk 10" in shown) == (True, False)
    assert "The other 3 go to whom you chose above." in shown
    carried = asked | {"seen": dialog.context["seen"], "ties": dialog.context["form"].ties_seen, "typed": "13"}
    zoe = ServiceUser.objects.get(display_name="Zoe Zander")
    done = bob.post(urls["disable"], carried | {"manager": zoe.pk})
    assert said(done) == ["OX is being disabled for 13 users."]
    desks = Resource.objects.filter(display_name__startswith="Desk")
    assert set(desks.values_list("manager", flat=True)) == {zoe.pk}


@pytest.mark.parametrize("door", ["list", "disable"])
def test_what_came_since_is_shown_before_it_is_handed_over(cast, anna, ben, urls, door):
    bob = cast.client(cast.bob)
    wish = {"user": anna.pk, "typed": "Anna Becker", "manager": ben.pk, "catch_all": ben.pk}
    wish["ties"] = bob.get(urls[door], {"user": anna.pk}).context["form"].ties_seen
    cast.resource("Van", manager=anna)
    refused = bob.post(urls[door], wish)
    sentence = "They look after something else by now. Look at it, and confirm once more."
    assert (refused.status_code, refused.context["form"].errors) == (422, {"__all__": [sentence]})
    assert "manages 2 resources: Blue room , Van ." in text(refused)
    assert bob.post(urls[door], wish | {"ties": refused.context["form"].ties_seen}).status_code == 302


@pytest.mark.parametrize("door", ["list", "disable"])
def test_without_script_an_heir_is_searched_and_chosen(bob, anna, ben, urls, door):
    asked = {"user": anna.pk, "do": "find", "manager_text": "conr", "catch_all": "nobody", "typed": "Anna"}
    page = bob.post(urls[door], asked)
    assert (page.status_code, page.context["form"].errors) == (200, {})
    radios = re.findall(
        r'type="radio"\s+name="(manager|catch_all)"\s+value="(\w+)"\s*(checked)?', page.content.decode()
    )
    assert radios == [("manager", "nobody", ""), ("manager", str(ben.pk), ""), ("catch_all", "nobody", "checked")]
    assert not is_gone(anna)


def test_undo_gives_all_of_it_back(cast, anna, ben, urls, settings):
    bob = cast.client(cast.bob)
    settings.UNDO_SECONDS = 20
    wish = {"user": anna.pk, "typed": "Anna Becker", "manager": ben.pk, "catch_all": "nobody"}
    for door in ("list", "disable"):
        bob.post(urls[door], wish)
        act = AuditEntry.objects.latest("pk").request_id
        assert (kept(), is_gone(anna)) == ((ben, None), True)
        done = bob.post(f"/t/{cast.acme.pk}/undo/{act}/", headers={"Referer": f"http://testserver{urls['list']}"})
        assert [said(done)[-1], kept(), is_gone(anna)] == [
            "Undone for 3 entries.",
            (anna, anna),
            False,
        ]


def test_who_became_manager_in_the_same_moment_is_refused_above_the_form(cast, bob, ben, monkeypatch):
    """Between the look and the command nobody chose an heir for what was not there."""
    from oxherd.panel import removals

    room, look = cast.resource("Blue room"), removals.ties_of

    def meanwhile(users):
        ties = look(users)
        change_resource(actor=cast.system, resource=room, wish=as_wish(room).__class__(
            display_name="Blue room", address="blue.room@acme.test", manager=ben
        ))  # fmt: skip
        return ties

    monkeypatch.setattr(removals, "ties_of", meanwhile)
    refused = bob.post(f"/t/{cast.acme.pk}/users/remove/", {"user": ben.pk})
    sentence = "Some of these users manage resources. Choose who manages them from now on."
    assert (refused.status_code, refused.context["form"].errors) == (422, {"__all__": [sentence]})
    assert not is_gone(ben)
