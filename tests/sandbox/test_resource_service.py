import pytest
import requests
from tests.sandbox.soap import refusal, room

INVALID, NO_RESOURCE = "InvalidDataException", "NoSuchResourceException"
RMI = "com.openexchange.admin.rmi.exceptions"
NO_KEY = "One resourceobject has no resourceid or resourcename"
NO_KEY_TO_READ = "Resourcename and resourceid missing!Cannot resolve resource data"
UNKNOWN_NAME = (
    NO_RESOURCE,
    f"{RMI}.NoSuchObjectException: {RMI}.NoSuchResourceException: No such resource nobody in context 10",
)
TAKEN = "Resource with this email address already exists"
A_USER_HAS_IT = 'Primary mail address "{}" already exists in context 10 (Already assigned to user 3).'
NOT_CREATED = {
    "no name": ({"name": None}, "Invalid data sent!"),
    "empty name": ({"name": ""}, "Mandatory fields not set: [name]"),
    "nothing but a name": ({"displayname": None, "email": None}, "Mandatory fields not set: [displayname, email]"),
    "blank name": ({"name": " "}, "Invalid resource name"),
    "characters": ({"name": "größe 1!"}, 'Illegal chars: "öß!"'),
    "name taken": ({"name": "BLUE"}, "Resource BLUE already exists in this context"),
    "address taken": ({"email": "Blue@acme.test"}, TAKEN),
    "address of a user": ({"email": "ANNA@acme.test"}, A_USER_HAS_IT.format("ANNA@acme.test")),
    "malformed address": ({"email": "nothing"}, "Invalid email address"),
}
NOT_CHANGED = {
    "no key": ({"id": 0}, (INVALID, NO_KEY)),
    "unknown id": ({"id": 99}, (NO_RESOURCE, "Resource with this id does not exists")),
    "a user's id": ({"id": 3}, (NO_RESOURCE, "Resource with this id does not exists")),
    "unknown name": ({"id": None, "name": "nobody"}, UNKNOWN_NAME),
    "name cleared": ({"name": ""}, (INVALID, 'Field "name" is a mandatory field and can\'t be set to null.')),
    "display name cleared": (
        {"displayname": ""},
        (INVALID, 'Field "displayname" is a mandatory field and can\'t be set to null.'),
    ),
    "address cleared": ({"email": ""}, (INVALID, 'Field "email" is a mandatory field and can\'t be set to null.')),
    "blank name": ({"name": " "}, (INVALID, "Invalid resource name")),
    "characters": ({"name": "a,b"}, (INVALID, 'Illegal chars: ","')),
    "name taken": ({"name": "Green"}, (INVALID, "Resource Green already exists in this context")),
    "address taken": ({"email": "GREEN@acme.test"}, (INVALID, TAKEN)),
    "address of a user": ({"email": "anna@acme.test"}, (INVALID, A_USER_HAS_IT.format("anna@acme.test"))),
    "malformed address": ({"email": "a@@b"}, (INVALID, "Invalid email address")),
}


def may(entity, privilege, *, group=False):
    return {"entity": entity, "group": group, "privilege": privilege}


EVERYBODY_ASKS = may(0, "ASK_TO_BOOK", group=True)
BAD_PERMISSIONS = {
    "asking without a delegate": ([EVERYBODY_ASKS], "Permission ASK_TO_BOOK without DELEGATE found."),
    "unknown user": ([may(99, "DELEGATE")], "User with id 99 not found."),
    "a group as user": ([may(4, "DELEGATE")], "User with id 4 not found."),
    "guest": ([may(5, "DELEGATE")], "User 5 is a guest user."),
    "unknown group": ([may(99, "DELEGATE", group=True)], "Group with id 99 not found."),
    "all guests": ([may(2147483647, "NONE", group=True)], "Group with id 2147483647 not found."),
    "twice": ([may(3, "DELEGATE"), may(3, "NONE")], "Duplicate permission entity 3."),
    "unknown privilege": ([may(3, "OWN")], "Invalid permission privilege OWN for entity 3."),
    "no privilege": ([{"entity": 3, "group": False}], "Missing permission privilege for entity 3."),
    "no entity": ([{"group": False, "privilege": "NONE"}], "Permission without entity found."),
    "no group flag": ([{"entity": 3, "privilege": "NONE"}], "Permission without group flag found."),
}
DELEGATED = [EVERYBODY_ASKS, may(4, "DELEGATE", group=True), may(3, "BOOK_DIRECTLY")]


