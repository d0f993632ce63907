"""The audit in the panel: the list, one entry, and the export."""

import json
import re

import pytest
from tests.cast import Cast
from tests.rows import last_entry

from oxherd.audit.chain_commands import seal_waiting
from oxherd.audit.models import AuditEntry
from oxherd.panel import paging
from oxherd.people.commands import change_user
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user


def url(cast: Cast, rest: str = "") -> str:
    return f"/t/{cast.acme.pk}/audit/{rest}"


def told(answer) -> list[tuple[str, str]]:
    """The rows as (what, about whom)."""
    pattern = r'class="person-name"[^>]*>([^<]+)</a>\s*<span class="person-sub">([^<]+)<'
    return re.findall(pattern, answer.content.decode())


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """Somebody whose surname Bob has changed."""
    anna = cast.user("Anna Becker", ox=True)
    change_user(actor=cast.actor(cast.bob), user=anna, surname="Bach")
    return anna


def test_the_customer_sees_what_was_done_newest_first(cast: Cast, anna: ServiceUser) -> None:
    page = cast.client(cast.bob).get(url(cast))
    assert told(page)[:2] == [("Service user changed", "Anna Becker"), ("Service user added", "Anna Becker")]
    text = page.content.decode()
    assert ("<del>Becker</del>" in text, "<ins>Bach</ins>" in text, 'aria-current="page"' in text) == (True,) * 3
    oldest = cast.client(cast.bob).get(url(cast, "?sort=oldest"))
    assert told(oldest)[0] == ("Customer added", "Acme")


def test_the_provider_sees_all_customers_with_their_names(cast: Cast, anna: ServiceUser) -> None:
    page = cast.client(cast.alice).get("/audit/")
    rows = told(page)
    assert (("Customer added", "Globex") in rows, ("Brand added", "Sunrise") in rows) == (True, True)
    assert re.findall(r'class="audit-place">([^<]+)<', page.content.decode())[:2] == ["Acme", "Acme"]
    entry = cast.client(cast.alice).get(f"/audit/{last_entry().pk}/").content.decode()
    assert f'<a href="{url(cast)}">Acme</a>' in entry


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("q=anna", 2),
        ("q=anna&who=Bob", 1),
        ("kind=serviceuser&action=user:add", 1),
        ("kind=nonsense&action=user:change&from=yesterday", 1),
        ("who=Nobody", 0),
        ("q=anna&from=2199-01-01", 0),
        ("to=2000-01-01", 0),
    ],
)
def test_filters_are_in_the_address(cast: Cast, anna: ServiceUser, query: str, rows: int) -> None:
    page = cast.client(cast.bob).get(url(cast, f"?{query}"))
    assert len(told(page)) == rows
    assert ("No entry found" in page.content.decode()) == (rows == 0)


def test_pages_go_on_where_the_last_ended(cast: Cast) -> None:
    for number in range(paging.SIZE + 2):
        cast.user(f"User {number:02}")
    client = cast.client(cast.bob)
    first = client.get(url(cast, "?kind=serviceuser"))
    second = client.get(first.context["page"].next_url)
    assert [name for _, name in told(second)] == ["User 01", "User 00"]
    assert told(client.get(second.context["page"].previous_url)) == told(first)


def test_the_lists_cost_the_same_queries_however_much_was_done(cast: Cast, django_assert_num_queries) -> None:
    bob, alice = cast.client(cast.bob), cast.client(cast.alice)
    for number in range(2):
        for each in range(1 + 4 * number):
            cast.user(f"User {number} {each}")
        # Session, administrator, roles; tenant; count and page; who has done anything; outage, the tenant's job.
        with django_assert_num_queries(OF_TENANT):
            bob.get(url(cast))
        # Without the last two, but with the customers' names.
        with django_assert_num_queries(OF_PROVIDER):
            alice.get("/audit/")


OF_TENANT, OF_PROVIDER = 9, 7


def test_one_entry_shows_before_and_after_side_by_side(cast: Cast, anna: ServiceUser) -> None:
    client, entry = cast.client(cast.bob), last_entry()
    page = client.get(url(cast, f"{entry.pk}/"))
    text = " ".join(page.content.decode().split())
    assert '<th scope="row">Surname</th> <td>Becker</td> <td>Bach</td>' in text
    assert (f'href="/t/{cast.acme.pk}/users/{anna.pk}/"' in text, "Within seconds" in text) == (True, True)
    assert [job.subject for job in page.context["jobs"]] == [f"account:{anna.account.pk}"]
    seal_waiting(100)
    assert "Within seconds" not in client.get(url(cast, f"{entry.pk}/")).content.decode()


