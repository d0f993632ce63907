"""Undo: a button in the message, and in the history of an object."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.pictures import picture
from tests.tampering import tampering

from oxherd.audit.models import AuditEntry
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox
from oxherd.people.removal_commands import remove_user
from oxherd.resources.models import Resource

HTMX = {"HX-Request": "true"}
UNDO_FORM = re.compile(r'action="(/t/\d+/undo/[^"]+)"')


def url(cast: Cast, rest: str) -> str:
    return f"/t/{cast.acme.pk}/{rest}"


def person(**changes: str) -> dict[str, str]:
    fields = {"display_name": "Anna Becker", "given_name": "Anna", "surname": "Becker", "language": "en_US"}
    return fields | {"time_zone": "Europe/Berlin"} | changes


def undo_of(page: Any) -> list[str]:
    """Where the Undo buttons of a page's messages and history go."""
    return UNDO_FORM.findall(page.content.decode())


def edit(client: Client, cast: Cast, user: ServiceUser, **changes: str) -> Any:
    """Save the dialog, and go where it leads."""
    done = client.post(url(cast, f"users/{user.pk}/person/"), person(**changes), headers=HTMX)
    return client.get(done.headers["HX-Redirect"])


def test_a_message_offers_undo_as_a_form_of_the_page_that_follows(cast: Cast) -> None:
    anna, client = cast.user(), cast.client(cast.bob)
    page = edit(client, cast, anna, surname="Bach")
    in_history, in_message = undo_of(page)
    assert in_history == url(cast, f"undo/entry/{AuditEntry.objects.latest('id').pk}/")
    here = f"http://testserver{url(cast, f'users/{anna.pk}/')}"
    answer = client.post(in_message, headers={"Referer": here})
    assert answer.url == url(cast, f"users/{anna.pk}/")
    assert ServiceUser.objects.get().surname == "Becker"
    page = client.get(answer.url)
    assert "Undone for Anna Becker." in page.content.decode()
    assert "undoing: Service user changed" in page.content.decode()
    assert len(undo_of(page)) == 1  # of the undoing itself, in the history; the message offers nothing


def test_a_message_for_a_part_of_a_page_carries_the_address(cast: Cast) -> None:
    anna, client = cast.user(ox=True), cast.client(cast.bob)
    change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
    entry = AuditEntry.objects.latest("id")
    answer = client.post(url(cast, f"undo/entry/{entry.pk}/"), headers=HTMX)
    assert answer.headers["HX-Redirect"] == url(cast, "users/")
    room = cast.resource("Blue room")
    ticked = {"resource": room.pk}
    part = client.post(url(cast, "ox/resources/remove/"), ticked, headers=HTMX)
    page = client.get(part.headers["HX-Redirect"])
    (undo,) = undo_of(page)
    assert ("Blue room was deleted." in page.content.decode(), client.post(undo).status_code) == (True, 302)
    assert Resource.objects.get().presence == "present"


def test_toasts_of_a_part_know_their_undo(cast: Cast, rf: Any) -> None:
    from django.contrib.messages import get_messages, success
    from django.contrib.sessions.backends.db import SessionStore

    from oxherd.panel.toasts import Messages, as_toast

    anna = cast.user()
    request = rf.post("/")
    request.session, request.request_id = SessionStore(), "a-click"
    request._messages = Messages(request)
    change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
    with tampering():
        AuditEntry.objects.filter(action="user:change").update(request_id="a-click")
    success(request, "Saved.")
    success(request, "And more.")
    assert [as_toast(message) for message in get_messages(request)] == [
        {"level": "success", "text": "Saved.", "undo": url(cast, "undo/a-click/")},
        {"level": "success", "text": "And more."},
    ]


def test_good_news_without_a_way_back_offers_none(cast: Cast) -> None:
    anna, client = cast.user(), cast.client(cast.bob)
    done = client.post(url(cast, f"users/{anna.pk}/photo/"), {"photo": picture_file()}, headers=HTMX)
    page = client.get(done.headers["HX-Redirect"])
    assert ("The photo was changed." in page.content.decode(), undo_of(page)) == (True, [])


def picture_file() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("me.png", picture(), "image/png")


def test_several_who_were_deleted_come_back_with_one_click(cast: Cast) -> None:
    anna, zoe = cast.user(ox=True), cast.user("Zoe Zander")
    client = cast.client(cast.bob)
    client.post(url(cast, "users/remove/"), {"user": [anna.pk, zoe.pk]})
    page = client.get(url(cast, "users/"))
    (undo,) = undo_of(page)
    client.post(undo)
    assert set(ServiceUser.objects.values_list("presence", flat=True)) == {"present"}
    assert "Undone for 2 entries." in client.get(url(cast, "users/")).content.decode()