@pytest.fixture
def furnished(acme):
    """Anna 3 in the group 4, a guest 5, the rooms blue 6 and green 7."""
    acme.add("anna")
    acme.add_group("team", 3)
    requests.post(f"{acme.url}/sandbox/api/contexts/10/guests", json={"email": "g@x.test"}).raise_for_status()
    assert (acme.add_resource("blue"), acme.add_resource("green")) == (6, 7)
    return acme


def held(caller, resource_id=None):
    found = requests.get(f"{caller.url}/sandbox/api/contexts/10/resources").json()["resources"]
    return found if resource_id is None else next(each for each in found if each["id"] == resource_id)


def without_none(fields):
    return {key: value for key, value in fields.items() if value is not None}


@pytest.mark.parametrize(("changes", "text"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_resource_that_breaks_a_rule_is_not_made(furnished, changes, text):
    assert refusal(lambda: furnished.resource("create", res=room("car", **changes))) == (INVALID, text)
    assert furnished.add_resource("car") == 8


@pytest.mark.parametrize(("changes", "fault"), NOT_CHANGED.values(), ids=NOT_CHANGED)
def test_a_change_that_breaks_a_rule_changes_nothing(furnished, changes, fault):
    before = held(furnished)
    assert refusal(lambda: furnished.resource("change", res=without_none({"id": 6, **changes}))) == fault
    assert held(furnished) == before


@pytest.mark.parametrize(("permissions", "text"), BAD_PERMISSIONS.values(), ids=BAD_PERMISSIONS)
def test_permissions_that_break_a_rule_change_nothing(furnished, permissions, text):
    new = room("car", permissions=permissions)
    assert refusal(lambda: furnished.resource("create", res=new)) == (INVALID, text)
    change = {"id": 6, "description": "x", "permissions": permissions}
    assert refusal(lambda: furnished.resource("change", res=change)) == (INVALID, text)
    assert [(each["id"], each["permissions"]) for each in held(furnished)] == [(6, []), (7, [])]


@pytest.mark.parametrize("operation", ["create", "change", "delete", "getData", "getMultipleData"])
def test_a_call_without_a_resource_is_invalid_data(acme, operation):
    assert refusal(lambda: acme.resource(operation)) == (INVALID, "Invalid data sent!")


def test_the_answer_is_the_object_sent_with_its_id(acme):
    made = acme.resource("create", res=room("Blue room", id=77))
    assert (made.id, made.name, made.email, made.available) == (3, "Blue room", "Blue-room@acme.test", None)


def test_a_resource_is_available_unless_told_otherwise(acme):
    acme.add_resource("blue")
    acme.add_resource("green", available=False, description="Third floor")
    read = [(each.available, each.description) for each in acme.resource("listAll")]
    assert read == [(True, None), (False, "Third floor")]


def test_fields_sent_change_and_others_stay(furnished):
    furnished.resource("change", res={"id": 6, "description": "x", "permissions": DELEGATED})
    furnished.resource("change", res={"id": 6, "available": False})
    assert held(furnished, 6) == {
        "id": 6,
        "name": "blue",
        "displayname": "Room blue",
        "email": "blue@acme.test",
        "description": "x",
        "available": False,
        "permissions": DELEGATED,
    }


def test_a_description_is_cleared_by_an_empty_text(furnished):
    furnished.resource("change", res={"id": 6, "description": "x"})
    furnished.resource("change", res={"name": "BLUE", "description": ""})
    assert (held(furnished, 6)["description"], held(furnished, 6)["name"]) == (None, "BLUE")


def test_a_resource_is_renamed_and_gets_another_address(furnished):
    furnished.resource("change", res={"id": 6, "name": "Azure", "email": "BLUE@acme.test"})
    assert (held(furnished, 6)["name"], held(furnished, 6)["email"]) == ("Azure", "BLUE@acme.test")
    assert furnished.add_resource("blue", email="azure@acme.test") == 8


def test_permissions_travel_both_ways_whatever_their_case(furnished):
    lower = [{**each, "privilege": each["privilege"].lower()} for each in DELEGATED]
    furnished.resource("change", res={"id": 6, "permissions": lower})
    read = furnished.resource("getData", res={"id": 6}).permissions
    assert [(each.entity, each.group, each.privilege) for each in read] == [
        (0, True, "ASK_TO_BOOK"),
        (4, True, "DELEGATE"),
        (3, False, "BOOK_DIRECTLY"),
    ]


def test_what_holds_anyway_takes_permissions_away_when_sent_alone(furnished):
    furnished.resource("change", res={"id": 6, "permissions": DELEGATED})
    furnished.resource("change", res={"id": 6, "permissions": [may(0, "BOOK_DIRECTLY", group=True)]})
    assert held(furnished, 6)["permissions"] == []


def test_who_goes_leaves_no_permission_behind(furnished):
    furnished.resource("change", res={"id": 6, "permissions": DELEGATED})
    furnished.admin("delete", user={"id": 3})
    furnished.group("delete", grp={"id": 4})
    assert held(furnished, 6)["permissions"] == [EVERYBODY_ASKS]


def test_a_resource_goes_with_its_permissions(furnished):
    furnished.resource("change", res={"id": 6, "permissions": DELEGATED})
    furnished.resource("delete", res={"name": "Blue"})
    assert [each["id"] for each in held(furnished)] == [7]
    assert furnished.add_resource("blue") == 8
    assert held(furnished, 8)["permissions"] == []


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        ({"id": 99}, (NO_RESOURCE, "Resource with this id does not exist")),
        ({"name": "nobody"}, UNKNOWN_NAME),
        ({"email": "blue@acme.test"}, (INVALID, NO_KEY)),
    ],
)
def test_no_resource_to_delete(furnished, resource, fault):
    assert refusal(lambda: furnished.resource("delete", res=resource)) == fault


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        ({"id": 99}, (NO_RESOURCE, "No such resource 99")),
        ({"name": "nobody"}, (NO_RESOURCE, "No such resource nobody")),
        ({"id": 6, "name": "nobody"}, (NO_RESOURCE, "No such resource nobody")),
        ({"id": 0}, (INVALID, NO_KEY_TO_READ)),
    ],
)
def test_no_resource_to_read(furnished, resource, fault):
    assert refusal(lambda: furnished.resource("getData", res=resource)) == fault
    assert refusal(lambda: furnished.resource("getMultipleData", resources=[{"id": 6}, resource])) == fault


