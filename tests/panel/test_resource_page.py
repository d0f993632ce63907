"""The form of a resource, in the order of the guide, with and without script."""

import re

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast
from tests.rows import last_entry, waiting

from oxherd.resources.models import Resource

FIELDS = {
    "name": "Blue room",
    "manager": "",
    "display_name": "Blue room, 2nd floor",
    "description": "Eight seats",
    "address": "blue.room",
    "domain": "acme.test",
}


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/ox/resources/"


def errors(answer) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def test_a_resource_is_added_as_the_guide_says(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    client = cast.client(cast.bob)
    page = client.get(f"{base}add/").content.decode()
    order = ["Resource name", "Resource manager", "Display name", "Description", "Resource email", "Save resource"]
    places = [page.rindex(label) for label in order]
    assert places == sorted(places)
    done = client.post(f"{base}add/", FIELDS | {"manager": anna.pk})
    resource = Resource.objects.get()
    assert done.headers["Location"] == f"{base}{resource.pk}/"
    assert [str(message) for message in get_messages(done.wsgi_request)] == [
        "Blue room, 2nd floor is being set up in OX."
    ]
    assert (resource.name, resource.manager, resource.address) == ("Blue room", anna, "blue.room@acme.test")
    assert (resource.description, len(waiting(f"resource:{resource.pk}"))) == ("Eight seats", 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "display_name": ""}, "name"),
        ({"display_name": ""}, "display_name"),
        ({"name": "Räum/1"}, "name"),
        ({"name": "red ROOM"}, "name"),
        ({"name": "", "display_name": "日本"}, "name"),
        ({"manager": "999999"}, "manager"),
        ({"address": ""}, "address"),
        ({"address": "a b"}, "address"),
        ({"address": "red.room"}, "address"),
        ({"domain": "globex.test"}, "domain"),
        ({"description": "x" * 2001}, "description"),
    ],
)
def test_what_cannot_be_comes_back_at_its_field(cast: Cast, base: str, fields: dict, field: str) -> None:
    cast.resource("Red room")
    answer = cast.client(cast.bob).post(f"{base}add/", FIELDS | fields)
    assert (answer.status_code, field in errors(answer)) == (422, True)
    assert Resource.objects.count() == 1
    assert 'value="Blue room"' in answer.content.decode() or "name" in fields


def test_all_that_is_to_be_mended_shows_at_once(cast: Cast, base: str) -> None:
    answer = cast.client(cast.bob).post(f"{base}add/", {"domain": "acme.test"})
    assert set(errors(answer)) == {"name", "display_name", "address"}


def test_a_resource_is_changed_and_its_history_tells_it(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    resource = cast.resource("Blue room", manager=anna)
    client = cast.client(cast.bob)
    url = f"{base}{resource.pk}/"
    page = client.get(url)
    seen = page.context["form"].seen
    assert 'value="Anna Becker"' in page.content.decode()
    done = client.post(url, FIELDS | {"seen": seen, "display_name": "Green room"})
    assert done.headers["Location"] == url
    resource.refresh_from_db()
    assert (resource.display_name, resource.manager) == ("Green room", None)
    history = client.get(url).context["history"]
    changes = {change.label: (change.before, change.after) for change in history[0].changes}
    assert changes["Display name"] == ("Blue room", "Green room")
    assert changes["Resource manager"] == ("anna.becker@acme.test", "")


def test_who_saves_second_is_told_what_happened(cast: Cast, base: str) -> None:
    resource = cast.resource("Blue room")
    client = cast.client(cast.bob)
    url = f"{base}{resource.pk}/"
    seen = client.get(url).context["form"].seen
    client.post(url, FIELDS | {"seen": seen, "display_name": "First"})
    second = client.post(url, FIELDS | {"seen": seen, "display_name": "Second"})
    assert (second.status_code, "changed meanwhile" in errors(second)["__all__"][0]) == (422, True)
    seen = second.context["form"].seen
    assert client.post(url, FIELDS | {"seen": seen, "display_name": "Second"}).status_code == 302
    assert last_entry().after == {"display_name": "Second"}


def test_without_script_a_manager_is_searched_and_chosen(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    cast.user("Bert Blum", ox=True)
    client = cast.client(cast.bob)
    answer = client.post(f"{base}add/", FIELDS | {"do": "find", "manager_text": "ann"})
    page = answer.content.decode()
    assert (answer.status_code, errors(answer), Resource.objects.count()) == (200, {}, 0)
    assert re.findall(r'type="radio"\s+name="manager"\s+value="([^"]*)"', page) == ["", str(anna.pk)]
    assert 'value="Blue room"' in page  # what was typed is still there
    by_enter = client.post(f"{base}add/", FIELDS | {"manager_text": "ber", "manager_sought": "ann"})
    assert ("Bert Blum" in by_enter.content.decode(), Resource.objects.count()) == (True, 0)
    sent = FIELDS | {"manager_text": "ann", "manager_sought": "ann", "manager": anna.pk}
    assert client.post(f"{base}add/", sent).status_code == 302
    assert Resource.objects.get().manager == anna


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_readers_see_the_facts_and_change_nothing(cast: Cast, base: str, who: str) -> None:
    resource = cast.resource("Blue room", manager=cast.user(ox=True))
    client = cast.client(getattr(cast, who))
    page = client.get(f"{base}{resource.pk}/").content.decode()
    assert ("blue.room@acme.test" in page, "Save resource" in page) == (True, False)
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{resource.pk}/", FIELDS).status_code == 403
    assert client.post(f"{base}add/", FIELDS).status_code == 403
    assert Resource.objects.get().display_name == "Blue room"


def test_another_customers_resource_is_not_found_and_its_users_manage_nothing(cast: Cast, base: str) -> None:
    resource = cast.resource("Blue room")
    ines = cast.user("Ines Novak", tenant=cast.globex, ox=True)
    for client in (cast.client(cast.charlie), cast.client(cast.bob)):
        assert client.post(f"/t/{cast.globex.pk}/ox/resources/{resource.pk}/", FIELDS).status_code == 404
    refused = cast.client(cast.bob).post(f"{base}add/", FIELDS | {"manager": ines.pk})
    assert "manager" in errors(refused)


def test_the_page_costs_the_same_queries_however_much_happened(
    cast: Cast, base: str, django_assert_num_queries
) -> None:
    resource = cast.resource("Blue room", manager=cast.user(ox=True))
    client = cast.client(cast.bob)
    url = f"{base}{resource.pk}/"
    # Session, administrator, roles; tenant; resource; domains; jobs, history, undone; manager; outage, tenant's job.
    with django_assert_num_queries(12):
        client.get(url)
    for number in range(20):
        seen = client.get(url).context["form"].seen
        client.post(url, FIELDS | {"seen": seen, "display_name": f"Name {number}"})
    with django_assert_num_queries(11):  # no manager any more
        client.get(url)
