"""Groups, resources, contexts and strangers are repaired either way; who may do it; and what is never deleted."""

import pytest
from tests.rows import refused
from tests.sync.conftest import Stage, account_of
from tests.sync.test_drift import STRANGER, compared, found, only, reached
from tests.sync.test_repairs import change_in_ox, send, take
from tests.worker import drain

from oxherd.domains.models import Domain
from oxherd.drift.models import Difference, Eviction
from oxherd.drift.repairs import repair, try_again
from oxherd.drift.states import Way
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.groups.models import Group
from oxherd.ox.interface import ContextChange, GroupChange, GroupData, ResourceChange, ResourceData
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant


def test_a_stranger_is_deleted_on_the_platform_by_the_worker(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    eve = platform.create_user(context, STRANGER)
    group = platform.create_group(context, GroupData("pirates", "Pirates"))
    ship = platform.create_resource(context, ResourceData("ship", "Ship", "", "ship@acme.test", None))
    compared(stage)
    for difference in Difference.objects.all():
        repair(actor=stage.cast.system, difference=difference, way=Way.TO_OX)
    assert Eviction.objects.count() == 3
    drain()
    assert platform.find_user(context, ox_id=eve) is None
    assert platform.find_group(context, ox_id=group) is None
    assert platform.find_resource(context, ox_id=ship) is None
    assert Eviction.objects.count() == 0


def test_nothing_is_deleted_that_has_another_name_by_now(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    pirates = platform.create_group(context, GroupData("pirates", "Pirates"))
    difference = only(stage)
    repair(actor=stage.cast.system, difference=difference, way=Way.TO_OX)
    platform.change_group(context, pirates, GroupChange(name="colleagues"))
    drain()
    job = SyncJob.objects.get(subject_kind="stranger")
    assert (job.state, platform.find_group(context, ox_id=pirates).name) == ("refused", "colleagues")
    assert job.sentence.startswith("It is called colleagues in OX by now, and not pirates.")
    platform.change_group(context, pirates, GroupChange(name="pirates"))
    try_again(actor=stage.cast.system, difference=difference)
    drain()
    assert platform.find_group(context, ox_id=pirates) is None


def test_nothing_is_deleted_that_was_taken_over_meanwhile(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    pirates = platform.create_group(context, GroupData("pirates", "Pirates"))
    difference = only(stage)
    sales = stage.cast.group("Sales")
    drain()
    Group.objects.filter(pk=sales.pk).update(ox_id=pirates)
    with pytest.raises(Refused, match="Pirates is in the panel by now"):
        send(stage, difference)
    Eviction.objects.create(tenant=stage.cast.acme, object_kind="group", ox_id=pirates, ox_name="pirates", name="x")
    from oxherd.provisioning.commands import request_sync
    from oxherd.provisioning.states import SubjectKind

    request_sync(stage.cast.system, SubjectKind.STRANGER, Eviction.objects.get().pk, place=stage.cast.acme)
    drain()
    assert platform.find_group(context, ox_id=pirates) is not None


def test_groups_are_repaired_to_the_member_either_way(stage: Stage) -> None:
    anna, bert, carl = (stage.cast.user(name, ox=True) for name in ("Anna A", "Bert B", "Carl C"))
    dora = stage.cast.user("Dora D")
    sales = stage.cast.group("Sales", anna, bert, dora)
    drain()
    platform, context = reached(stage.cast)
    ids = {user.display_name: account_of(user).ox_id for user in (anna, bert, carl)}
    ox_id = Group.objects.get(pk=sales.pk).ox_id
    changed = GroupChange(name="vendors", display_name="Vendors", members=(ids["Anna A"], ids["Carl C"]))
    platform.change_group(context, ox_id, changed)
    only(stage)
    send(stage)
    held = platform.find_group(context, ox_id=ox_id)
    assert (held.name, set(held.members)) == ("Sales", {ids["Anna A"], ids["Bert B"]})
    platform.change_group(context, ox_id, changed)
    only(stage)
    assert take(stage) == []
    names = set(Group.objects.get().members.values_list("user__display_name", flat=True))
    assert (Group.objects.get().display_name, names) == ("Vendors", {"Anna A", "Carl C", "Dora D"})
    assert found(stage) == []


def test_a_group_with_a_member_who_is_not_in_the_panel_waits_for_that_user(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    eve = platform.create_user(context, STRANGER)
    platform.create_group(context, GroupData("pirates", "Pirates", (eve,)))
    compared(stage)
    group = Difference.objects.get(object_kind="group")
    with pytest.raises(Refused, match="One of its members in OX is not in the panel"):
        take(stage, group)
    take(stage, Difference.objects.get(object_kind="user"))
    assert take(stage, group) == []
    assert [str(member.user) for member in Group.objects.get().members.all()] == ["Eve Stranger"]
    assert found(stage, is_deep=True) == []


def test_resources_are_repaired_either_way(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    platform, context = reached(stage.cast)
    ox_id = Resource.objects.get(pk=room.pk).ox_id
    change = ResourceChange(description="Dark", address="dark@acme.test", manager_id=account_of(bert).ox_id)
    platform.change_resource(context, ox_id, change)
    only(stage)
    assert send(stage) == ["change"]
    assert platform.find_resource(context, ox_id=ox_id).manager_id == account_of(anna).ox_id
    platform.change_resource(context, ox_id, change)
    only(stage)
    assert take(stage) == []
    taken = Resource.objects.get()
    assert (taken.description, taken.address, taken.manager) == ("Dark", "dark@acme.test", bert)
    assert found(stage) == []


def test_what_is_missing_in_ox_goes_to_what_was_removed_recently(stage: Stage) -> None:
    sales, room = stage.cast.group("Sales"), stage.cast.resource("Blue room")
    drain()
    platform, context = reached(stage.cast)
    platform.remove_group(context, Group.objects.get(pk=sales.pk).ox_id)
    platform.remove_resource(context, Resource.objects.get(pk=room.pk).ox_id)
    compared(stage)
    for difference in Difference.objects.all():
        take(stage, difference)
    assert (Group.objects.get().presence, Resource.objects.get().presence) == ("removed", "removed")
    assert found(stage) == []


def test_the_context_is_repaired_either_way(stage: Stage) -> None:
    platform, _ = reached(stage.cast)
    number, name = stage.cast.acme.context_id, stage.cast.acme.context_name
    change = ContextChange(name="renamed", login_mappings=("acme.test", "second.test"), quota_mb=7)
    platform.change_context(number, change)
    only(stage)
    send(stage)
    assert platform.find_context(context_id=number).name == name
    assert found(stage) == []
    platform.change_context(number, change)
    only(stage)
    assert take(stage) == []
    tenant = Tenant.objects.get(pk=stage.cast.acme.pk)
    assert (tenant.context_name, tenant.quota_mb) == ("renamed", 7)
    assert {domain.name for domain in Domain.objects.filter(tenant=tenant)} == {"acme.test", "second.test"}
    assert found(stage) == []


def test_a_context_disabled_in_ox_is_enabled_again_or_the_customer_suspended(stage: Stage) -> None:
    platform, _ = reached(stage.cast)
    platform.disable_context(stage.cast.acme.context_id)
    only(stage)
    send(stage)
    assert stage.context()["enabled"]
    platform.disable_context(stage.cast.acme.context_id)
    only(stage)
    take(stage)
    assert Tenant.objects.get(pk=stage.cast.acme.pk).state == "suspended"


def test_a_context_that_is_gone_comes_anew_with_all_that_was_in_it(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    stage.cast.group("Sales", anna)
    stage.cast.resource("Blue room", manager=anna)
    drain()
    platform, _ = reached(stage.cast)
    platform.remove_context(stage.cast.acme.context_id)
    only(stage)
    send(stage)
    assert stage.names_in_ox() == ["anna.becker@acme.test"]
    assert found(stage, is_deep=True) == []
    assert not SyncJob.objects.exclude(state__in=["done", "superseded"]).exists()


def test_who_may_not_repair_does_not(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    difference = change_in_ox(stage, anna, surname="Other")
    for administrator, error in ((stage.cast.dora, NotAllowed), (stage.cast.charlie, NotYours)):
        with pytest.raises(error):
            repair(actor=stage.cast.actor(administrator), difference=difference, way=Way.TO_OX)
    repair(actor=stage.cast.actor(stage.cast.bob), difference=difference, way=Way.TO_OX)


def test_a_customers_administrator_does_not_change_the_subscription(stage: Stage) -> None:
    platform, _ = reached(stage.cast)
    platform.change_context(stage.cast.acme.context_id, ContextChange(quota_mb=7))
    difference = only(stage)
    with pytest.raises(NotAllowed):
        repair(actor=stage.cast.actor(stage.cast.bob), difference=difference, way=Way.FROM_OX)
    difference.refresh_from_db()
    assert difference.refusal.startswith("Your role does not allow this")
    assert Tenant.objects.get(pk=stage.cast.acme.pk).quota_mb is None


def test_a_difference_of_an_older_comparison_is_refused(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, surname="Other")
    old = Difference.objects.select_related("comparison__tenant").get()
    compared(stage)
    with refused(None) as caught:
        repair(actor=stage.cast.system, difference=old, way=Way.TO_OX)
    assert caught.value.sentence == "There was a new comparison meanwhile. Look at its list."
