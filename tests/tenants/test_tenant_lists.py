import pytest

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.keyset import counted, page
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.queries import found

ME = system("Tests", Door.CLI)


@pytest.fixture
def many(cast):
    for name in ("acme", "Initech", "ACME", "Bücher & Co", "acme"):
        add_tenant(actor=ME, brand=cast.brand, name=name)
    return cast


def walk(tenants, size, *, backwards=False):
    """All pages one after the other."""
    rows, after, more = [], None, True
    while more:
        part, more = page(tenants, order="folded_name", after=after, backwards=backwards, size=size)
        rows = part + rows if backwards else rows + part
        edge = part[0 if backwards else -1]
        after = (edge.folded_name, edge.pk)
    return [tenant.pk for tenant in rows]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_all_tenants_come_once_and_in_order(many, size, backwards):
    expected = sorted(found(ME), key=lambda tenant: (tenant.folded_name, tenant.pk))
    assert walk(found(ME), size, backwards=backwards) == [tenant.pk for tenant in expected]


def test_tenants_are_found_by_part_of_a_name_in_any_case(many):
    assert [tenant.name for tenant in found(ME, "bücher")] == ["Bücher & Co"]
    assert sorted(tenant.name for tenant in found(ME, "CME")) == ["ACME", "Acme", "acme", "acme"]
    assert [tenant.name for tenant in found(many.actor(many.charlie), "acm")] == []


@pytest.mark.parametrize("text", ["%", "_", "'", "\\", "\x00", "a" * 10_000])
def test_whatever_is_typed_is_no_error(many, text):
    assert found(ME, text).count() == (7 if text == "\x00" else 0)


def test_a_count_stops_where_it_would_cost_too_much(many):
    assert (counted(found(ME), most=6), counted(found(ME), most=7)) == ((6, True), (7, False))
