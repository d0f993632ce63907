"""Groups against the stand-in, over HTTP."""

from dataclasses import replace

import pytest
from tests.ox.conftest import ANNA, BERT

from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken, PlatformUnreachable
from oxherd.ox.interface import FoundGroup, GroupChange, GroupData
from oxherd.sandbox.mischief import Action, Rule

SALES = GroupData(name="sales", display_name="Sales")


def calls(sandbox):
    return sandbox.platform.journal.as_dict()["calls"]


@pytest.fixture
def anna(platform, acme):
    return platform.create_user(acme, ANNA)


@pytest.fixture
def bert(platform, acme):
    return platform.create_user(acme, BERT)


@pytest.fixture
def sales(platform, acme, anna):
    """A group with Anna in it."""
    return platform.create_group(acme, replace(SALES, members=(anna,)))


def members(platform, acme, group):
    return sorted(platform.find_group(acme, ox_id=group).members)


def test_a_group_is_made_found_and_removed(platform, acme, anna, bert):
    ox_id = platform.create_group(acme, replace(SALES, members=(bert, anna)))
    found = platform.find_group(acme, ox_id=ox_id)
    assert replace(found, members=()) == FoundGroup(ox_id, "sales", "Sales", (), is_system=False)
    assert sorted(found.members) == [anna, bert]
    assert platform.find_group(acme, name="SALES") == found
    platform.remove_group(acme, ox_id)
    platform.remove_group(acme, ox_id)
    assert platform.find_group(acme, ox_id=ox_id) is None
    assert platform.find_group(acme, name="sales") is None


@pytest.mark.parametrize("name", ["sales", "Sales"])
def test_a_group_whose_name_is_taken(platform, acme, sales, name):
    with pytest.raises(PlatformTaken) as made:
        platform.create_group(acme, replace(SALES, name=name))
    other = platform.create_group(acme, GroupData("support", "Support"))
    with pytest.raises(PlatformTaken) as changed:
        platform.change_group(acme, other, GroupChange(name=name))
    sentence = "This customer has a group of this name already."
    assert [made.value.sentence, changed.value.sentence] == [sentence, sentence]


def test_an_answer_that_was_lost_is_mended_by_comparing(platform, acme, anna, sandbox):
    sandbox.platform.mischief.add(Rule(Action.ANSWER_LOST, {"operation": "create"}, times=1))
    data = replace(SALES, members=(anna,))
    with pytest.raises(PlatformUnreachable):
        platform.create_group(acme, data)
    with pytest.raises(PlatformTaken):
        platform.create_group(acme, data)
    left = platform.find_group(acme, name="sales")
    assert (left.display_name, left.members, left.is_system) == ("Sales", (anna,), False)


def test_a_change_of_names_keeps_the_members(platform, acme, anna, sales):
    platform.change_group(acme, sales, GroupChange(name="sellers"))
    platform.change_group(acme, sales, GroupChange(display_name="Sellers"))
    assert platform.find_group(acme, ox_id=sales) == FoundGroup(sales, "sellers", "Sellers", (anna,), is_system=False)


def test_members_are_replaced_in_one_call(platform, acme, bert, sales, sandbox):
    sandbox.platform.journal.reset()
    platform.change_group(acme, sales, GroupChange(display_name="Sellers", members=(bert,)))
    assert calls(sandbox) == {"OXGroupService.change": 1}
    assert members(platform, acme, sales) == [bert]
    platform.change_group(acme, sales, GroupChange(members=()))
    assert members(platform, acme, sales) == []


def test_members_are_added_and_removed_as_often_as_you_like(platform, acme, anna, bert, sales):
    platform.add_members(acme, sales, [anna, bert])
    platform.add_members(acme, sales, [anna, bert])
    assert members(platform, acme, sales) == [anna, bert]
    platform.remove_members(acme, sales, [anna])
    platform.remove_members(acme, sales, [anna, 99])
    assert members(platform, acme, sales) == [bert]


def test_an_answer_that_was_lost_does_not_keep_a_member_out(platform, acme, bert, sales, sandbox):
    sandbox.platform.mischief.add(Rule(Action.ANSWER_LOST, {"operation": "addMember"}, times=1))
    with pytest.raises(PlatformUnreachable):
        platform.add_members(acme, sales, [bert])
    platform.add_members(acme, sales, [bert])
    assert bert in members(platform, acme, sales)


def test_many_members_arrive(platform, acme, sales):
    users = [
        platform.create_user(
            acme,
            replace(ANNA, name=f"u{n}", display_name=f"U {n}", primary_address=f"u{n}@acme.test", aliases=()),
        )
        for n in range(205)
    ]
    platform.add_members(acme, sales, users)
    assert set(members(platform, acme, sales)) > set(users)
    platform.remove_members(acme, sales, users)
    assert len(members(platform, acme, sales)) == 1


def test_a_user_that_is_not_there_cannot_be_a_member(platform, acme, anna, sales):
    for act in (
        lambda: platform.add_members(acme, sales, [99]),
        lambda: platform.change_group(acme, sales, GroupChange(members=(99,))),
        lambda: platform.create_group(acme, GroupData("support", "Support", (99,))),
    ):
        with pytest.raises(PlatformRefused) as caught:
            act()
        assert type(caught.value) is PlatformRefused
        assert caught.value.sentence == (
            "The platform does not know one of the members. Take that user out of the group, or add the user anew."
        )
    assert members(platform, acme, sales) == [anna]


def test_a_removed_user_leaves_its_groups(platform, acme, anna, sales):
    platform.remove_user(acme, anna)
    platform.remove_members(acme, sales, [anna])
    assert members(platform, acme, sales) == []


def test_a_group_that_is_not_there_cannot_be_changed(platform, acme, anna):
    for act in (
        lambda: platform.change_group(acme, 99, GroupChange(name="other")),
        lambda: platform.change_group(acme, 99, GroupChange(members=(anna,))),
        lambda: platform.add_members(acme, 99, [anna]),
        lambda: platform.remove_members(acme, 99, [anna]),
    ):
        with pytest.raises(PlatformNotFound) as caught:
            act()
        assert caught.value.sentence == "The platform does not know this group."


def test_the_group_of_all_users_stays(platform, acme, anna):
    with pytest.raises(PlatformRefused) as caught:
        platform.remove_group(acme, 1)
    assert caught.value.sentence == "The group of all users cannot be deleted."
    everybody = platform.find_group(acme, ox_id=1)
    assert (everybody.name, everybody.is_system, sorted(everybody.members)) == ("users", True, [2, anna])


def test_groups_are_listed_all_and_by_user(platform, acme, anna, bert, sales):
    assert [(group.ox_id, group.is_system) for group in platform.list_groups(acme)] == [(1, True), (sales, False)]
    assert sorted(group.ox_id for group in platform.groups_of_user(acme, anna)) == [1, sales]
    assert [group.ox_id for group in platform.groups_of_user(acme, bert)] == [1]
    with pytest.raises(PlatformNotFound) as caught:
        platform.groups_of_user(acme, 99)
    assert caught.value.sentence == "The platform does not know this user."


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("säles", "The platform does not allow ä in this name. Change the name."),
        (" ", "The platform does not accept this name. Change it."),
    ],
)
def test_names_that_the_platform_does_not_take_are_refused(platform, acme, name, sentence):
    with pytest.raises(PlatformRefused) as caught:
        platform.create_group(acme, replace(SALES, name=name))
    assert caught.value.sentence == sentence
