"""The page of a group: its fields, its members, and what becomes of them at Save, by forms alone."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast
from tests.rows import everything, last_entry

from oxherd.groups.commands import change_group
from oxherd.groups.models import DraftMember, Group, GroupDraft
from oxherd.groups.queries import members_of
from oxherd.people.models import ServiceUser

HTMX = {"HX-Request": "true"}
FIELDS = {"display_name": "Sales", "name": "Sales", "address": "", "domain": "acme.test"}


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/ox/groups/"


@pytest.fixture
def people(cast: Cast) -> list[ServiceUser]:
    return [cast.user(name) for name in ("Anna A", "Bert B", "Carl C", "Dora D")]


def members(group: Group) -> list[str]:
    return [str(user) for user in members_of(group).order_by("sort_name")]


def panes(answer) -> tuple[list[str], list[str]]:
    context = answer.context
    return [str(user) for user in context["outside"].rows], [str(user) for user in context["inside"].rows]


def strip(answer) -> tuple[list[str], list[str]]:
    shown = answer.context["strip"]
    return [str(user) for user in shown.coming], [str(user) for user in shown.going]


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def begin(client, base: str) -> str:
    """The address of a new group's form."""
    return client.get(f"{base}add/").headers["Location"]


def press(client, url: str, do: str, **fields: Any):
    """A button without script: the answer is the page as it comes back."""
    answer = client.post(url, FIELDS | {"do": do} | fields)
    assert answer.status_code == 302
    return client.get(answer.headers["Location"].partition("#")[0])


def test_a_group_is_added_with_its_members_as_the_guide_says(cast: Cast, base: str, people) -> None:
    anna, bert, *_ = people
    client = cast.client(cast.bob)
    url = begin(client, base)
    assert panes(client.get(url)) == (["Anna A", "Bert B", "Carl C", "Dora D"], [])
    shown = press(client, url, "in", outside=[anna.pk, bert.pk], display_name="Sales & Größe", name="")
    assert (panes(shown), strip(shown)) == ((["Carl C", "Dora D"], ["Anna A", "Bert B"]), (["Anna A", "Bert B"], []))
    assert 'value="Sales &amp; Größe"' in shown.content.decode()  # typed, not saved
    assert not Group.objects.exists()
    done = client.post(url, FIELDS | {"do": "save", "display_name": "Sales & Größe", "name": "", "address": "sales"})
    group = Group.objects.get()
    assert done.headers["Location"] == f"{base}{group.pk}/"
    assert said(done) == ["Sales & Größe is being set up in OX."]
    assert (group.name, members(group), group.status) == ("Sales Grosse", ["Anna A", "Bert B"], "in_progress")
    page = client.get(f"{base}{group.pk}/").content.decode()
    assert ("sales" in page, "Anna A" in page, "In progress" in page) == (True, True, True)


def test_save_twice_makes_one_group(cast: Cast, base: str) -> None:
    client = cast.client(cast.bob)
    url = begin(client, base)
    first, second = (client.post(url, FIELDS | {"do": "save"}).headers["Location"] for _ in range(2))
    assert (first, Group.objects.count()) == (second, 1)
    assert client.get(url).headers["Location"] == first


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"display_name": " "}, "display_name"),
        ({"display_name": "日本", "name": ""}, "name"),
        ({"name": "Users"}, "name"),
        ({"name": "MARKETING"}, "name"),
        ({"address": "a b"}, "address"),
        ({"address": "anna.a"}, "address"),
        ({"address": "x", "domain": "globex.test"}, "domain"),
    ],
)
def test_what_cannot_be_comes_back_at_its_field_with_all_that_was_picked(
    cast: Cast, base: str, people, fields, field
) -> None:
    cast.group("Marketing")
    client = cast.client(cast.bob)
    url = begin(client, base)
    press(client, url, f"in:{people[0].pk}")
    answer = client.post(url, FIELDS | {"do": "save"} | fields)
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert (strip(answer), Group.objects.count()) == ((["Anna A"], []), 1)


