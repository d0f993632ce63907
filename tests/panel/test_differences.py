"""OX Service > Differences: the list, a new comparison, and repairs either way."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.cast import Cast

from oxherd.drift.models import Comparison, Difference, RepairOrder
from oxherd.people.models import OxAccount
from oxherd.people.search import search_text
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.models import Tenant

HTMX = {"HTTP_HX_REQUEST": "true"}
SURNAME = {"here": {"surname": "Becker"}, "there": {"surname": "Other"}, "held": {"surname": "Other"}}


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def url(cast: Cast, *more: str) -> str:
    return f"/t/{cast.acme.pk}/ox/differences/{''.join(f'{part}/' for part in more)}"


def compared(cast: Cast, tenant: Tenant | None = None, *rows: dict[str, Any]) -> Comparison:
    """A comparison that came to its end with these differences."""
    tenant = tenant or cast.acme
    counts = {"user": {"different": len(rows)}} if rows else {}
    done = Comparison.objects.create(tenant=tenant, state="done", finished_at=timezone.now(), compared=7, counts=counts)
    done.requested_by = "Alice"
    done.save()
    for row in rows:
        wanted = {"object_kind": "user", "kind": "different", **row}
        text = search_text(tenant.pk, [wanted["name"]], [])
        Difference.objects.create(comparison=done, sort_name=wanted["name"].lower(), search_text=text, **wanted)
    Tenant.objects.filter(pk=tenant.pk).update(differences=len(rows), compared_at=timezone.now())
    return done


def of_user(user: Any, **more: Any) -> dict[str, Any]:
    return {"name": user.display_name, "subject_id": user.pk, "ox_id": 3, **SURNAME, **more}


def test_a_customer_who_was_never_compared_is_told_so(cast: Cast, bob: Client) -> None:
    page = bob.get(url(cast))
    assert page.status_code == 200
    assert b"Not compared yet" in page.content
    assert b"Compare now" in page.content


def test_agreement_is_told_with_its_time(cast: Cast, bob: Client) -> None:
    compared(cast)
    page = bob.get(url(cast))
    assert b"Panel and OX agree" in page.content
    assert b"7 looked at" in page.content


def test_what_differs_is_shown_with_both_values_and_counted_in_the_tab(cast: Cast, bob: Client) -> None:
    anna = cast.user(ox=True)
    compared(cast, None, of_user(anna))
    page = bob.get(url(cast))
    (row,) = page.context["rows"]
    assert [(change.label, change.here, change.there) for change in row.changes] == [("Surname", "Becker", "Other")]
    assert f"/t/{cast.acme.pk}/users/{anna.pk}/" in page.content.decode()
    assert '<span class="tab-count">1</span>' in bob.get(f"/t/{cast.acme.pk}/ox/users/").content.decode()


def test_the_list_is_searched_and_filtered(cast: Cast, bob: Client) -> None:
    compared(
        cast, None, {"name": "Anna"}, {"name": "Bert", "kind": "missing"}, {"name": "Sales", "object_kind": "group"}
    )
    names = {
        query: [row.difference.name for row in bob.get(url(cast) + query).context["rows"]]
        for query in ("", "?q=ann", "?kind=missing", "?object=group", "?object=group&kind=missing")
    }
    assert names == {
        "": ["Anna", "Bert", "Sales"],
        "?q=ann": ["Anna"],
        "?kind=missing": ["Bert"],
        "?object=group": ["Sales"],
        "?object=group&kind=missing": [],
    }


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long(
    cast: Cast, bob: Client, number: int, django_assert_num_queries: Any
) -> None:
    compared(cast, None, *({"name": f"User {index}", **SURNAME} for index in range(number)))
    with django_assert_num_queries(11):
        bob.get(url(cast))


def test_a_comparison_is_asked_for_once_and_the_page_asks_how_it_stands(cast: Cast, bob: Client) -> None:
    for _ in range(2):
        answer = bob.post(url(cast, "compare"), {"deep": "yes"}, **HTMX)
        assert b"The comparison begins as soon as a worker is free." in answer.content
    comparison = Comparison.objects.get()
    assert (comparison.is_deep, comparison.requested_by) == (True, "Bob")
    assert bob.get(url(cast, "state"), **HTMX).status_code == 200
    Comparison.objects.update(state="done", finished_at=timezone.now())
    assert bob.get(url(cast, "state"), **HTMX).headers["HX-Redirect"] == url(cast)


def test_a_failed_comparison_says_why(cast: Cast, bob: Client) -> None:
    compared(cast)
    Comparison.objects.create(tenant=cast.acme, state="failed", sentence="The platform cannot be reached.")
    page = bob.get(url(cast))
    assert b"The last comparison failed." in page.content
    assert b"The platform cannot be reached." in page.content


def test_what_differs_is_sent_at_once(cast: Cast, bob: Client) -> None:
    anna = cast.user(ox=True)
    compared(cast, None, of_user(anna))
    difference = Difference.objects.get()
    answer = bob.post(url(cast, "repair", "to_ox"), {"difference": difference.pk}, follow=True)
    assert "is on its way to OX for Anna Becker." in answer.content.decode()
    difference.refresh_from_db()
    assert (difference.repair, difference.job_kind) == ("to_ox", "account")
    assert OxAccount.objects.get().applied == {"surname": "Other"}
    (row,) = answer.context["rows"]
    assert (row.repair.word, row.busy) == ("Waiting", True)
    part = bob.get(url(cast, "progress") + f"?ids={difference.pk}", **HTMX).content.decode()
    assert f'id="acts-{difference.pk}"' in part


def test_a_refused_repair_is_told_in_its_row(cast: Cast, bob: Client) -> None:
    anna = cast.user(ox=True)
    locked = {"here": {"mail_enabled": True}, "there": {"mail_enabled": False}, "held": {"mail_enabled": False}}
    compared(cast, None, of_user(anna, **locked))
    answer = bob.post(url(cast, "repair", "from_ox"), {"difference": Difference.objects.get().pk}, follow=True)
    (row,) = answer.context["rows"]
    assert row.difference.refusal.startswith("Anna Becker is locked in OX")
    assert row.difference.refusal in answer.content.decode()


def test_a_stranger_is_deleted_only_when_the_name_was_typed(cast: Cast, bob: Client) -> None:
    compared(cast, None, {"name": "Eve", "kind": "stranger", "ox_id": 9, "held": {"name": "eve"}})
    wish = {"difference": Difference.objects.get().pk}
    shown = bob.get(url(cast, "repair", "to_ox"), wish).content.decode()
    assert "1 user of OX only: deleted there, with calendar, contacts and files." in shown
    wrong = bob.post(url(cast, "repair", "to_ox"), {**wish, "typed": "Adam"})
    assert (wrong.status_code, SyncJob.objects.filter(subject_kind="stranger").count()) == (422, 0)
    assert "Type Eve to confirm." in wrong.content.decode()
    assert bob.post(url(cast, "repair", "to_ox"), {**wish, "typed": "eve"}).status_code == 302
    assert SyncJob.objects.filter(subject_kind="stranger").count() == 1


def test_all_that_match_are_repaired_in_the_background_after_a_look(cast: Cast, bob: Client) -> None:
    rows = [{"name": f"User {index}", **SURNAME} for index in range(60)]
    done = compared(cast, None, *rows, {"name": "Bert", "kind": "missing"})
    wish = {"all": "yes", "kind": "different", "comparison": done.pk}
    shown = bob.get(url(cast, "repair", "to_ox"), wish).content.decode()
    assert "60 users get the values of the panel in OX." in shown
    assert "and 10 more" in shown
    answer = bob.post(url(cast, "repair", "to_ox"), wish, follow=True)
    assert "60 differences are being repaired." in answer.content.decode()
    assert RepairOrder.objects.get().differences.count() == 60


def test_nothing_chosen_and_an_older_list_are_told(cast: Cast, bob: Client) -> None:
    done = compared(cast, None, {"name": "Anna", **SURNAME})
    nothing = bob.get(url(cast, "repair", "to_ox"), **HTMX)
    assert (nothing.status_code, nothing.content.decode()[:26]) == (422, "Tick the differences for t")
    older = bob.get(url(cast, "repair", "to_ox"), {"all": "yes", "comparison": done.pk - 1}, **HTMX)
    assert (older.status_code, "new comparison meanwhile" in older.content.decode()) == (422, True)
    assert bob.get(url(cast, "repair", "sideways")).status_code == 404


def test_the_picture_of_ox_is_shown(cast: Cast, bob: Client) -> None:
    compared(cast, None, {"name": "Anna", "photo": b"\xff\xd8"}, {"name": "Bert"})
    anna, bert = Difference.objects.order_by("pk")
    answer = bob.get(url(cast, str(anna.pk), "photo"))
    assert (answer.content, answer.headers["Content-Type"]) == (b"\xff\xd8", "image/jpeg")
    assert bob.get(url(cast, str(bert.pk), "photo")).status_code == 404


def test_who_may_only_look_sees_no_buttons_and_repairs_nothing(cast: Cast) -> None:
    compared(cast, None, {"name": "Anna", **SURNAME})
    for administrator in (cast.dora, cast.rita):
        client = cast.client(administrator)
        page = client.get(url(cast)).content.decode()
        assert "Anna" in page
        assert "Compare now" not in page
        assert "Send to OX" not in page
        assert client.post(url(cast, "compare")).status_code == 403
        wish = {"difference": Difference.objects.get().pk}
        assert client.post(url(cast, "repair", "to_ox"), wish).status_code == 403


def test_a_stranger_to_the_customer_finds_nothing(cast: Cast) -> None:
    compared(cast, None, {"name": "Anna", "photo": b"\xff\xd8", **SURNAME})
    compared(cast, cast.globex, {"name": "Gerd", **SURNAME})
    charlie = cast.client(cast.charlie)
    pk = Difference.objects.get(name="Anna").pk
    for parts in ((), ("state",), ("progress",), ("repair", "to_ox"), (str(pk), "photo")):
        assert charlie.get(url(cast, *parts)).status_code == 404
    own = f"/t/{cast.globex.pk}/ox/differences/repair/to_ox/"
    assert charlie.post(own, {"difference": pk}).status_code == 422
    assert Difference.objects.get(pk=pk).repair == ""


def test_what_was_taken_from_ox_is_undone_like_any_change(cast: Cast, bob: Client) -> None:
    anna = cast.user(ox=True)
    compared(cast, None, of_user(anna))
    wish = {"difference": Difference.objects.get().pk}
    told = "For a day, Undo in the history of each brings the values of the panel back, and sends them to OX."
    assert told in bob.get(url(cast, "repair", "from_ox"), wish).content.decode()
    page = bob.post(url(cast, "repair", "from_ox"), wish, follow=True).content.decode()
    anna.refresh_from_db()
    assert anna.surname == "Other"
    (undo,) = re.findall(rf'action="(/t/{cast.acme.pk}/undo/[^"]+)"', page)
    bob.post(undo)
    anna.refresh_from_db()
    assert (anna.surname, SyncJob.objects.latest("pk").state) == ("Becker", "waiting")


def test_what_has_no_way_back_says_so(cast: Cast, bob: Client) -> None:
    done = compared(cast, None, of_user(cast.user(ox=True)), {"name": "Eve", "kind": "stranger", "ox_id": 9})
    everything = {"difference": list(done.differences.values_list("pk", flat=True))}
    assert "no Undo" not in bob.get(url(cast, "repair", "to_ox"), everything).content.decode()  # and more
    assert "For the rest there is no Undo." in bob.get(url(cast, "repair", "from_ox"), everything).content.decode()
    anna, eve = ({"difference": pk} for pk in everything["difference"])
    assert "not kept anywhere, so there is no Undo." in bob.get(url(cast, "repair", "to_ox"), anna).content.decode()
    assert "There is no Undo for this." in bob.get(url(cast, "repair", "from_ox"), eve).content.decode()
    assert "cannot be brought back" in bob.get(url(cast, "repair", "to_ox"), eve).content.decode()