def test_several_resources_are_read_at_once(furnished):
    read = furnished.resource("getMultipleData", resources=[{"id": 7}, {"name": "BLUE"}])
    assert [(each.id, each.email) for each in read] == [(7, "green@acme.test"), (6, "blue@acme.test")]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*", [6, 7]), ("B*", [6]), ("_lue", [6]), ("gr\\_en", []), ("ROOM GREEN", [7]), ("room*", []), ("%", [])],
)
def test_a_pattern_matches_the_name_and_as_a_whole_the_display_name(furnished, pattern, found):
    assert [each.id for each in furnished.resource("list", pattern=pattern)] == found


@pytest.mark.parametrize(("sent", "text"), [({}, "Invalid data sent!"), ({"pattern": ""}, "Invalid pattern!")])
def test_a_list_needs_a_pattern(acme, sent, text):
    assert refusal(lambda: acme.resource("list", **sent)) == (INVALID, text)


def test_a_user_may_take_the_address_of_a_resource(furnished):
    """The platform looks at users when a resource comes, but not the other way round."""
    assert furnished.add("bert", primaryEmail="blue@acme.test", email1="blue@acme.test") == 8
    change = {"id": 6, "description": "x", "email": "blue@acme.test"}
    text = 'Primary mail address "blue@acme.test" already exists in context 10 (Already assigned to user 8).'
    assert refusal(lambda: furnished.resource("change", res=change)) == (INVALID, text)
    furnished.resource("change", res={"id": 6, "description": "x"})