def test_members_come_and_go_and_the_name_changes(cast: Cast, base: str, people) -> None:
    anna, bert, carl, _ = people
    group = cast.group("Sales", anna, bert)
    client = cast.client(cast.bob)
    url = f"{base}{group.pk}/"
    press(client, url, f"in:{carl.pk}")
    shown = press(client, url, "out", inside=[anna.pk])
    assert (panes(shown)[1], strip(shown)) == (["Bert B", "Carl C"], (["Carl C"], ["Anna A"]))
    assert members(group) == ["Anna A", "Bert B"]  # nothing is saved before Save
    done = client.post(url, FIELDS | {"do": "save", "display_name": "Marketing", "seen": _seen(client, url)})
    assert said(done) == ["Saved. Members: 1 added, 1 removed."]
    assert (str(Group.objects.get()), members(group)) == ("Marketing", ["Bert B", "Carl C"])
    entry = client.get(url).context["history"][0]
    assert {change.label: change.before or change.after for change in entry.changes} == {
        "Group name": "Sales",
        "Members added": "carl.c@acme.test",
        "Members removed": "anna.a@acme.test",
    }


def _seen(client, url: str) -> str:
    seen: str = client.get(url).context["form"].seen
    return seen


def test_a_name_that_nobody_typed_is_refused_with_where_it_comes_from(cast: Cast, base: str) -> None:
    cast.group("Team")
    client = cast.client(cast.bob)
    answer = client.post(begin(client, base), FIELDS | {"display_name": "Team \U0001f600", "name": "", "do": "save"})
    assert answer.context["form"].errors["name"] == [
        "Team \U0001f600 is named Team in OX, and there is a group of that name already. Choose another name."
    ]


def test_reload_and_back_lose_nothing_and_discard_forgets(cast: Cast, base: str, people) -> None:
    group = cast.group("Sales", people[0])
    client = cast.client(cast.bob)
    url = f"{base}{group.pk}/"
    press(client, url, f"out:{people[0].pk}", display_name="Typed")
    for _ in range(2):
        page = client.get(url)
        assert (strip(page), 'value="Typed"' in page.content.decode()) == (([], ["Anna A"]), True)
    done = client.post(url, {"do": "discard"})
    assert (done.headers["Location"], said(done)) == (url, ["Your changes were discarded."])
    page = client.get(url)
    assert (strip(page), 'value="Typed"' in page.content.decode()) == (([], []), False)
    new = begin(client, base)
    assert client.post(new, {"do": "discard"}).headers["Location"] == base
    gone = client.get(new)
    assert (gone.status_code, "Start again" in gone.content.decode()) == (404, True)


def test_what_is_typed_is_kept_while_typing(cast: Cast, base: str) -> None:
    client = cast.client(cast.bob)
    url = begin(client, base)
    assert client.post(f"{url}keep/", FIELDS | {"display_name": "Half a na\x00me"}, headers=HTMX).status_code == 204
    assert 'value="Half a name"' in client.get(url).content.decode()


def test_two_administrators_at_once_do_not_overwrite_each_other(cast: Cast, base: str, people) -> None:
    anna, bert, carl, dora = people
    group = cast.group("Sales", anna, bert)
    bob, alice = cast.client(cast.bob), cast.client(cast.alice)
    url = f"{base}{group.pk}/"
    seen = {id(client): _seen(client, url) for client in (bob, alice)}
    press(bob, url, f"in:{carl.pk}", seen=seen[id(bob)])
    press(alice, url, f"out:{anna.pk}", seen=seen[id(alice)])
    press(alice, url, f"in:{dora.pk}", seen=seen[id(alice)])
    assert strip(bob.get(url)) == (["Carl C"], [])  # a draft is its owner's
    alice.post(url, FIELDS | {"do": "save", "display_name": "Renamed", "seen": seen[id(alice)]})
    done = bob.post(url, FIELDS | {"do": "save", "seen": seen[id(bob)]})
    assert done.status_code == 302
    # Bob has not touched the name: it stays as Alice has made it.
    assert (str(Group.objects.get()), members(group)) == ("Renamed", ["Bert B", "Carl C", "Dora D"])


