import re
from typing import Any

import pytest
from tests.cast import Cast
from tests.pictures import picture

from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.people.states import UserStatus
from oxherd.provisioning.states import Presence
from oxherd.tenants.commands import suspend_tenant

HTMX = {"HX-Request": "true"}


def users_url(cast, query=""):
    return f"/t/{cast.acme.pk}/users/{query}"


def names(answer):
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def insert(cast, number, name="Same Name"):
    """Users in one go: the commands would hash as many passwords."""
    like = cast.user("Zoe Zander")
    rows = [
        ServiceUser(
            tenant=cast.acme,
            display_name=name,
            sort_name=name.lower(),
            login=f"user{index:04}@acme.test",
            domain=like.domain,
            search_text=f"tenant{cast.acme.pk} same name user{index:04}",
        )
        for index in range(number)
    ]
    ServiceUser.objects.bulk_create(rows)


def test_the_list_shows_who_there_is_by_name(cast: Cast) -> None:
    cast.user("Zoe Zander")
    cast.user("Anna Becker", ox=True)
    cast.user("Carl Quist", tenant=cast.globex)
    answer = cast.client(cast.bob).get(users_url(cast))
    assert names(answer) == ["Anna Becker", "Zoe Zander"]
    assert answer.context["page"].range == "1\u20132 of 2"


@pytest.mark.parametrize("path", ["", "progress/?ids=1", "remove/?user=1", "1/", "1/person/", "add/"])
def test_a_stranger_finds_nothing(cast: Cast, path: str) -> None:
    assert cast.client(cast.charlie).get(users_url(cast, path)).status_code == 404


def test_reading_is_for_every_role_and_adding_for_administrators(cast: Cast) -> None:
    cast.user()
    pages = {who: cast.client(getattr(cast, who)).get(users_url(cast)) for who in ("alice", "bob", "dora", "rita")}
    assert {who: page.status_code for who, page in pages.items()} == dict.fromkeys(pages, 200)
    shown = {who: "Add New Service User" in page.content.decode() for who, page in pages.items()}
    assert shown == {"alice": True, "bob": True, "dora": False, "rita": False}
    ticks = {who: "data-select" in page.content.decode() for who, page in pages.items()}
    assert ticks == {"alice": True, "bob": True, "dora": False, "rita": False}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann", ["Anna Becker"]),
        ("BECK anna", ["Anna Becker"]),
        ("bjorn", ["Björn Östlund"]),
        ("sales@acme", ["Anna Becker"]),
        ("ecker", []),
        ("'; --", ["Anna Becker", "Björn Östlund"]),
        ("\x00", ["Anna Becker", "Björn Östlund"]),
    ],
)
def test_users_are_found_by_the_beginnings_of_names_and_addresses(cast: Cast, text: str, found: list[str]) -> None:
    cast.user("Anna Becker", ox=True, aliases=("sales@acme.test",))
    cast.user("Björn Östlund", login="bjorn")
    answer = cast.client(cast.bob).get(users_url(cast), {"q": text})
    assert names(answer) == found


def test_a_suspended_customer_is_offered_no_new_users(cast: Cast) -> None:
    client = cast.client(cast.bob)
    assert "Add New Service User" in client.get(users_url(cast)).content.decode()
    suspend_tenant(actor=cast.system, tenant=cast.acme, reason="Late")
    assert "Add New Service User" not in client.get(users_url(cast)).content.decode()


def test_a_search_answers_with_the_list_alone_and_its_clean_address(cast: Cast) -> None:
    cast.user()
    url = users_url(cast)
    answer = cast.client(cast.bob).get(url, {"q": " ann ", "status": "", "sort": "name"}, headers=HTMX)
    assert answer.headers["HX-Push-Url"] == f"{url}?q=ann"
    assert "<html" not in answer.content.decode()
    assert names(answer) == ["Anna Becker"]


def test_users_are_filtered_by_status_and_an_unknown_status_filters_nothing(cast: Cast) -> None:
    cast.user("Anna Becker", ox=True)
    cast.user("Zoe Zander")
    client = cast.client(cast.bob)
    asked = {status: names(client.get(users_url(cast), {"status": status})) for status in ("in_progress", "x")}
    assert asked == {"in_progress": ["Anna Becker"], "x": ["Anna Becker", "Zoe Zander"]}


