"""Saved groups and resources arrive on the platform, whoever is in them is there or not, and whatever breaks off."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from tests.cast import Cast
from tests.sync.conftest import Stage, account_of, on_every_platform, status
from tests.worker import drain

from oxherd.groups.commands import change_group, delete_group, remove_group, restore_group, retry_group
from oxherd.groups.models import Group
from oxherd.ox.interface import FoundGroup, FoundResource
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import remove_user
from oxherd.provisioning.models import SyncJob
from oxherd.resources.commands import (
    as_wish,
    change_resource,
    delete_resource,
    hand_over,
    held_all,
    remove_resource,
    restore_resource,
)
from oxherd.resources.models import Resource
from oxherd.sync.platforms import access, platform_of
from oxherd.tenants.commands import resume_tenant, suspend_tenant


def reached(cast: Cast) -> tuple[Any, Any]:
    tenant = cast.acme
    tenant.refresh_from_db()
    return platform_of(cast.brand), access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)


def groups_in_ox(stage: Stage) -> dict[str, FoundGroup]:
    platform, context = reached(stage.cast)
    return {group.display_name: group for group in platform.list_groups(context) if not group.is_system}


def resources_in_ox(stage: Stage) -> dict[str, FoundResource]:
    platform, context = reached(stage.cast)
    return {resource.display_name: resource for resource in platform.list_resources(context)}


def ids(*users: ServiceUser) -> set[int | None]:
    return {account_of(user).ox_id for user in users}


def group_status(group: Group) -> str:
    return Group.objects.get(pk=group.pk).status


def job_of(kind: str, pk: int) -> SyncJob:
    return SyncJob.objects.filter(subject_kind=kind, subject_id=pk).latest("id")


@on_every_platform
def test_a_saved_group_arrives_with_its_members_in_one_call(stage: Stage) -> None:
    anna, bert, carl = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True), stage.cast.user("Carl C")
    drain()
    stage.calls()
    group = stage.cast.group("Sales", anna, bert, carl)
    drain()
    assert stage.calls() == ["create"]
    held = groups_in_ox(stage)["Sales"]
    assert (held.name, set(held.members)) == ("Sales", ids(anna, bert))
    assert group_status(group) == "in_ox"


def test_only_the_difference_of_members_is_sent(stage: Stage) -> None:
    anna, bert, carl = (stage.cast.user(name, ox=True) for name in ("Anna A", "Bert B", "Carl C"))
    group = stage.cast.group("Sales", anna, bert)
    drain()
    stage.calls()
    change_group(actor=stage.cast.system, group=group, add=[carl.pk], remove=[anna.pk])
    drain()
    assert [call for call in stage.calls() if call != "getData"] == ["removeMember", "addMember"]
    assert set(groups_in_ox(stage)["Sales"].members) == ids(bert, carl)


def test_whom_people_added_in_ox_stays_when_the_group_is_renamed(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    platform, context = reached(stage.cast)
    platform.add_members(context, Group.objects.get().ox_id, ids(bert))
    change_group(actor=stage.cast.system, group=group, display_name="Marketing", name="marketing")
    drain()
    held = groups_in_ox(stage)["Marketing"]
    assert (held.name, set(held.members)) == ("marketing", ids(anna, bert))


@on_every_platform
def test_a_member_who_comes_to_ox_later_follows(stage: Stage) -> None:
    anna = stage.cast.user()
    stage.cast.group("Sales", anna)
    drain()
    assert groups_in_ox(stage)["Sales"].members == ()
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(stage.cast.groupware))
    drain()
    assert set(groups_in_ox(stage)["Sales"].members) == ids(anna)


def test_a_member_who_leaves_ox_and_comes_back_is_a_member_again(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    disable_ox(actor=stage.cast.system, user=anna)
    drain()
    assert groups_in_ox(stage)["Sales"].members == ()
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(stage.cast.groupware))
    drain()
    assert set(groups_in_ox(stage)["Sales"].members) == ids(anna)
    assert group_status(group) == "in_ox"


def test_one_member_whom_ox_refuses_does_not_keep_the_others_out(stage: Stage) -> None:
    users = [stage.cast.user(f"User {number}", ox=True) for number in range(5)]
    drain()
    OxAccount.objects.filter(user=users[2]).update(ox_id=4711)
    group = stage.cast.group("Sales", *users)
    drain()
    assert set(groups_in_ox(stage)["Sales"].members) == ids(*users) - {4711}
    assert group_status(group) == "error"
    assert "User 2" in job_of("group", group.pk).sentence

    drain()
    OxAccount.objects.filter(user=users[2]).update(ox_id=None, applied={})
    change_group(actor=stage.cast.system, group=group, remove=[users[2].pk])
    drain()
    assert group_status(group) == "in_ox"


def test_a_member_whose_account_is_in_error_does_not_hold_up_the_group(stage: Stage) -> None:
    stage.strikes("refuse", name="anna*")
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    group = stage.cast.group("Sales", anna, bert)
    drain()
    assert (status(anna), group_status(group)) == ("error", "in_ox")
    assert set(groups_in_ox(stage)["Sales"].members) == ids(bert)


def test_a_group_waits_for_its_suspended_customer(stage: Stage) -> None:
    suspend_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    group = stage.cast.group("Sales")
    drain()
    assert job_of("group", group.pk).state == "parked"
    resume_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert list(groups_in_ox(stage)) == ["Sales"]


def test_a_removed_group_goes_from_ox_and_comes_back_with_its_members(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    remove_group(actor=stage.cast.system, group=group)
    drain()
    assert groups_in_ox(stage) == {}
    restore_group(actor=stage.cast.system, group=group)
    drain()
    assert set(groups_in_ox(stage)["Sales"].members) == ids(anna)
    delete_group(actor=stage.cast.system, group=group)
    drain()
    assert (groups_in_ox(stage), Group.objects.count()) == ({}, 0)


def test_a_strangers_group_of_the_same_name_is_told_and_left_alone(stage: Stage) -> None:
    from oxherd.ox.interface import GroupData

    platform, context = reached(stage.cast)
    made = platform.create_group(context, GroupData("sales", "Made in OX"))
    group = stage.cast.group("Sales")
    drain()
    assert group_status(group) == "error"
    assert job_of("group", group.pk).sentence == "This customer has a group of this name already."
    assert groups_in_ox(stage)["Made in OX"].ox_id == made

    platform.remove_group(context, made)
    retry_group(actor=stage.cast.system, group=group)
    drain()
    assert (list(groups_in_ox(stage)), group_status(group)) == (["Sales"], "in_ox")


@pytest.mark.parametrize("changed_meanwhile", [False, True])
def test_an_answer_that_was_lost_makes_no_second_group(stage: Stage, changed_meanwhile: bool) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    drain()
    stage.strikes("answer_lost", name="Sales", times=1)
    group = stage.cast.group("Sales", anna)
    if changed_meanwhile:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("oxherd.provisioning.ledger.try_again", lambda *_: True)
            drain()
        change_group(actor=stage.cast.system, group=group, display_name="Sales EMEA", add=[bert.pk])
    drain()
    stage.behaves()
    drain()
    (held,) = groups_in_ox(stage).values()
    expected = ids(anna, bert) if changed_meanwhile else ids(anna)
    assert (held.ox_id, set(held.members)) == (Group.objects.get().ox_id, expected)
    assert group_status(group) == "in_ox"


def test_removed_after_an_answer_that_was_lost_leaves_nothing_behind(stage: Stage) -> None:
    stage.strikes("answer_lost", name="Sales", times=1)
    group = stage.cast.group("Sales")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oxherd.provisioning.ledger.try_again", lambda *_: True)
        drain()
    assert list(groups_in_ox(stage)) == ["Sales"]
    delete_group(actor=stage.cast.system, group=group)
    drain()
    assert (groups_in_ox(stage), Group.objects.count()) == ({}, 0)


def test_a_group_deleted_behind_our_back_is_made_anew(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    group = stage.cast.group("Sales", anna)
    drain()
    platform, context = reached(stage.cast)
    platform.remove_group(context, Group.objects.get().ox_id)
    change_group(actor=stage.cast.system, group=group, display_name="Sales EMEA")
    drain()
    held = groups_in_ox(stage)["Sales EMEA"]
    assert (held.ox_id, set(held.members)) == (Group.objects.get().ox_id, ids(anna))


@on_every_platform
def test_a_saved_resource_arrives_with_its_manager_in_one_call(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    stage.cast.resource("Blue room", manager=anna)
    drain()
    assert stage.calls() == ["create"]
    held = resources_in_ox(stage)["Blue room"]
    assert (held.name, held.address, {held.manager_id}) == ("Blue room", "blue.room@acme.test", ids(anna))


def test_only_what_changed_of_a_resource_is_sent(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    stage.calls()
    wish = replace(as_wish(room), description="Seats six", address="blue@acme.test")
    change_resource(actor=stage.cast.system, resource=room, wish=wish)
    drain()
    assert stage.calls() == ["change"]
    held = resources_in_ox(stage)["Blue room"]
    assert (held.description, held.address, {held.manager_id}) == ("Seats six", "blue@acme.test", ids(anna))


def test_a_resource_waits_for_its_manager_and_follows(stage: Stage) -> None:
    stage.strikes("refuse", name="anna*")
    anna = stage.cast.user(ox=True)
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    assert resources_in_ox(stage) == {}
    assert "Anna Becker" in job_of("resource", room.pk).sentence
    stage.behaves()
    from oxherd.people.ox_commands import retry_ox

    retry_ox(actor=stage.cast.system, user=anna)
    drain()
    assert {resources_in_ox(stage)["Blue room"].manager_id} == ids(anna)
    assert Resource.objects.get().status == "in_ox"


def test_resources_that_are_handed_over_get_the_new_manager_in_ox(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    with transaction.atomic():
        hand_over(actor=stage.cast.system, resources=held_all(Resource.objects.all()), managers={room.pk: bert})
    remove_user(actor=stage.cast.system, user=anna)
    drain()
    assert {resources_in_ox(stage)["Blue room"].manager_id} == ids(bert)


def test_a_removed_resource_goes_from_ox_and_comes_back(stage: Stage) -> None:
    room = stage.cast.resource("Blue room")
    drain()
    remove_resource(actor=stage.cast.system, resource=room)
    drain()
    assert resources_in_ox(stage) == {}
    restore_resource(actor=stage.cast.system, resource=room)
    drain()
    assert list(resources_in_ox(stage)) == ["Blue room"]
    delete_resource(actor=stage.cast.system, resource=room)
    drain()
    assert (resources_in_ox(stage), Resource.objects.count()) == ({}, 0)


def test_an_answer_that_was_lost_makes_no_second_resource(stage: Stage) -> None:
    stage.strikes("answer_lost", name="Blue room", times=1)
    stage.cast.resource("Blue room")
    drain()
    (held,) = resources_in_ox(stage).values()
    assert (held.ox_id, "in_ox") == (Resource.objects.get().ox_id, Resource.objects.get().status)


def test_an_unreachable_platform_costs_nothing(stage: Stage) -> None:
    stage.strikes("reset", name="Sales", times=2)
    group = stage.cast.group("Sales")
    drain()
    assert (list(groups_in_ox(stage)), group_status(group)) == (["Sales"], "in_ox")
