"""Groups: what may be in them, what is refused at which field, and what is left behind."""

import pytest
from tests.cast import Cast
from tests.rows import everything, last_entry, refused, waiting

from oxherd.domains.models import Address
from oxherd.errors import NotAllowed, NotYours
from oxherd.groups.commands import (
    add_group,
    change_group,
    delete_group,
    describe,
    remove_group,
    restore_group,
    retry_group,
)
from oxherd.groups.models import Group, Member
from oxherd.groups.queries import found, members_of, of_user, one, sizes, some
from oxherd.people.removal_commands import remove_user


def members(group: Group) -> list[str]:
    return list(members_of(group).order_by("login").values_list("login", flat=True))


def names(groups) -> list[str]:
    return [str(group) for group in groups]


def test_a_group_is_added_with_members_and_sent_on_its_way(cast: Cast):
    anna, bert = cast.user(), cast.user("Bert Blum", ox=True)
    group = add_group(
        actor=cast.actor(cast.bob),
        tenant=cast.acme,
        display_name="  Sales  & Größe ",
        address="Sales@ACME.test",
        members=[bert.pk, anna.pk],
    )
    assert (group.display_name, group.name, group.status) == ("Sales & Größe", "Sales Grosse", "in_progress")
    assert members(group) == ["anna.becker@acme.test", "bert.blum@acme.test"]
    assert Address.objects.get(group=group).address == "sales@acme.test"
    assert len(waiting(f"group:{group.pk}")) == 1
    assert last_entry().after == {
        "display_name": "Sales & Größe",
        "name": "Sales Grosse",
        "address": "sales@acme.test",
        "members": ["anna.becker@acme.test", "bert.blum@acme.test"],
        "added": sorted(user.pk for user in (anna, bert)),
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"display_name": " "}, "display_name"),
        ({"display_name": "x" * 201}, "display_name"),
        ({"display_name": "Vertrieb", "name": "Vertrieb/Süd"}, "name"),
        ({"display_name": "日本"}, "name"),
        ({"display_name": "Users"}, "name"),
        ({"display_name": "Second", "name": "sALES"}, "name"),
        ({"display_name": "Second", "address": "nobody"}, "address"),
        ({"display_name": "Second", "address": "info@globex.test"}, "address"),
        ({"display_name": "Second", "address": "anna.becker@acme.test"}, "address"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, fields, field):
    cast.user(ox=True)
    cast.group("Sales")
    with refused(field):
        add_group(actor=cast.system, tenant=cast.acme, **fields)


def test_only_present_users_of_the_same_customer_become_members(cast: Cast):
    stranger = cast.user("Ines Novak", tenant=cast.globex)
    gone = cast.user()
    remove_user(actor=cast.system, user=gone)
    group = cast.group()
    for user_id in (stranger.pk, gone.pk, 10**9):
        with refused("members"):
            change_group(actor=cast.system, group=group, add=[user_id])
        with refused("members"):
            add_group(actor=cast.system, tenant=cast.acme, display_name="Other", members=[user_id])


def test_members_come_and_go_in_one_change(cast: Cast):
    anna, bert, carl = (cast.user(name) for name in ("Anna A", "Bert B", "Carl C"))
    group = cast.group("Sales", anna, bert)
    change_group(actor=cast.system, group=group, add=[carl.pk, bert.pk], remove=[anna.pk])
    assert members(group) == ["bert.b@acme.test", "carl.c@acme.test"]
    entry = last_entry()
    told = {"members_added": ["carl.c@acme.test"], "members_removed": ["anna.a@acme.test"]}
    assert entry.after == told | {"added": [carl.pk], "removed": [anna.pk]}
    assert len(waiting(f"group:{group.pk}")) == 1


def test_a_change_that_changes_nothing_asks_nothing(cast: Cast):
    anna = cast.user()
    group = cast.group("Sales", anna)
    before = everything()
    change_group(actor=cast.system, group=group, display_name="Sales", name="Sales", address="", add=[anna.pk])
    assert everything() == before


