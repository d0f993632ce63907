"""The page of a user as he or she was."""

import pytest
from tests.cast import Cast
from tests.rows import last_entry

from oxherd.audit.models import AuditEntry
from oxherd.panel.user_history import point
from oxherd.people.commands import change_user
from oxherd.people.models import ServiceUser


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    anna = cast.user("Anna Becker", ox=True)
    change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
    return anna


def url(cast: Cast, user: ServiceUser, query: str = "") -> str:
    return f"/t/{cast.acme.pk}/users/{user.pk}/history/{query}"


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_point_of_the_timeline_shows_the_user_as_then(cast: Cast, anna: ServiceUser) -> None:
    client = cast.client(cast.bob)
    (newest, now), (_, then) = client.get(url(cast, anna)).context["timeline"]
    assert newest.what == "Service user changed"
    lines = {word: _lines(client.get(url(cast, anna), {"on": at})) for word, at in (("now", now), ("then", then))}
    assert (lines["now"]["Surname"], lines["then"]["Surname"]) == (("Bach", "Bob"), ("Becker", "Tests"))
    assert lines["then"]["Profile"] == ("Groupware", "Tests")
    assert "As it was on a day" in text(client.get(f"/t/{cast.acme.pk}/users/{anna.pk}/"))


def _lines(page) -> dict[str, tuple[str, str]]:
    return {line.label: (line.value, line.by.actor if line.by else "") for line in page.context["lines"]}


def test_two_points_are_compared(cast: Cast, anna: ServiceUser) -> None:
    earlier = AuditEntry.objects.get(action="user:add").at.isoformat()
    page = cast.client(cast.bob).get(url(cast, anna), {"on": last_entry().at.isoformat(), "with": earlier})
    differing = [(line.label, line.value, line.other) for line in page.context["lines"] if line.differs]
    assert differing == [("Surname", "Bach", "Becker")]
    assert "Surname <span" in text(page)


def test_before_there_was_anybody_the_page_says_so(cast: Cast, anna: ServiceUser) -> None:
    page = cast.client(cast.bob).get(url(cast, anna, "?on=2001-01-01"))
    assert (page.context["lines"], "was added only later" in text(page)) == ([], True)


@pytest.mark.parametrize("nonsense", ["", "yesterday", "2026-13-01", "2026-01-01T00:00:00"])
def test_what_is_no_point_in_time_is_now(cast: Cast, anna: ServiceUser, nonsense: str) -> None:
    assert point(nonsense) is None
    assert _lines(cast.client(cast.rita).get(url(cast, anna), {"on": nonsense}))["Surname"] == ("Bach", "Bob")


def test_the_stranger_finds_nothing(cast: Cast, anna: ServiceUser) -> None:
    assert cast.client(cast.charlie).get(url(cast, anna)).status_code == 404