def test_users_are_sorted_by_name_login_and_age(cast: Cast) -> None:
    cast.user("Anna Becker", login="x")
    cast.user("Zoe Zander", login="a")
    cast.user("Max Muster", login="m")
    client = cast.client(cast.bob)
    order = {sort: names(client.get(users_url(cast), {"sort": sort})) for sort in ("name", "login", "newest")}
    assert order == {
        "name": ["Anna Becker", "Max Muster", "Zoe Zander"],
        "login": ["Zoe Zander", "Max Muster", "Anna Becker"],
        "newest": ["Max Muster", "Zoe Zander", "Anna Becker"],
    }


@pytest.mark.parametrize("sort", ["name", "login", "newest"])
def test_pages_show_everybody_once_there_and_back_even_where_all_names_are_the_same(cast: Cast, sort: str) -> None:
    insert(cast, 120)
    client = cast.client(cast.bob)
    page = client.get(users_url(cast), {"sort": sort}).context["page"]
    there = [page]
    while page.next_url:
        page = client.get(page.next_url).context["page"]
        there.append(page)
    seen = [user.pk for each in there for user in each.rows]
    assert (len(seen), len(set(seen))) == (121, 121)
    assert [each.range for each in there] == ["1\u201350 of 121", "51\u2013100 of 121", "101\u2013121 of 121"]
    back = client.get(there[2].previous_url).context["page"]
    assert [user.pk for user in back.rows] == [user.pk for user in there[1].rows]
    first = client.get(back.previous_url).context["page"]
    assert ([user.pk for user in first.rows], first.previous_url) == ([user.pk for user in there[0].rows], "")


@pytest.mark.parametrize(
    "cursor", ["x", "WyJhIl0", "%00", "bnVsbA", "W1tdLDEsMV0", "WyJhIiwxZTk5OSwxXQ", "WyJcdTAwMDAiLDEsMV0", "A" * 5000]
)
@pytest.mark.parametrize("sort", ["name", "newest"])
def test_a_malformed_cursor_gives_the_first_page(cast: Cast, cursor: str, sort: str) -> None:
    cast.user()
    answer = cast.client(cast.bob).get(users_url(cast, f"?sort={sort}&after={cursor}"))
    assert (answer.status_code, names(answer)) == (200, ["Anna Becker"])


def test_a_page_costs_the_same_queries_for_one_user_and_for_fifty(cast: Cast, django_assert_num_queries) -> None:
    cast.user("Anna Becker", ox=True)
    client = cast.client(cast.bob)
    # Session, administrator, roles; tenant; rows, addresses, count, photos; outage, the tenant's job.
    with django_assert_num_queries(10):
        client.get(users_url(cast))
    insert(cast, 60)
    with django_assert_num_queries(10):
        client.get(users_url(cast))


def test_a_photo_is_shown_and_may_be_kept_by_the_browser(cast: Cast) -> None:
    cast.user(photo=picture("JPEG"))
    client = cast.client(cast.rita)
    url = re.search(r'<img class="avatar-photo[^>]*src="([^"]*)"', client.get(users_url(cast)).content.decode())[1]
    answer = client.get(url)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.content[:2] == b"\xff\xd8"
    assert cast.client(cast.charlie).get(url).status_code == 404
    assert client.get(url.replace(".jpg", "0.jpg")).status_code == 404


def test_rows_in_progress_are_asked_for_again_until_none_is_left(cast: Cast) -> None:
    anna, zoe = cast.user("Anna Becker", ox=True), cast.user("Zoe Zander", ox=True)
    client = cast.client(cast.rita)
    poll = f'hx-get="/t/{cast.acme.pk}/users/progress/?ids={anna.pk},{zoe.pk}"'
    assert poll in client.get(users_url(cast)).content.decode()
    ServiceUser.objects.filter(pk=anna.pk).update(status=UserStatus.ENABLED)
    ServiceUser.objects.filter(pk=zoe.pk).delete()
    answer = client.get(users_url(cast, f"progress/?ids={anna.pk},{zoe.pk}"), headers=HTMX).content.decode()
    assert (answer.count('id="progress"'), answer.count("hx-trigger")) == (1, 0)
    assert f'id="status-{anna.pk}" hx-swap-oob="true"' in answer
    assert f'<tr id="user-{zoe.pk}" hx-swap-oob="delete"></tr>' in answer


