"""The user's page: the groups of a user and the resources that the user manages, and the way into a group."""

import re

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast

from oxherd.groups.commands import remove_group
from oxherd.groups.queries import members_of

HTMX = {"HX-Request": "true"}


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_groups_and_managed_resources_are_linked(cast: Cast) -> None:
    anna = cast.user(ox=True)
    sales, gone = cast.group("Sales", anna), cast.group("Gone", anna)
    cast.group("Others")
    room = cast.resource("Blue room", manager=anna)
    remove_group(actor=cast.system, group=gone)
    page = cast.client(cast.rita).get(f"/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()
    links = re.findall(rf'href="/t/{cast.acme.pk}/ox/((?:groups|resources)/\d+/)"', page)
    assert links == [f"groups/{sales.pk}/", f"resources/{room.pk}/"]
    assert "Add to group" not in page  # Rita only reads


def test_a_user_comes_into_a_group_and_out_again(cast: Cast) -> None:
    anna = cast.user()
    sales, own = cast.group("Sales"), cast.group("Own", anna)
    client, url = cast.client(cast.bob), f"/t/{cast.acme.pk}/users/{anna.pk}/"
    dialog = client.get(f"{url}groups/", headers=HTMX).content.decode()
    assert f"but={own.pk}" in dialog  # groups of hers are not offered
    done = client.post(f"{url}groups/", {"group": sales.pk}, headers=HTMX)
    assert (done.headers["HX-Redirect"], said(done)) == (url, ["Anna Becker is a member of Sales now."])
    assert list(members_of(sales)) == [anna]
    done = client.post(f"{url}groups/leave/", {"group": sales.pk})
    assert (done.headers["Location"], said(done)[-1:]) == (url, ["Anna Becker is no member of Sales any more."])
    assert list(members_of(sales)) == []


def test_groups_are_offered_by_name(cast: Cast) -> None:
    cast.group("Sales")
    cast.group("Süd")
    page = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/options/groups/?q=s").content.decode()
    assert re.findall(r'data-label="([^"]*)"', page) == ["Sales", "Süd"]


@pytest.mark.parametrize("group", ["", "x", "999999"])
def test_a_group_that_is_not_there_is_refused_at_the_field(cast: Cast, group: str) -> None:
    url = f"/t/{cast.acme.pk}/users/{cast.user().pk}/groups/"
    answer = cast.client(cast.bob).post(url, {"group": group}, headers=HTMX)
    assert (answer.status_code, "group" in answer.context["form"].errors) == (422, True)


def test_without_script_the_search_finds_the_group(cast: Cast) -> None:
    sales = cast.group("Sales")
    url = f"/t/{cast.acme.pk}/users/{cast.user().pk}/groups/"
    answer = cast.client(cast.bob).post(url, {"group_text": "sal", "do": "find"})
    assert (answer.status_code, f'value="{sales.pk}"' in answer.content.decode()) == (200, True)


@pytest.mark.parametrize(("who", "status"), [("charlie", 404), ("dora", 403), ("rita", 403)])
def test_nobody_else_moves_users(cast: Cast, who: str, status: int) -> None:
    anna = cast.user()
    sales = cast.group("Sales", anna)
    client, url = cast.client(getattr(cast, who)), f"/t/{cast.acme.pk}/users/{anna.pk}/groups/"
    assert client.get(url).status_code == status
    assert client.post(url, {"group": cast.group("Other").pk}).status_code == status
    assert client.post(f"{url}leave/", {"group": sales.pk}).status_code == status
    assert list(members_of(sales)) == [anna]
