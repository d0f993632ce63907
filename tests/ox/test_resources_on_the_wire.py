"""What is sent for resources, and what is made of the answers."""

import re
from dataclasses import replace

import pytest
from tests.ox.conftest import ACCESS
from tests.ox.wire import Answer, answered, fault

from oxherd.errors import PlatformError, PlatformNotFound, PlatformRefused, PlatformTaken, PlatformUnreachable
from oxherd.ox.interface import FoundResource, ResourceChange, ResourceData
from oxherd.sandbox.wsdl import wsdl

ROOM = ResourceData(
    name="room1", display_name="Room 1", description="First floor", address="room1@acme.test", manager_id=3
)
PLAIN = (
    "<d:available>true</d:available><d:description>First floor</d:description><d:displayname>Room 1</d:displayname>"
    "<d:email>room1@acme.test</d:email><d:id>8</d:id><d:name>room1</d:name>"
)


def permission(entity, privilege, group="false"):
    inside = f"<d:entity>{entity}</d:entity><d:group>{group}</d:group><d:privilege>{privilege}</d:privilege>"
    return f"<d:permissions>{inside}</d:permissions>"


MANAGED = PLAIN + permission(0, "ASK_TO_BOOK", "true") + permission(3, "DELEGATE")


def older(name):
    """As releases before 8 have it: no permissions."""
    return Answer(re.sub(rb"<xs:element name=\"permissions\"[^>]*/>", b"", wsdl(name, "http://x/")))


def sent_permissions(request):
    found = request.operation.xpath("*[local-name()='res']/*[local-name()='permissions']")
    return [tuple(field.text for field in permission) for permission in found]


def sent(request):
    return [field for field in request.fields("res") if field[0] != "permissions"]


def operations(wire):
    return [request.headers["SOAPAction"].strip('"').removeprefix("urn:") for request in wire.posts]


def test_a_resource_is_made_in_one_call_with_everything_in_wire_order(wire, wired):
    wire.answer = lambda request: Answer(answered("create", MANAGED))
    assert wired.create_resource(ACCESS, ROOM) == 8
    [request] = wire.posts
    assert request.path == "/webservices/OXResourceService"
    assert [name for name, _ in request.fields("res")] == [
        "description",
        "displayname",
        "email",
        "name",
        "permissions",
        "permissions",
    ]
    assert sent(request) == [
        ("description", "First floor"),
        ("displayname", "Room 1"),
        ("email", "room1@acme.test"),
        ("name", "room1"),
    ]
    assert sent_permissions(request) == [("3", "false", "DELEGATE"), ("0", "true", "ASK_TO_BOOK")]
    assert request.fields("auth") == [("login", "oxadmin"), ("password", "admin-secret")]


def test_without_a_manager_and_a_description_neither_is_sent(wire, wired):
    wire.answer = lambda request: Answer(answered("create", PLAIN))
    wired.create_resource(ACCESS, replace(ROOM, manager_id=None, description=""))
    assert wire.posts[0].fields("res") == [
        ("displayname", "Room 1"),
        ("email", "room1@acme.test"),
        ("name", "room1"),
    ]


def test_an_older_release_gets_no_manager_and_the_doctor_tells(wire, wired):
    wire.description = older
    wire.answer = lambda request: Answer(answered("create", PLAIN))
    assert wired.create_resource(ACCESS, ROOM) == 8
    assert sent_permissions(wire.posts[0]) == []
    wire.answer = lambda request: Answer(answered("getData", PLAIN))
    assert wired.find_resource(ACCESS, ox_id=8).manager_id is None
    assert operations(wire) == ["create", "getData"]
    findings = {finding.name: (finding.ok, finding.sentence) for finding in wired.check().findings}
    assert findings["managers"] == (
        True,
        "The platform knows no managers of resources: they are not sent to it, and anybody can book.",
    )


@pytest.mark.parametrize(
    ("change", "fields", "permissions"),
    [
        (ResourceChange(name="room2"), [("id", "8"), ("name", "room2")], []),
        (ResourceChange(display_name="Room 2"), [("displayname", "Room 2"), ("id", "8")], []),
        (ResourceChange(description=""), [("description", ""), ("id", "8")], []),
        (ResourceChange(address="room2@acme.test"), [("email", "room2@acme.test"), ("id", "8")], []),
        (ResourceChange(manager_id=4), [("id", "8")], [("4", "false", "DELEGATE"), ("0", "true", "ASK_TO_BOOK")]),
        (ResourceChange(manager_id=None), [("id", "8")], [("0", "true", "BOOK_DIRECTLY")]),
    ],
)
def test_only_what_changed_is_sent(wire, wired, change, fields, permissions):
    wired.change_resource(ACCESS, 8, change)
    [request] = wire.posts
    assert sent(request) == fields
    assert sent_permissions(request) == permissions