def test_the_rest_of_the_act_is_shown_and_what_was_taken_back(cast: Cast, anna: ServiceUser) -> None:
    client = cast.client(cast.bob)
    done, other = last_entry(), AuditEntry.objects.get(action="user:add")
    undo = client.get(url(cast, f"{done.pk}/")).context["undo_url"]
    assert undo == f"/t/{cast.acme.pk}/undo/entry/{done.pk}/"
    answer = client.post(undo, headers={"Referer": f"http://testserver{url(cast, f'{done.pk}/')}"})
    assert answer.url == url(cast, f"{done.pk}/")
    page = client.get(answer.url)
    assert (page.context["undo_url"], "taken back later" in page.content.decode()) == ("", True)
    back = client.get(url(cast, f"{last_entry().pk}/"))
    assert back.context["took_back"] == (done, url(cast, f"{done.pk}/"))
    assert client.get(url(cast, f"{other.pk}/")).context["undo_url"] == ""


def test_what_one_click_did_stands_together(cast: Cast) -> None:
    users = [cast.user(name) for name in ("Anna Becker", "Bert Conrad")]
    for user in users:
        remove_user(actor=cast.actor(cast.bob), user=user)  # the cast's requests all have the same id
    page = cast.client(cast.bob).get(url(cast, f"{last_entry().pk}/"))
    assert [each.subject_name for each, _ in page.context["others"]] == ["Anna Becker"]


def test_what_is_gone_has_no_link(cast: Cast, anna: ServiceUser) -> None:
    entry = last_entry()
    anna.delete()
    assert cast.client(cast.bob).get(url(cast, f"{entry.pk}/")).context["object_url"] == ""


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_found_is_exported_and_that_is_told(cast: Cast, anna: ServiceUser, form: str) -> None:
    client = cast.client(cast.bob)
    address = dict(client.get(url(cast, "?q=anna&who=Bob")).context["exports"])
    answer = client.get(address[{"csv": "CSV", "jsonl": "JSON lines"}[form]])
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode()
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    assert len(text.splitlines()) == (2 if form == "csv" else 1)
    if form == "jsonl":
        assert json.loads(text)["after"] == {"surname": "Bach"}
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id) == ("audit:export", "Bob", cast.acme.pk)
    assert entry.after == {"text": "anna", "who": "Bob", "form": form}


def test_the_provider_exports_all(cast: Cast) -> None:
    answer = cast.client(cast.alice).get("/audit/export/jsonl/?kind=brand")
    (line,) = b"".join(answer.streaming_content).decode().splitlines()
    assert json.loads(line)["subject_name"] == "Sunrise"
    assert (last_entry().subject_kind, last_entry().tenant_id) == ("installation", None)
    assert cast.client(cast.alice).get("/audit/export/xlsx/").status_code == 404


def test_who_may_not_look_at_the_audit_is_told_so(cast: Cast, anna: ServiceUser) -> None:
    dora, pk = cast.client(cast.dora), last_entry().pk
    for address in (url(cast), url(cast, f"{pk}/"), url(cast, "export/csv/"), "/audit/", f"/audit/{pk}/"):
        assert dora.get(address).status_code == 403
    assert url(cast) not in dora.get(f"/t/{cast.acme.pk}/users/").content.decode()


def test_the_stranger_finds_nothing(cast: Cast, anna: ServiceUser) -> None:
    charlie, pk = cast.client(cast.charlie), last_entry().pk
    for address in (url(cast), url(cast, f"{pk}/"), url(cast, "export/csv/"), f"/audit/{pk}/"):
        assert charlie.get(address).status_code == 404
    assert charlie.get(f"/t/{cast.globex.pk}/audit/{pk}/").status_code == 404
    assert [name for _, name in told(charlie.get("/audit/"))] == ["globex.test", "Globex"]
    text = b"".join(charlie.get("/audit/export/csv/").streaming_content).decode()
    assert ("Globex" in text, "Acme" in text) == (True, False)
