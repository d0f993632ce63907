"""Customers > Usage: seats and quotas for the bill."""

import csv
import io

import pytest
from tests.cast import Cast

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.brands.commands import add_brand
from oxherd.profiles.commands import add_profile, change_profile
from oxherd.tenants.commands import add_tenant, change_tenant


@pytest.fixture
def alice(cast):
    return cast.client(cast.alice)


def shown(answer) -> list[tuple[str, str, int, int | None]]:
    return [(str(row.tenant), str(row.profile), row.used, row.number) for row in answer.context["page"].rows]


def exported(client, query="") -> list[list[str]]:
    answer = client.get(f"/customers/usage/export/{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))


def test_each_customer_stands_with_each_profile(cast: Cast, alice) -> None:
    cast.user("Anna Becker", ox=True)
    answer = alice.get("/customers/usage/")
    assert shown(answer) == [
        ("Acme", "Mail", 0, 10),
        ("Acme", "Groupware", 1, None),
        ("Globex", "Mail", 0, 10),
        ("Globex", "Groupware", 0, None),
    ]
    totals = [
        (each.profile, each.customers, each.used, each.bought, each.unlimited) for each in answer.context["totals"]
    ]
    assert totals == [("Groupware", 2, 1, 0, 2), ("Mail", 2, 0, 20, 0)]
    assert shown(alice.get("/customers/usage/?q=glob&state=active")) == [
        ("Globex", "Mail", 0, 10),
        ("Globex", "Groupware", 0, None),
    ]
    assert shown(alice.get("/customers/usage/?state=suspended")) == []


def test_the_list_is_taken_along_as_csv(cast: Cast, alice) -> None:
    change_profile(actor=cast.system, profile=cast.mail, price_label="=2 EUR")
    change_tenant(actor=cast.system, tenant=cast.acme, name="+Acme")
    rows = exported(alice)
    assert rows[0][:2] == ["brand", "customer"]
    context = [str(cast.acme.context_id), cast.acme.context_name]
    assert rows[1] == ["Sunrise", "'+Acme", "active", *context, "Mail", "'=2 EUR", "10", "0", "", ""]
    assert rows[2][-4:] == ["", "0", "5000", "1000"]
    assert [row[1] for row in exported(alice, "?q=globex")[1:]] == ["Globex", "Globex"]


def test_it_costs_the_same_for_any_number(cast: Cast, alice, django_assert_num_queries) -> None:
    # Session, administrator, roles, brands three times; count, rows; totals, and their profiles.
    with django_assert_num_queries(10):
        alice.get("/customers/usage/")
    for number in range(3):
        add_tenant(actor=cast.system, brand=cast.brand, name=f"More {number}", seats={cast.mail: 1})
    with django_assert_num_queries(10):
        alice.get("/customers/usage/")
    assert len(exported(alice)) == 8


def test_pages_show_each_row_once(cast: Cast, alice) -> None:
    for number in range(30):
        add_tenant(actor=cast.system, brand=cast.brand, name="Same", seats={cast.mail: 1, cast.groupware: number})
    first = alice.get("/customers/usage/")
    second = alice.get(first.context["page"].next_url)
    rows = [row.pk for answer in (first, second) for row in answer.context["page"].rows]
    assert (len(rows), len(set(rows))) == (64, 64)
    back = alice.get(second.context["page"].previous_url)
    assert shown(back) == shown(first)


def test_a_reseller_sees_own_brands_and_customers_see_nothing(cast: Cast, alice) -> None:
    other = add_brand(actor=cast.system, name="Aurora", api_url="http://127.0.0.1:9", username="x", password="y")
    gold = add_profile(actor=cast.system, brand=other, name="Gold", access_combination="all")
    add_tenant(actor=cast.system, brand=other, name="Initech", seats={gold: 1})
    assert [row[0] for row in shown(alice.get(f"/customers/usage/?brand={other.pk}"))] == ["Initech"]
    grant(cast.dora, Role.RESELLER, brand=other)
    client = cast.client(cast.dora)
    assert shown(client.get("/customers/usage/")) == [("Initech", "Gold", 0, 1)]
    assert [row[1] for row in exported(client)[1:]] == ["Initech"]
    for who in (cast.bob, cast.charlie, cast.rita):
        urls = ("/customers/usage/", "/customers/usage/export/")
        assert [cast.client(who).get(url).status_code for url in urls] == [404, 404]
