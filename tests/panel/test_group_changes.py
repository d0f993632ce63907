"""What is about to change in a group: looked through and taken back, and lists that are pasted."""

import re

import pytest
from tests.cast import Cast

from oxherd.groups import drafts
from oxherd.groups.models import DraftMember
from oxherd.people.models import ServiceUser

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(cast: Cast) -> str:
    """A group of Acme with Anna in it."""
    group = cast.group("Sales", cast.user("Anna A", ox=True, aliases=("anna@acme.test",)))
    return f"/t/{cast.acme.pk}/ox/groups/{group.pk}/"


def changes() -> dict[str, bool]:
    return dict(DraftMember.objects.values_list("user__display_name", "joins"))


def test_changes_are_looked_through_by_kind_and_taken_back_one_by_one(cast: Cast, url: str) -> None:
    anna, bert, carl = ServiceUser.objects.get(), cast.user("Bert B"), cast.user("Carl C")
    client = cast.client(cast.bob)
    for do in (f"in:{bert.pk}", f"in:{carl.pk}", f"out:{anna.pk}"):
        client.post(url, {"do": do})
    page = client.get(f"{url}changes/", headers=HTMX).content.decode()
    assert ("Added (2)" in page, "Removed (1)" in page, "Bert B" in page, "Anna A" in page) == (True, True, True, False)
    assert "Anna A" in client.get(f"{url}changes/?kind=going", headers=HTMX).content.decode()
    after = client.post(f"{url}changes/", {"kind": "coming", "user": bert.pk}, headers=HTMX)
    assert "members-changed" in after.headers["HX-Trigger"]  # the picker behind the dialog shows it
    assert changes() == {"Anna A": False, "Carl C": True}
    alone = client.get(f"{url}changes/").content.decode()  # without script a page of its own
    assert ("<html" in alone, "Carl C" in alone) == (True, True)


def test_many_changes_are_shown_by_and_by(cast: Cast, url: str) -> None:
    for number in range(52):
        cast.user(f"User {number:02}")
    client = cast.client(cast.bob)
    client.post(url, {"do": "in:all", "outside_q": "user"})
    page = client.get(f"{url}changes/", headers=HTMX).content.decode()
    assert page.count("Take back:") == 50
    more = client.get(re.search(r'hx-get="([^"]*after[^"]*)"', page)[1].replace("&amp;", "&"), headers=HTMX)
    assert re.findall(r"Take back: (User \d+)", more.content.decode()) == ["User 50", "User 51"]


def test_pasted_addresses_bring_users_in_and_what_is_nobodys_comes_back(cast: Cast, url: str) -> None:
    cast.user("Bert B")
    cast.user("Ines Novak", tenant=cast.globex)
    client = cast.client(cast.bob)
    assert "Paste addresses" in client.get(f"{url}paste/", headers=HTMX).content.decode()
    text = "Bert B <bert.b@acme.test>; anna@acme.test\nines.novak@globex.test, nobody@acme.test"
    answer = client.post(f"{url}paste/", {"pasted": text}, headers=HTMX)
    page = answer.content.decode()
    assert (answer.status_code, "members-changed" in answer.headers["HX-Trigger"]) == (200, True)
    assert "<strong>1 user added</strong>" in page
    assert "1 is a member already" in page
    left = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)[1]
    assert left.split() == ["ines.novak@globex.test", "nobody@acme.test"]
    assert changes() == {"Bert B": True}


@pytest.mark.parametrize("text", ["", " ,;\n", "x" * 1_000_001])
def test_nothing_and_far_too_much_are_refused_at_the_field(cast: Cast, url: str, text: str) -> None:
    answer = cast.client(cast.bob).post(f"{url}paste/", {"pasted": text}, headers=HTMX)
    assert (answer.status_code, 'id="id_pasted_error"' in answer.content.decode()) == (422, True)
    assert changes() == {}


def test_garbage_finds_nobody_and_is_shown_as_text(cast: Cast, url: str) -> None:
    answer = cast.client(cast.bob).post(f"{url}paste/", {"pasted": "<script>alert(1)</script> a@b@c %%% 😀"})
    page = answer.content.decode()
    assert (answer.status_code, "<script>alert" in page, changes()) == (200, False, {})
    assert "0 users added" in page


def test_five_thousand_lines_are_found_at_once(cast: Cast, url: str, django_assert_max_num_queries) -> None:
    like = cast.user("Like Me")
    crowd = ServiceUser.objects.bulk_create(
        ServiceUser(
            tenant=cast.acme,
            display_name=f"User {index:04}",
            sort_name=f"user {index:04}",
            login=f"user{index:04}@acme.test",
            domain=like.domain,
            search_text="",
        )
        for index in range(4500)
    )
    address = type(like.addresses.get())
    address.objects.bulk_create(
        address(address=user.login, domain=like.domain, user=user, kind="login") for user in crowd
    )
    text = "\n".join(f"User {index:04} <USER{index:04}@Acme.test>" for index in range(5000))
    client = cast.client(cast.bob)
    with django_assert_max_num_queries(25):
        answer = client.post(f"{url}paste/", {"pasted": text}, headers=HTMX)
    page = answer.content.decode()
    assert ("4500 users added" in page, "500 matched nobody" in page) == (True, True)
    assert DraftMember.objects.filter(joins=True).count() == 4500


def test_drafts_of_others_stay_out_of_reach(cast: Cast, url: str) -> None:
    bert = cast.user("Bert B")
    bob, alice = cast.client(cast.bob), cast.client(cast.alice)
    bob.post(url, {"do": f"in:{bert.pk}"})
    alice.post(f"{url}changes/", {"kind": "coming", "user": bert.pk})
    assert changes() == {"Bert B": True}
    assert "Bert B" not in alice.get(f"{url}changes/", headers=HTMX).content.decode()
    assert drafts.purge() == 0
