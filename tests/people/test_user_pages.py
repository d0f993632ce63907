"""Pages by keyset: all rows once, in order, however they tie, forwards and backwards."""

from datetime import UTC, datetime, timedelta

import pytest

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.models import Domain
from oxherd.keyset import page
from oxherd.people.models import ServiceUser
from oxherd.people.queries import found, shown
from oxherd.people.search import name_key, search_text

ME = system("Tests", Door.CLI)
ORDERS = {"name": "sort_name", "login": "login", "newest": "-created_at"}
# Many ties, and names on both sides of every border of letters.
NAMES = ["Zoe", "anna", "Anna", "Ánna", "Bert", "bert", "B ert", "Öl", "Oskar", "ßen", "Ssen", "Zoe"] * 3


@pytest.fixture
def crowd(cast):
    domain = Domain.objects.get(name="acme.test")
    rows = [
        ServiceUser(
            tenant=cast.acme,
            domain=domain,
            display_name=name,
            sort_name=name_key(name),
            given_name=name,
            surname=name,
            login=f"{(7 * number) % len(NAMES):02}@acme.test",
            search_text=search_text(cast.acme.pk, [name], []),
        )
        for number, name in enumerate(NAMES)
    ]
    made = ServiceUser.objects.bulk_create(rows)
    for number, user in enumerate(made):
        user.created_at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number % 5)
    ServiceUser.objects.bulk_update(made, ["created_at"])
    cast.user("Anna", tenant=cast.globex)
    return cast


def key(user, order):
    return getattr(user, ORDERS[order].lstrip("-")), user.pk


def walk(users, order, size, *, backwards=False):
    """All pages one after the other."""
    pages, after, more = [], None, True
    while more:
        rows, more = page(users, order=ORDERS[order], after=after, backwards=backwards, size=size)
        pages.append([user.pk for user in rows])
        after = key(rows[0 if backwards else -1], order)
    return pages[::-1] if backwards else pages


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("size", [1, 4, 5, 35, 36, 50])
@pytest.mark.parametrize("order", ORDERS)
def test_all_rows_come_once_and_in_order(crowd, order, size, backwards):
    users = found(ME, crowd.acme)
    expected = sorted(users, key=lambda user: key(user, order), reverse=order == "newest")
    pages = walk(users, order, size, backwards=backwards)
    assert [pk for rows in pages for pk in rows] == [user.pk for user in expected]
    assert {len(rows) for rows in pages[1:-1]} <= {size}


@pytest.mark.parametrize("order", ORDERS)
def test_back_from_a_page_is_the_page_before(crowd, order):
    users = found(ME, crowd.acme)
    first, _ = page(users, order=ORDERS[order], after=None, size=10)
    second, _ = page(users, order=ORDERS[order], after=key(first[-1], order), size=10)
    back, more = page(users, order=ORDERS[order], after=key(second[0], order), backwards=True, size=10)
    assert (back, more) == (first, False)


def test_pages_of_a_search_hold_what_was_found(crowd):
    users = found(ME, crowd.acme, text="anna")
    assert sum(len(rows) for rows in walk(users, "name", 4)) == 9


def test_a_row_that_is_gone_is_still_a_place_to_go_on_from(crowd):
    users = found(ME, crowd.acme)
    first, _ = page(users, order="sort_name", after=None, size=10)
    expected, _ = page(users, order="sort_name", after=key(first[-1], "name"), size=10)
    place = key(first[-1], "name")
    first[-1].delete()
    assert page(users, order="sort_name", after=place, size=10)[0] == expected


def test_nothing_found_is_one_empty_page(crowd):
    assert page(found(ME, crowd.acme, text="nobody"), order="sort_name", after=None) == ([], False)


@pytest.mark.parametrize("size", [1, 30])
def test_a_page_costs_two_queries_however_long_it_is(crowd, size, django_assert_num_queries):
    with django_assert_num_queries(2):
        rows, _ = page(shown(found(ME, crowd.acme)), order="sort_name", after=None, size=size)
        assert [(user.domain.name, list(user.addresses.all())) for user in rows] == [("acme.test", [])] * size
