"""Resources against the stand-in, over HTTP."""

from dataclasses import replace

import pytest
from tests.ox.conftest import ANNA, BERT

from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken, PlatformUnreachable
from oxherd.ox.interface import FoundResource, ResourceChange, ResourceData
from oxherd.sandbox.mischief import Action, Rule

ROOM = ResourceData(
    name="room1", display_name="Room 1", description="First floor", address="room1@acme.test", manager_id=None
)
HALL = ResourceData(name="hall", display_name="Hall", description="", address="hall@acme.test", manager_id=None)


@pytest.fixture
def anna(platform, acme):
    return platform.create_user(acme, ANNA)


@pytest.fixture
def room(platform, acme):
    return platform.create_resource(acme, ROOM)


def test_a_resource_is_made_found_and_removed(platform, acme, anna):
    ox_id = platform.create_resource(acme, replace(ROOM, manager_id=anna))
    found = platform.find_resource(acme, ox_id=ox_id)
    assert found == FoundResource(ox_id, "room1", "Room 1", "First floor", "room1@acme.test", anna)
    assert platform.find_resource(acme, name="ROOM1") == found
    platform.remove_resource(acme, ox_id)
    platform.remove_resource(acme, ox_id)
    assert platform.find_resource(acme, ox_id=ox_id) is None
    assert platform.find_resource(acme, name="room1") is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"address": "other@acme.test"}, "This customer has a resource named room1 already."),
        (
            {"name": "other"},
            "Another resource of this customer has this address. Choose another.",
        ),
        (
            {"name": "other", "address": "anna@acme.test"},
            "Another user of this customer has the primary address anna@acme.test. Choose another.",
        ),
    ],
)
@pytest.mark.usefixtures("anna", "room")
def test_what_another_has_is_taken(platform, acme, change, sentence):
    with pytest.raises(PlatformTaken) as caught:
        platform.create_resource(acme, replace(ROOM, **change))
    assert caught.value.sentence == sentence


def test_an_answer_that_was_lost_is_mended_by_comparing(platform, acme, sandbox):
    sandbox.platform.mischief.add(Rule(Action.ANSWER_LOST, {"operation": "create"}, times=1))
    with pytest.raises(PlatformUnreachable):
        platform.create_resource(acme, ROOM)
    with pytest.raises(PlatformTaken):
        platform.create_resource(acme, ROOM)
    left = platform.find_resource(acme, name="room1")
    assert (left.name, left.address) == ("room1", "room1@acme.test")


def test_a_resource_is_changed_field_by_field(platform, acme, anna, room):
    bert = platform.create_user(acme, BERT)
    platform.change_resource(acme, room, ResourceChange(name="room2", address="room2@acme.test"))
    platform.change_resource(acme, room, ResourceChange(display_name="Room 2", manager_id=anna))
    platform.change_resource(acme, room, ResourceChange(description="Second floor"))
    expected = FoundResource(room, "room2", "Room 2", "Second floor", "room2@acme.test", anna)
    assert platform.find_resource(acme, ox_id=room) == expected
    platform.change_resource(acme, room, ResourceChange(manager_id=bert))
    assert platform.find_resource(acme, ox_id=room) == replace(expected, manager_id=bert)
    platform.change_resource(acme, room, ResourceChange(manager_id=None, description=""))
    assert platform.find_resource(acme, ox_id=room) == replace(expected, manager_id=None, description="")


def test_a_manager_that_is_not_there_is_refused(platform, acme, room):
    for act in (
        lambda: platform.create_resource(acme, replace(HALL, manager_id=99)),
        lambda: platform.change_resource(acme, room, ResourceChange(manager_id=99)),
    ):
        with pytest.raises(PlatformRefused) as caught:
            act()
        assert caught.value.sentence == (
            "This user cannot manage a resource: it is a guest, or unknown to the platform. Choose another."
        )


def test_resources_are_listed(platform, acme, anna, room):
    hall = platform.create_resource(acme, replace(HALL, manager_id=anna))
    assert [(resource.ox_id, resource.manager_id) for resource in platform.list_resources(acme)] == [
        (room, None),
        (hall, anna),
    ]


def test_a_resource_that_is_not_there_cannot_be_changed(platform, acme):
    with pytest.raises(PlatformNotFound) as caught:
        platform.change_resource(acme, 99, ResourceChange(name="other"))
    assert caught.value.sentence == "The platform does not know this resource."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "räum"}, "The platform does not allow ä in this name. Change the name."),
        ({"name": " "}, "The platform does not accept this name. Change it."),
        ({"address": "nonsense"}, "The platform does not accept this address. Correct it."),
    ],
)
def test_what_the_platform_does_not_take_is_refused(platform, acme, change, sentence):
    with pytest.raises(PlatformRefused) as caught:
        platform.create_resource(acme, replace(ROOM, **change))
    assert type(caught.value) is PlatformRefused
    assert caught.value.sentence == sentence