def test_progress_tells_nothing_of_another_tenants_users(cast: Cast) -> None:
    foreign = cast.user("Carl Quist", tenant=cast.globex, ox=True)
    answer = cast.client(cast.bob).get(users_url(cast, f"progress/?ids={foreign.pk},x,-1,99999999999999999999"))
    assert (answer.status_code, f"status-{foreign.pk}" in answer.content.decode()) == (200, False)


def test_without_a_net_several_are_deleted_after_the_number_was_typed(cast: Cast, settings: Any) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    anna, zoe = cast.user("Anna Becker", ox=True), cast.user("Zoe Zander")
    client, url = cast.client(cast.bob), users_url(cast, "remove/")
    ticked = {"user": [anna.pk, zoe.pk]}
    shown = client.get(url, ticked, headers=HTMX)
    assert "OX deletes 1 account with everything in it" in shown.content.decode()
    refused = client.post(url, ticked | {"typed": "3"}, headers=HTMX)
    assert (refused.status_code, refused.context["form"].errors["typed"]) == (422, ["Type 2 to confirm."])
    assert ServiceUser.objects.filter(presence=Presence.PRESENT).count() == 2
    done = client.post(url, ticked | {"typed": "2"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == users_url(cast)
    assert list(ServiceUser.objects.values_list("pk", "presence")) == [(anna.pk, Presence.LEAVING)]


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_help_desk_and_readers_delete_nobody(cast: Cast, who: str) -> None:
    anna = cast.user()
    client = cast.client(getattr(cast, who))
    assert client.post(users_url(cast, "remove/"), {"user": anna.pk, "typed": "anna becker"}).status_code == 403
    assert client.post(users_url(cast, f"{anna.pk}/remove/")).status_code == 403
    assert ServiceUser.objects.count() == 1


def test_another_tenants_user_is_not_deleted_by_ticking(cast: Cast) -> None:
    foreign = cast.user("Carl Quist", tenant=cast.globex)
    answer = cast.client(cast.bob).post(users_url(cast, "remove/"), {"user": foreign.pk, "typed": "carl quist"})
    assert answer.status_code == 422
    assert ServiceUser.objects.count() == 1


def test_an_empty_list_says_what_to_do(cast: Cast) -> None:
    client = cast.client(cast.bob)
    assert "No users yet" in client.get(users_url(cast)).content.decode()
    assert "Nobody found" in client.get(users_url(cast, "?q=x")).content.decode()


def test_several_are_removed_and_told_for_how_long_they_can_be_had_back(cast: Cast) -> None:
    anna, zoe = cast.user("Anna Becker", ox=True), cast.user("Zoe Zander")
    client, url = cast.client(cast.bob), users_url(cast, "remove/")
    shown = client.get(url, {"user": [anna.pk, zoe.pk]}, headers=HTMX).content.decode()
    assert "For 30 days you can restore them" in shown
    done = client.post(url, {"user": [anna.pk, zoe.pk]}, headers=HTMX)
    assert done.headers["HX-Redirect"] == users_url(cast)
    assert set(ServiceUser.objects.values_list("presence", flat=True)) == {Presence.REMOVED}
    page = client.get(users_url(cast)).content.decode()
    assert ("2 users were deleted." in page, "No users yet" in page) == (True, True)


def test_a_removed_user_has_a_page_that_says_so_and_no_dialogs(cast: Cast) -> None:
    anna = cast.user("Anna Becker", ox=True)
    remove_user(actor=cast.actor(cast.bob), user=anna)
    client = cast.client(cast.bob)
    page = client.get(users_url(cast, f"{anna.pk}/")).content.decode()
    assert ("<strong>Anna Becker was deleted</strong>" in page, "Set password" in page) == (True, False)
    for rest in ("person/", "password/", "remove/"):
        answer = client.get(users_url(cast, f"{anna.pk}/{rest}"), headers=HTMX)
        assert answer.status_code == 422
        assert answer.content.decode() == "Anna Becker was removed. Restore Anna Becker under Recently removed first."
    assert cast.client(cast.charlie).get(users_url(cast, f"{anna.pk}/")).status_code == 404