def test_what_cannot_be_undone_any_more_is_told(cast: Cast) -> None:
    anna, client = cast.user(), cast.client(cast.bob)
    _, undo = undo_of(edit(client, cast, anna, surname="Bach"))
    change_user(actor=cast.system, user=anna, surname="Bauer")
    answer = client.post(undo)
    assert "Not undone. Anna Becker was changed since" in client.get(answer.url).content.decode()
    assert ServiceUser.objects.get().surname == "Bauer"


def test_the_history_offers_undo_where_it_is_possible(cast: Cast) -> None:
    anna = cast.user(ox=True)
    change_profile(actor=cast.actor(cast.bob), users=[anna], profile=cast.mail)
    page = cast.client(cast.bob).get(url(cast, f"users/{anna.pk}/"))
    assert len(undo_of(page)) == 1
    assert undo_of(cast.client(cast.dora).get(url(cast, f"users/{anna.pk}/"))) == []
    cast.client(cast.bob).post(undo_of(page)[0])
    assert OxAccount.objects.get().profile == cast.groupware
    again = cast.client(cast.bob).get(url(cast, f"users/{anna.pk}/"))
    assert ("(undone)" in again.content.decode(), len(undo_of(again))) == (True, 1)


def test_groups_and_resources_have_it_too(cast: Cast) -> None:
    anna, client = cast.user(ox=True), cast.client(cast.bob)
    group, room = cast.group("Sales", anna), cast.resource("Blue room", manager=anna)
    client.post(url(cast, f"users/{anna.pk}/groups/leave/"), {"group": group.pk})
    *_, leave = undo_of(client.get(url(cast, f"ox/groups/{group.pk}/")))
    client.post(leave)
    assert group.members.count() == 1
    fields = {"name": "Blue", "display_name": "Red", "address": "blue.room", "domain": "acme.test"}
    client.post(url(cast, f"ox/resources/{room.pk}/"), fields)
    *_, change = undo_of(client.get(url(cast, f"ox/resources/{room.pk}/")))
    client.post(change)
    room.refresh_from_db()
    assert (room.display_name, room.manager) == ("Blue room", anna)


def test_a_disabled_user_has_a_clock_and_undo(cast: Cast, settings: Any) -> None:
    settings.UNDO_SECONDS = 20
    anna, client = cast.user(ox=True), cast.client(cast.bob)
    dialog = client.get(url(cast, f"ox/users/disable/?user={anna.pk}"), headers=HTMX).content.decode()
    assert "You can undo this for 20 seconds, and no longer." in dialog
    disable_ox(actor=cast.actor(cast.bob), user=anna)
    page = client.get(url(cast, f"users/{anna.pk}/")).content.decode()
    assert "OX is being disabled." in page
    client.post(url(cast, f"undo/disable/{anna.pk}/"))
    assert OxAccount.objects.get().presence == "present"
    settings.UNDO_SECONDS = 0
    dialog = client.get(url(cast, f"ox/users/disable/?user={anna.pk}"), headers=HTMX).content.decode()
    assert "This cannot be undone." in dialog


@pytest.mark.parametrize("who", ["charlie", "dora", "rita"])
def test_who_may_not_change_may_not_undo(cast: Cast, who: str) -> None:
    anna = cast.user()
    change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
    entry = AuditEntry.objects.latest("id")
    client = cast.client(getattr(cast, who))
    expected = 404 if who == "charlie" else 403
    for rest in (f"undo/entry/{entry.pk}/", "undo/test/"):
        assert client.post(url(cast, rest)).status_code == expected
    assert client.post(url(cast, "undo/nothing/")).status_code == 404
    assert client.get(url(cast, "undo/test/")).status_code in {404, 405}
    assert ServiceUser.objects.get().surname == "Bach"


def test_another_tenants_entry_is_not_found(cast: Cast) -> None:
    gina = cast.user("Gina", tenant=cast.globex)
    change_user(actor=cast.system, user=gina, surname="Bach")
    entry = AuditEntry.objects.latest("id")
    assert cast.client(cast.bob).post(url(cast, f"undo/entry/{entry.pk}/")).status_code == 404
    assert cast.client(cast.alice).post(url(cast, f"undo/entry/{entry.pk}/")).status_code == 404  # not of Acme
    assert ServiceUser.objects.get().surname == "Bach"


def test_undo_returns_to_no_foreign_page(cast: Cast) -> None:
    anna, client = cast.user(), cast.client(cast.bob)
    for referrer in ("http://evil.test/t/1/users/", "http://testserver/customers/", ""):
        change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
        entry = AuditEntry.objects.latest("id")
        answer = client.post(url(cast, f"undo/entry/{entry.pk}/"), headers={"Referer": referrer})
        assert answer.url == url(cast, "users/")


def test_a_removal_of_somebody_elses_click_is_undone_in_the_history_of_the_removed(cast: Cast) -> None:
    anna = cast.user(ox=True)
    remove_user(actor=cast.actor(cast.alice), user=anna)
    page = cast.client(cast.bob).get(url(cast, f"users/{anna.pk}/"))
    (undo,) = undo_of(page)
    cast.client(cast.bob).post(undo)
    assert ServiceUser.objects.get().presence == "present"
