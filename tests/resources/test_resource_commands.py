"""Resources: what is refused at which field, who manages them, and how they come back."""

from dataclasses import replace

import pytest
from django.db import transaction
from tests.cast import Cast
from tests.rows import everything, last_entry, refused, waiting

from oxherd.domains.models import Address
from oxherd.errors import NotAllowed, NotYours
from oxherd.people.removal_commands import remove_user
from oxherd.resources.commands import (
    ResourceWish,
    add_resource,
    as_wish,
    change_resource,
    delete_resource,
    hand_over,
    held_all,
    remove_resource,
    restore_resource,
    retry_resource,
)
from oxherd.resources.models import Resource
from oxherd.resources.queries import found, managed_by, one, some

WISH = ResourceWish(display_name="Blue room", address="blue@acme.test")


def test_a_resource_is_added_and_sent_on_its_way(cast: Cast):
    anna = cast.user(ox=True)
    wish = ResourceWish("Zimmer Größe 1", "Blue@ACME.test", description=" With a beamer\r\nand a view ", manager=anna)
    resource = add_resource(actor=cast.actor(cast.bob), tenant=cast.acme, wish=wish)
    assert last_entry().after == {
        "display_name": "Zimmer Größe 1",
        "name": "Zimmer Grosse 1",
        "description": "With a beamer\nand a view",
        "address": "blue@acme.test",
        "manager": "anna.becker@acme.test",
        "manager_id": anna.pk,
    }
    assert Address.objects.get(resource=resource).kind == "resource"
    assert len(waiting(f"resource:{resource.pk}")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"name": "Süd"}, "name"),
        ({"name": "BLUE ROOM"}, "name"),
        ({"description": "x" * 2001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"address": "blue"}, "address"),
        ({"address": "blue@globex.test"}, "address"),
        ({"address": "blue.room@acme.test"}, "address"),
        ({"address": "anna.becker@acme.test"}, "address"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, changes, field):
    cast.user(ox=True)
    cast.resource("Blue room")
    wish = replace(ResourceWish("Red room", "red@acme.test"), **changes)
    with refused(field):
        add_resource(actor=cast.system, tenant=cast.acme, wish=wish)


def test_a_manager_is_a_present_user_of_the_same_customer_with_ox(cast: Cast):
    without_ox = cast.user()
    stranger = cast.user("Ines Novak", tenant=cast.globex, ox=True)
    gone = cast.user("Gerd Gone", ox=True)
    remove_user(actor=cast.system, user=gone)
    for manager in (without_ox, stranger, gone):
        with refused("manager"):
            add_resource(actor=cast.system, tenant=cast.acme, wish=replace(WISH, manager=manager))


def test_only_what_changes_is_told_and_asked(cast: Cast):
    resource = cast.resource()
    before = everything()
    change_resource(actor=cast.system, resource=resource, wish=as_wish(resource))
    assert everything()["AuditEntry"] == before["AuditEntry"]
    change_resource(actor=cast.system, resource=resource, wish=replace(as_wish(resource), address="b@acme.test"))
    assert last_entry().before == {"address": "blue.room@acme.test"}
    assert last_entry().after == {"address": "b@acme.test"}
    assert [row.address for row in Address.objects.filter(resource=resource)] == ["b@acme.test"]


def test_all_resources_of_a_manager_are_handed_over(cast: Cast):
    anna, bert = cast.user(ox=True), cast.user("Bert Blum", ox=True)
    rooms = [cast.resource(name, manager=anna) for name in ("Blue room", "Red room")]

    def give(user, manager):
        with transaction.atomic():
            resources = held_all(managed_by(user))
            managers = {resource.pk: manager for resource in resources}
            return hand_over(actor=cast.system, resources=resources, managers=managers)

    assert give(anna, bert) == 2
    assert list(managed_by(bert)) == rooms
    assert (last_entry().before["manager_id"], last_entry().after["manager_id"]) == (anna.pk, bert.pk)
    assert give(bert, None) == 2
    assert [room.manager for room in Resource.objects.order_by("pk")] == [None, None]
    assert give(bert, anna) == 0
    cast.resource("Van", manager=anna)
    for wrong in (cast.user("Carl Without"), cast.user("Ines Novak", tenant=cast.globex, ox=True)):
        with refused("manager"):
            give(anna, wrong)


def test_a_removed_resource_frees_name_and_address_and_can_come_back_under_others(cast: Cast):
    room = cast.resource("Blue room")
    remove_resource(actor=cast.system, resource=room)
    assert list(found(cast.system, cast.acme)) == []
    other = cast.resource("Blue room")
    with refused("name"):
        restore_resource(actor=cast.system, resource=room)
    with refused("address"):
        restore_resource(actor=cast.system, resource=room, wish=replace(as_wish(room), name="Old blue"))
    wish = replace(as_wish(room), name="Old blue", address="old@acme.test")
    restore_resource(actor=cast.system, resource=room, wish=wish)
    assert list(found(cast.system, cast.acme, text="blue").order_by("address")) == [other, room]


def test_what_was_removed_takes_no_change(cast: Cast):
    room = cast.resource()
    with refused(None):
        restore_resource(actor=cast.system, resource=room)
    remove_resource(actor=cast.system, resource=room)
    with refused(None):
        remove_resource(actor=cast.system, resource=room)
    with refused(None):
        change_resource(actor=cast.system, resource=room, wish=as_wish(room))
    delete_resource(actor=cast.system, resource=room)
    assert Resource.objects.get().presence == "leaving"


def test_help_desk_and_readers_change_no_resource_and_strangers_find_none(cast: Cast):
    room = cast.resource()
    for who, refusal in ((cast.dora, NotAllowed), (cast.rita, NotAllowed), (cast.charlie, NotYours)):
        actor = cast.actor(who)
        with pytest.raises(refusal):
            change_resource(actor=actor, resource=room, wish=as_wish(room))
        for verb in (remove_resource, delete_resource, restore_resource):
            with pytest.raises(refusal):
                verb(actor=actor, resource=room)
    with pytest.raises(NotYours):
        retry_resource(actor=cast.actor(cast.charlie), resource=room)
    with pytest.raises(NotYours):
        one(cast.actor(cast.charlie), cast.acme, room.pk)
    assert some(cast.actor(cast.charlie), cast.acme, [room.pk]) == []