def test_a_change_of_nothing_is_not_sent(wire, wired):
    wired.change_resource(ACCESS, 8, ResourceChange())
    assert wire.requests == []


def test_a_resource_is_read_field_by_field(wire, wired):
    wire.answer = lambda request: Answer(answered("getData", MANAGED))
    found = wired.find_resource(ACCESS, name="room1")
    assert found == FoundResource(8, "room1", "Room 1", "First floor", "room1@acme.test", 3)
    assert wire.posts[0].fields("res") == [("name", "room1")]
    assert wired.find_resource(ACCESS, ox_id=8) == found
    assert wire.posts[1].fields("res") == [("id", "8")]
    assert operations(wire) == ["getData", "getData"]


def test_a_manager_that_get_data_leaves_out_is_looked_up_in_the_list(wire, wired):
    other = MANAGED.replace("<d:id>8</d:id>", "<d:id>9</d:id>").replace("3</d:entity>", "5</d:entity>")

    def answer(request):
        return Answer(answered("list", other, MANAGED) if b"list>" in request.body else answered("getData", PLAIN))

    wire.answer = answer
    assert wired.find_resource(ACCESS, ox_id=8).manager_id == 3
    assert operations(wire) == ["getData", "list"]
    assert wire.posts[1].operation.findtext("{*}pattern") == "room1"


def test_a_resource_that_the_list_does_not_show_is_still_there(wire, wired):
    wire.answer = lambda request: Answer(answered("list") if b"list>" in request.body else answered("getData", PLAIN))
    assert wired.find_resource(ACCESS, ox_id=8) == FoundResource(
        8, "room1", "Room 1", "First floor", "room1@acme.test", None
    )


@pytest.mark.parametrize(
    ("permissions", "manager_id"),
    [
        ("", None),
        (permission(0, "BOOK_DIRECTLY", "true"), None),
        (permission(7, "DELEGATE", "true") + permission(4, "delegate") + permission(5, "DELEGATE"), 4),
        (permission(7, "DELEGATE", "1") + permission(3, "ASK_TO_BOOK"), None),
    ],
)
def test_the_manager_is_the_first_user_who_decides(wire, wired, permissions, manager_id):
    wire.answer = lambda request: Answer(answered("listAll", PLAIN + permissions))
    assert [resource.manager_id for resource in wired.list_resources(ACCESS)] == [manager_id]


def test_a_permission_that_cannot_be_read_is_never_taken_for_none(wire, wired):
    wire.answer = lambda request: Answer(answered("listAll", PLAIN + permission("nobody", "DELEGATE")))
    with pytest.raises(PlatformUnreachable):
        list(wired.list_resources(ACCESS))


def test_a_resource_that_is_gone_already_is_gone(wire, wired):
    wire.answer = lambda request: fault("NoSuchResourceException", "Resource with this id does not exist")
    wired.remove_resource(ACCESS, 8)
    assert wired.find_resource(ACCESS, ox_id=8) is None
    assert wire.posts[0].fields("res") == [("id", "8")]


@pytest.mark.parametrize(
    ("refusal", "kind", "sentence"),
    [
        (
            fault("InvalidDataException", "Resource room1 already exists in this context"),
            PlatformTaken,
            "This customer has a resource named room1 already.",
        ),
        (
            fault("InvalidDataException", "Resource with this email address already exists"),
            PlatformTaken,
            "Another resource of this customer has this address. Choose another.",
        ),
        (
            fault(
                "InvalidDataException",
                'Primary mail address "room1@acme.test" already exists in context 10 (Already assigned to user 4).',
            ),
            PlatformTaken,
            "Another user of this customer has the primary address room1@acme.test. Choose another.",
        ),
        (
            fault("InvalidDataException", "Invalid email address"),
            PlatformRefused,
            "The platform does not accept this address. Correct it.",
        ),
        (
            fault("InvalidDataException", "Invalid resource name"),
            PlatformRefused,
            "The platform does not accept this name. Change it.",
        ),
        (
            fault("InvalidDataException", "User with id 3 not found."),
            PlatformRefused,
            "This user cannot manage a resource: it is a guest, or unknown to the platform. Choose another.",
        ),
        (
            fault("NoSuchResourceException", "Resource with this id does not exists"),
            PlatformNotFound,
            "The platform does not know this resource.",
        ),
    ],
)
def test_faults_of_resources(wire, wired, refusal, kind, sentence):
    wire.answer = lambda request: refusal
    with pytest.raises(PlatformError) as caught:
        wired.change_resource(ACCESS, 8, ResourceChange(name="room1"))
    assert type(caught.value) is kind
    assert caught.value.sentence == sentence