def test_who_changes_a_name_that_somebody_else_has_changed_is_told(cast: Cast, base: str) -> None:
    group = cast.group("Sales", address="sales@acme.test")
    client = cast.client(cast.bob)
    url = f"{base}{group.pk}/"
    seen = _seen(client, url)
    change_group(actor=cast.system, group=group, display_name="Theirs")
    mine = FIELDS | {"do": "save", "display_name": "Mine", "address": "sales"}
    told = client.post(url, mine | {"seen": seen})
    stored = "This group was changed meanwhile. Stored now: Theirs, Sales, sales@acme.test."
    assert told.context["form"].errors["__all__"][0].startswith(stored)
    assert client.post(url, mine | {"seen": told.context["form"].seen}).status_code == 302
    assert str(Group.objects.get()) == "Mine"


def test_the_address_goes_when_it_is_emptied(cast: Cast, base: str) -> None:
    group = cast.group("Sales", address="sales@acme.test")
    client = cast.client(cast.bob)
    url = f"{base}{group.pk}/"
    client.post(url, FIELDS | {"do": "save", "seen": _seen(client, url)})
    assert last_entry().after == {"address": ""}


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_readers_see_members_and_change_nothing(cast: Cast, base: str, people, who: str) -> None:
    group = cast.group("Sales", *people[:2])
    client = cast.client(getattr(cast, who))
    url = f"{base}{group.pk}/"
    page = client.get(url).content.decode()
    assert ("Anna A" in page, "Carl C" in page, 'id="save"' in page, 'type="checkbox"' in page) == (
        True,
        False,
        False,
        False,
    )
    assert "Bert B" in client.get(f"{url}members/?side=inside&inside_q=ber", headers=HTMX).content.decode()
    before = everything()
    for path in ("", "keep/", "changes/", "paste/"):
        assert client.post(url + path, FIELDS | {"do": "save", "pasted": "carl.c"}).status_code == 403
    assert client.get(f"{base}add/").status_code == 403
    assert everything() == before
    assert not GroupDraft.objects.exists()


def test_another_customers_group_and_anothers_draft_are_not_found(cast: Cast, base: str, people) -> None:
    group = cast.group("Sales")
    key = begin(cast.client(cast.bob), base).split("/")[-2]
    charlie, alice = cast.client(cast.charlie), cast.client(cast.alice)
    for path in ("", "members/", "changes/", "paste/"):
        for tenant in (cast.acme, cast.globex):
            url = f"/t/{tenant.pk}/ox/groups/"
            assert charlie.get(f"{url}{group.pk}/{path}").status_code == 404
            assert charlie.get(f"{url}add/{key}/{path}").status_code == 404
        assert alice.get(f"{base}add/{key}/{path}").status_code == 404
    assert charlie.post(f"{base}{group.pk}/", FIELDS | {"do": "save"}).status_code == 404
    assert alice.post(f"{base}add/{key}/", FIELDS | {"do": "save"}).status_code == 404
    assert Group.objects.count() == 1


def test_users_of_another_customer_are_never_picked(cast: Cast, base: str) -> None:
    ines = cast.user("Ines Novak", tenant=cast.globex)
    client = cast.client(cast.bob)
    url = begin(client, base)
    for do in (f"in:{ines.pk}", "in", "in:all", "in:x", f"out:{ines.pk}", f"back:{ines.pk}"):
        assert strip(press(client, url, do, outside=[ines.pk])) == ([], [])
    assert not DraftMember.objects.exists()