def test_a_group_is_renamed_and_found_by_its_new_words(cast: Cast):
    group = cast.group("Sales")
    change_group(actor=cast.system, group=group, display_name="Marketing", address="ads@acme.test")
    group.refresh_from_db()
    assert (group.display_name, group.name) == ("Marketing", "Sales")
    found_by = {text: names(found(cast.system, cast.acme, text=text)) for text in ("mark", "ads", "sal", "ales")}
    assert found_by == {"mark": ["Marketing"], "ads": ["Marketing"], "sal": ["Marketing"], "ales": []}


def test_a_removed_group_frees_name_and_address_and_comes_back_with_its_members(cast: Cast):
    anna = cast.user()
    group = cast.group("Sales", anna, address="sales@acme.test")
    remove_group(actor=cast.system, group=group)
    assert names(found(cast.system, cast.acme)) == []
    second = cast.group("Sales", address="sales@acme.test")

    with refused("name"):
        restore_group(actor=cast.system, group=group)
    with refused("address"):
        restore_group(actor=cast.system, group=group, name="Old sales", address="sales@acme.test")
    group = restore_group(actor=cast.system, group=group, name="Old sales")
    assert (members(group), group.status) == (["anna.becker@acme.test"], "in_progress")
    assert names(found(cast.system, cast.acme).order_by("id")) == ["Sales", "Sales"]
    assert describe(second)["address"] == "sales@acme.test"


def test_what_was_removed_takes_no_change(cast: Cast):
    group = cast.group()
    with refused(None):
        restore_group(actor=cast.system, group=group)
    remove_group(actor=cast.system, group=group)
    for verb in (remove_group, change_group):
        with refused(None):
            verb(actor=cast.system, group=group)
    delete_group(actor=cast.system, group=group)
    assert Group.objects.get().presence == "leaving"


def test_there_is_nothing_to_retry_where_nothing_failed(cast: Cast):
    group = cast.group()
    retry_group(actor=cast.actor(cast.dora), group=group)  # it waits: a retry starts over
    assert len(waiting(f"group:{group.pk}")) == 1


def test_help_desk_and_readers_change_no_group_and_strangers_find_none(cast: Cast):
    group = cast.group()
    for who in (cast.dora, cast.rita):
        with pytest.raises(NotAllowed):
            add_group(actor=cast.actor(who), tenant=cast.acme, display_name="Mine")
        for verb in (change_group, remove_group, delete_group, restore_group):
            with pytest.raises(NotAllowed):
                verb(actor=cast.actor(who), group=group)
    stranger = cast.actor(cast.charlie)
    for verb in (change_group, remove_group, delete_group, restore_group, retry_group):
        with pytest.raises(NotYours):
            verb(actor=stranger, group=group)
    with pytest.raises(NotYours):
        one(stranger, cast.acme, group.pk)
    assert some(stranger, cast.acme, [group.pk]) == []
    assert one(cast.actor(cast.rita), cast.acme, group.pk) == group


def test_sizes_count_who_is_present(cast: Cast):
    anna, bert = cast.user(), cast.user("Bert Blum", ox=True)
    group, empty = cast.group("Sales", anna, bert), cast.group("Empty")
    remove_user(actor=cast.system, user=bert)
    assert sizes([group, empty]) == {group.pk: 1}
    assert list(of_user(anna)) == [group]
    assert Member.objects.filter(group=group).count() == 2


def test_five_thousand_members_cost_as_many_queries_as_three(cast: Cast, django_assert_num_queries):
    users = [cast.user(f"User {number}") for number in range(6)]
    group = cast.group()
    with django_assert_num_queries(15):
        change_group(actor=cast.system, group=group, add=[user.pk for user in users[:3]])
    with django_assert_num_queries(15):
        change_group(actor=cast.system, group=group, add=[user.pk for user in users[3:]])
