"""Addresses of elsewhere in a group, and who may write to it: where we carry the brand's mail."""

import pytest
from tests.cast import Cast
from tests.rows import everything, last_entry, refused, waiting

from oxherd.audit.models import AuditEntry
from oxherd.brands.models import Brand
from oxherd.groups.commands import add_group, change_group, describe, remove_group, restore_group
from oxherd.groups.models import Group, OutsideMember
from oxherd.groups.outside import outside_of
from oxherd.groups.queries import found
from oxherd.undo.commands import undo


@pytest.fixture
def cast(cast: Cast) -> Cast:
    Brand.objects.update(carries_mail=True)
    for tenant in (cast.acme, cast.globex):
        tenant.refresh_from_db()
    return cast


def sales(cast: Cast, *outside: str, senders: str | None = None) -> Group:
    return add_group(
        actor=cast.actor(cast.bob),
        tenant=cast.acme,
        display_name="Sales",
        address="sales@acme.test",
        outside=outside,
        senders=senders,
    )


def test_a_group_is_added_with_addresses_of_elsewhere(cast: Cast) -> None:
    group = sales(cast, "Press@Bücher.test", "ines@globex.test", "press@bücher.test", senders="inside")
    assert outside_of(group) == ["ines@globex.test", "press@xn--bcher-kva.test"]
    assert last_entry().after == {
        "display_name": "Sales",
        "name": "Sales",
        "address": "sales@acme.test",
        "outside": ["ines@globex.test", "press@xn--bcher-kva.test"],
        "senders": "inside",
        "members": [],
    }
    assert list(found(cast.system, cast.acme, text="bücher")) == [group]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("press", "“press” is not an address."),
        ("a@b", "“a@b”: “b” is not a complete domain name, such as example.com."),
        (
            "nobody@acme.test",
            "nobody@acme.test is of your own domain and nobody's address. Add the user first, then as a member.",
        ),
        (
            "anna.becker@ACME.test",
            "anna.becker@acme.test is the address of Anna Becker. Choose that user among the members instead.",
        ),
        (
            "info@acme.test",
            "info@acme.test is the address of a forwarder of your own. Choose the users behind it as members instead.",
        ),
    ],
)
def test_what_is_no_address_of_elsewhere_is_told_with_what_to_do(cast: Cast, typed: str, sentence: str) -> None:
    cast.user(ox=True)
    cast.forwarder()
    with refused("outside") as caught:
        sales(cast, "press@agency.test", typed)
    assert caught.value.sentence == sentence


def test_only_the_first_of_many_mistakes_are_told(cast: Cast) -> None:
    with refused("outside") as caught:
        sales(cast, *(f"x{number}" for number in range(8)))
    assert caught.value.sentence.endswith("“x4” is not an address. And 3 more.")


def test_a_group_takes_five_hundred(cast: Cast) -> None:
    many = [f"a{number}@agency.test" for number in range(501)]
    with refused("outside") as caught:
        sales(cast, *many)
    assert caught.value.sentence == ("A group takes 500 outside addresses at most, and here are 501. Remove some.")
    assert len(outside_of(sales(cast, *many[:500]))) == 500


def test_they_change_without_the_platform_and_the_change_is_taken_back(cast: Cast) -> None:
    group = sales(cast, "press@agency.test")
    change_group(actor=cast.system, group=group, outside=["news@agency.test"], senders="inside")
    entry = last_entry()
    assert (entry.before, entry.after) == (
        {"outside": ["press@agency.test"], "senders": "anyone"},
        {"outside": ["news@agency.test"], "senders": "inside"},
    )
    assert len(waiting(f"group:{group.pk}")) == 1  # of when it was added
    assert list(found(cast.system, cast.acme, text="news")) == [group]
    undo(actor=cast.system, entry=entry)
    group.refresh_from_db()
    assert (outside_of(group), group.senders) == (["press@agency.test"], "anyone")
    with refused(None):
        undo(actor=cast.system, entry=entry)


def test_an_undo_keeps_what_others_have_changed_since(cast: Cast) -> None:
    group = sales(cast, "press@agency.test")
    change_group(actor=cast.system, group=group, outside=[])
    entry = last_entry()
    change_group(actor=cast.system, group=group, outside=["other@agency.test"])
    with refused(None):
        undo(actor=cast.system, entry=entry)
    assert outside_of(group) == ["other@agency.test"]


def test_what_stays_as_it_is_is_not_told(cast: Cast) -> None:
    group = sales(cast, "press@agency.test", senders="inside")
    before = everything()
    change_group(actor=cast.system, group=group, outside=["PRESS@agency.test"], senders="inside")
    change_group(actor=cast.system, group=group)
    assert everything() == before


def test_a_removed_group_comes_back_with_them(cast: Cast) -> None:
    group = sales(cast, "press@agency.test", senders="inside")
    remove_group(actor=cast.system, group=group)
    assert last_entry().before["outside"] == ["press@agency.test"]
    group = restore_group(actor=cast.system, group=group, address="sales@acme.test")
    told = {"address": "sales@acme.test", "outside": ["press@agency.test"], "senders": "inside"}
    assert {key: describe(group)[key] for key in told} == told
    assert {key: last_entry().after[key] for key in told} == told


@pytest.mark.parametrize("choice", ["everybody", ""])
def test_who_may_write_is_one_of_two(cast: Cast, choice: str) -> None:
    with refused("senders"):
        sales(cast, senders=choice)


def test_where_others_carry_the_mail_groups_hold_users_only(cast: Cast) -> None:
    group = sales(cast, "press@agency.test", senders="inside")
    Brand.objects.update(carries_mail=False)
    cast.acme.refresh_from_db()
    group = Group.objects.get(pk=group.pk)
    assert describe(group) == {
        "display_name": "Sales",
        "name": "Sales",
        "address": "sales@acme.test",
    }
    with refused("outside") as caught:
        change_group(actor=cast.system, group=group, outside=["news@agency.test"])
    assert caught.value.sentence == "Groups of OX App Suite hold users of the same customer only."
    with refused("senders"):
        add_group(actor=cast.system, tenant=cast.acme, display_name="Other", senders="inside")
    number = AuditEntry.objects.count()
    change_group(actor=cast.system, group=group, senders="inside")  # as it is: no change
    change_group(actor=cast.system, group=group, outside=[], senders="anyone")
    assert (AuditEntry.objects.count(), OutsideMember.objects.count()) == (number, 0)