def test_the_page_costs_the_same_queries_however_many_users_and_members(
    cast: Cast, base: str, people, django_assert_num_queries
) -> None:
    group = cast.group("Sales", *people[:2])
    client = cast.client(cast.bob)
    url = f"{base}{group.pk}/"
    press(client, url, f"in:{people[2].pk}")
    press(client, url, f"out:{people[0].pk}")
    # Session, administrator, roles; tenant; group, draft; domains, address, outside and inside with counts,
    # coming and going with counts; jobs, history, undone, the address again; outage, tenant's job.
    with django_assert_num_queries(22):
        client.get(url)
    more = _crowd(cast, 120)
    change_group(actor=cast.system, group=group, add=[user.pk for user in more[:60]])
    with django_assert_num_queries(25):  # address and members as they are, since there is something to undo
        page = client.get(url)
    assert (len(panes(page)[0]), len(panes(page)[1])) == (50, 50)


def _crowd(cast: Cast, number: int) -> list[ServiceUser]:
    """Users in one go: the commands would hash as many passwords."""
    like = ServiceUser.objects.first()
    assert like is not None
    return ServiceUser.objects.bulk_create(
        ServiceUser(
            tenant=cast.acme,
            display_name=f"User {index:04}",
            sort_name=f"user {index:04}",
            login=f"user{index:04}@acme.test",
            domain=like.domain,
            search_text=f"tenant{cast.acme.pk} user {index:04}",
        )
        for index in range(number)
    )


def test_more_are_loaded_with_and_without_script(cast: Cast, base: str, people) -> None:
    _crowd(cast, 120)
    client = cast.client(cast.bob)
    url = begin(client, base)
    page = client.get(url)
    assert len(panes(page)[0]) == 50
    assert len(panes(press(client, url, "more:outside", outside_size="50"))[0]) == 100
    rows = client.get(page.context["outside"].more, headers=HTMX).content.decode()
    assert (rows.count("data-pane-row"), "User 0046" in rows, "User 0045" in rows) == (50, True, False)
    last = client.get(re.search(r'hx-get="([^"]*)"', rows[rows.index("pane-more") :])[1].replace("&amp;", "&"))
    assert (last.content.decode().count("data-pane-row"), "Load more" in last.content.decode()) == (24, False)
    # The part of the list that is shown comes back after an act, as long as it was.
    shown = client.post(url, FIELDS | {"do": "look", "outside_size": ["50", "50"]}, headers=HTMX)
    assert len(panes(shown)[0]) == 100


def test_all_shown_and_all_that_match_are_moved_by_the_server(cast: Cast, base: str, people) -> None:
    _crowd(cast, 120)
    client = cast.client(cast.bob)
    url = begin(client, base)
    answer = client.post(url, FIELDS | {"do": "in:shown", "outside_q": "user", "outside_size": "50"}, headers=HTMX)
    assert ('data-said="50 users added."' in answer.content.decode(), answer.context["strip"].number) == (True, 50)
    answer = client.post(url, FIELDS | {"do": "in:all", "outside_q": "user"}, headers=HTMX)
    assert (answer.context["strip"].number, answer.context["outside"].count) == (120, 0)
    answer = client.post(url, FIELDS | {"do": "out:all", "inside_q": "user 011"}, headers=HTMX)
    assert 'data-said="10 users removed."' in answer.content.decode()
    answer = client.post(url, FIELDS | {"do": "back:all"}, headers=HTMX)
    assert (answer.context["strip"].number, DraftMember.objects.count()) == (0, 0)


def test_the_history_cuts_long_lists_of_members_with_a_count(cast: Cast, base: str, people) -> None:
    crowd = _crowd(cast, 20)
    group = cast.group("Sales", *crowd)
    (entry,) = cast.client(cast.rita).get(f"{base}{group.pk}/").context["history"]
    told = {change.label: change.after for change in entry.changes}["Members"]
    assert told.endswith("user0006@acme.test, user0007@acme.test and 12 more")


def test_what_the_platform_cannot_do_is_said_beside_the_members(cast: Cast, base: str) -> None:
    page = cast.client(cast.bob).get(begin(cast.client(cast.bob), base)).content.decode()
    assert "hold users of the same customer only" in page
