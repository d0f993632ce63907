import pytest
import requests
from tests.sandbox.soap import ACME, ADMIN, context_admin, refusal

INVALID, NO_USER, NO_GROUP, STORAGE = (
    f"{name}Exception" for name in ("InvalidData", "NoSuchUser", "NoSuchGroup", "Storage")
)
RMI = "com.openexchange.admin.rmi.exceptions"
NO_KEY = "One groupobject has no groupid or groupname"
NO_KEY_TO_READ = "Groupname and groupid missing! Cannot resolve group data"
NEW = {"name": "choir", "displayname": "Choir"}
TWICE = "java.sql.BatchUpdateException: Duplicate entry '10-{}-3' for key 'PRIMARY'"


def no_such(kind, name):
    exception = f"NoSuch{kind.title()}Exception"
    return exception, f"{RMI}.NoSuchObjectException: {RMI}.{exception}: No such {kind} {name} in context 10"


NOT_CREATED = {
    "no display name": ({"displayname": None}, (INVALID, "Mandatory fields not set: [displayname]")),
    "empty fields": ({"displayname": "", "name": ""}, (INVALID, "Mandatory fields not set: [displayname, name]")),
    "blank name": ({"name": "  "}, (INVALID, "Invalid group name")),
    "characters": ({"name": "chör/1"}, (INVALID, 'Illegal chars: "ö/"')),
    "name taken": ({"name": "TEAM"}, (INVALID, "Group already exists!")),
    "name of the default group": ({"name": "Users"}, (INVALID, "Group already exists!")),
    "unknown member": ({"members": [3, 99]}, (NO_USER, "No such user")),
    "guest": ({"members": [3, 5]}, (NO_USER, "Cannot add guest user to group")),
    "member twice": ({"members": [3, 3]}, (STORAGE, TWICE.format(7))),
}
NOT_CHANGED = {
    "no key": ({"id": 0}, (INVALID, NO_KEY)),
    "unknown id": ({"id": 99}, (NO_GROUP, "No such group")),
    "a user's id": ({"id": 3}, (NO_GROUP, "No such group")),
    "everybody of all": ({"id": 2147483647}, (NO_GROUP, "No such group")),
    "unknown name": ({"id": None, "name": "nobody"}, no_such("group", "nobody")),
    "name cleared": ({"name": ""}, (INVALID, "Invalid group name")),
    "display name cleared": (
        {"displayname": ""},
        (INVALID, 'Field "displayname" is a mandatory field and can\'t be set to null.'),
    ),
    "characters": ({"name": "team#"}, (INVALID, 'Illegal chars: "#"')),
    "name taken": ({"name": "USERS"}, (INVALID, "Group USERS already exists in this context")),
    "unknown member": ({"members": [99]}, (NO_USER, "No such user")),
    "guest": ({"members": [5]}, (NO_USER, "Cannot add guest user to group")),
    "member twice": ({"members": [3, 3]}, (STORAGE, TWICE.format(6))),
}
NOT_ADDED = {
    "unknown group": ({"id": 99}, [{"id": 3}], (NO_GROUP, "No such group")),
    "unknown name of a group": ({"name": "nobody"}, [{"id": 3}], no_such("group", "nobody")),
    "group without a key": ({"displayname": "Team"}, [{"id": 3}], (INVALID, NO_KEY)),
    "nobody": ({"id": 6}, [], (INVALID, "Invalid data sent!")),
    "unknown user": ({"id": 6}, [{"id": 4}, {"id": 99}], (NO_USER, "No such user")),
    "unknown name": ({"id": 6}, [{"id": 4}, {"name": "Anna"}], no_such("user", "Anna")),
    "user without a key": (
        {"id": 6},
        [{"display_name": "Anna"}],
        (INVALID, "One userobject has no userid or username"),
    ),
}


@pytest.fixture
def teamed(acme):
    """Anna 3, Bert 4, a guest 5, and Anna in the group 6."""
    acme.add("anna")
    acme.add("bert")
    requests.post(f"{acme.url}/sandbox/api/contexts/10/guests", json={"email": "g@x.test"}).raise_for_status()
    assert acme.add_group("team", 3) == 6
    return acme


def held(caller):
    return requests.get(f"{caller.url}/sandbox/api/contexts/10/groups").json()["groups"]


def members(caller, group_id=6):
    return requests.get(f"{caller.url}/sandbox/api/contexts/10/groups/{group_id}").json()["members"]


def ids(found):
    return [each.id for each in found]


def without_none(fields):
    return {key: value for key, value in fields.items() if value is not None}


@pytest.mark.parametrize(("changes", "fault"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_group_that_breaks_a_rule_is_not_made(teamed, changes, fault):
    assert refusal(lambda: teamed.group("create", grp=without_none({**NEW, **changes}))) == fault
    assert [group["id"] for group in held(teamed)] == [1, 6]
    assert teamed.add_group("after") == 7


@pytest.mark.parametrize(("changes", "fault"), NOT_CHANGED.values(), ids=NOT_CHANGED)
def test_a_change_that_breaks_a_rule_changes_nothing(teamed, changes, fault):
    before = held(teamed)
    assert refusal(lambda: teamed.group("change", grp=without_none({"id": 6, **changes}))) == fault
    assert held(teamed) == before


@pytest.mark.parametrize("operation", ["addMember", "removeMember"])
@pytest.mark.parametrize(("group", "users", "fault"), NOT_ADDED.values(), ids=NOT_ADDED)
def test_who_cannot_be_found_neither_joins_nor_leaves(teamed, operation, group, users, fault):
    assert refusal(lambda: teamed.group(operation, grp=group, members=users)) == fault
    assert members(teamed) == [3]


@pytest.mark.parametrize("operation", ["create", "change", "delete", "deleteMultiple", "getData", "getMembers"])
def test_a_call_without_a_group_is_invalid_data(acme, operation):
    assert refusal(lambda: acme.group(operation)) == (INVALID, "Invalid data sent!")


def test_the_answer_is_the_object_sent_with_its_id(teamed):
    made = teamed.group("create", grp={**NEW, "id": 77, "members": [4, 3]})
    assert (made.id, made.name, made.displayname, made.members) == (7, "choir", "Choir", [4, 3])


def test_a_name_may_have_blanks_and_signs(acme):
    assert acme.group("create", grp={"name": "A b $@%.+-_9", "displayname": "Ünïcode ist frei"}).id == 3


def test_users_groups_and_resources_draw_from_one_sequence(acme):
    drawn = [acme.add("anna"), acme.add_group("team"), acme.add_resource("blue"), acme.add("bert")]
    acme.group("delete", grp={"id": 4})
    assert [*drawn, acme.add_group("team")] == [3, 4, 5, 6, 7]


def test_a_change_without_members_empties_the_group(teamed):
    teamed.group("change", grp={"id": 6, "displayname": "The team"})
    (team,) = [group for group in held(teamed) if group["id"] == 6]
    assert team == {"id": 6, "name": "team", "displayname": "The team", "members": []}


def test_a_change_with_members_replaces_them(teamed):
    teamed.group("change", grp={"name": "TEAM", "members": [4, 2]})
    assert members(teamed) == [2, 4]


def test_a_group_is_renamed_by_id_also_in_case_alone(teamed):
    teamed.group("change", grp={"id": 6, "name": "Team", "members": [3]})
    assert held(teamed)[1] == {"id": 6, "name": "Team", "displayname": "Group team", "members": [3]}


def test_members_join_by_id_and_by_name(teamed):
    teamed.group("addMember", grp={"name": "Team"}, members=[{"id": 2}, {"name": "bert"}])
    assert members(teamed) == [2, 3, 4]


def test_nobody_joins_when_one_is_a_member_already(teamed):
    join = {"grp": {"id": 6}, "members": [{"id": 4}, {"id": 3}]}
    assert refusal(lambda: teamed.group("addMember", **join)) == (INVALID, "Member already exists in group")
    assert members(teamed) == [3]


def test_a_guest_does_not_join(teamed):
    fault = (NO_USER, "Cannot add guest user to group")
    assert refusal(lambda: teamed.group("addMember", grp={"id": 6}, members=[{"id": 4}, {"id": 5}])) == fault
    assert members(teamed) == [3]


def test_who_leaves_is_out_and_who_was_not_in_does_not_matter(teamed):
    teamed.group("removeMember", grp={"id": 6}, members=[{"name": "anna"}, {"id": 4}])
    assert members(teamed) == []


def test_a_deleted_user_leaves_all_groups(teamed):
    teamed.admin("delete", user={"id": 3})
    assert [group["members"] for group in held(teamed)] == [[2, 4], []]


def test_groups_go_all_or_none(teamed):
    teamed.add_group("choir")
    gone = {"grps": [{"id": 6}, {"id": 99}]}
    assert refusal(lambda: teamed.group("deleteMultiple", **gone)) == (NO_GROUP, "No such group")
    assert refusal(lambda: teamed.group("delete", grp={"name": "x"})) == no_such("group", "x")
    assert [group["id"] for group in held(teamed)] == [1, 6, 7]
    teamed.group("deleteMultiple", grps=[{"id": 6}, {"name": "CHOIR"}])
    assert [group["id"] for group in held(teamed)] == [1]


@pytest.mark.parametrize("group", [{"id": 1}, {"name": "Users"}])
def test_the_default_group_stays(teamed, group):
    fault = (INVALID, "Group with id 1 cannot be deleted")
    assert refusal(lambda: teamed.group("delete", grp=group)) == fault
    assert refusal(lambda: teamed.group("deleteMultiple", grps=[{"id": 6}, group])) == fault
    assert members(teamed, 1) == [2, 3, 4]


def test_a_group_is_read_with_its_members(teamed):
    group = teamed.group("getData", grp={"name": "TEAM"})
    assert (group.id, group.name, group.displayname, group.members) == (6, "team", "Group team", [3])


def test_several_groups_are_read_at_once(teamed):
    groups = teamed.group("getMultipleData", grps=[{"id": 6}, {"name": "users"}])
    assert [(group.id, group.members) for group in groups] == [(6, [3]), (1, [2, 3, 4])]


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        ({"id": 99}, (NO_GROUP, "No such group 99")),
        ({"name": "nobody"}, (NO_GROUP, "No such group nobody")),
        ({"id": 6, "name": "nobody"}, (NO_GROUP, "No such group nobody")),
        ({"id": 99, "name": "team"}, (NO_GROUP, "No such group 99")),
        ({"id": 0, "displayname": "x"}, (INVALID, NO_KEY_TO_READ)),
    ],
)
def test_no_group_to_read(teamed, group, fault):
    assert refusal(lambda: teamed.group("getData", grp=group)) == fault
    assert refusal(lambda: teamed.group("getMultipleData", grps=[{"id": 1}, group])) == fault


def test_members_and_the_default_group_are_but_ids(teamed):
    (anna,) = teamed.group("getMembers", grp={"id": 6})
    default = teamed.group("getDefaultGroup")
    assert (anna.id, anna.name, default.id, default.name, default.members) == (3, None, 1, None, [])


def test_lists_give_full_groups_without_the_virtual_ones(teamed):
    groups = teamed.group("listAll")
    assert [(group.id, group.name, group.displayname, group.members) for group in groups] == [
        (1, "users", "Standard group", [2, 3, 4]),
        (6, "team", "Group team", [3]),
    ]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        *(("*", [1, 6, 7]), ("", []), ("TEAM", [6]), ("t_am", [6]), ("ünïcode*", [7]), ("*GROUP*", [1, 6])),
        *(("a\\_b", [7]), ("a_b", [7]), ("te\\_m", []), ("%", []), ("[tu]*", [])),
    ],
)
def test_a_pattern_matches_name_or_display_name_without_case(teamed, pattern, found):
    teamed.group("create", grp={"name": "a_b", "displayname": "ÜNÏCODE 100%"})
    assert ids(teamed.group("list", pattern=pattern)) == found


def test_a_list_without_a_pattern_is_a_fault(acme):
    assert refusal(lambda: acme.group("list")) == (INVALID, "Invalid data sent!")


def test_the_groups_of_a_user_are_full_groups(teamed):
    groups = teamed.group("listGroupsForUser", usr={"name": "anna"})
    assert [(group.id, group.name, group.members) for group in groups] == [(1, "users", [2, 3, 4]), (6, "team", [3])]
    assert teamed.group("listGroupsForUser", usr={"id": 5}) == []


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ({"id": 99}, (NO_USER, "No such user")),
        ({"name": "nobody"}, no_such("user", "nobody")),
        ({"given_name": "Anna"}, (INVALID, "One userobject has no userid or username")),
    ],
)
def test_the_groups_of_nobody_are_a_fault(teamed, user, fault):
    assert refusal(lambda: teamed.group("listGroupsForUser", usr=user)) == fault


def test_only_the_context_admin_does_groups(teamed):
    anna = {"login": "anna", "password": "anna-secret"}
    kind = "InvalidCredentialsException"
    assert refusal(lambda: teamed.groups.listAll(ctx=ACME, auth=anna)) == (kind, "Permission denied")
    assert refusal(lambda: teamed.groups.listAll(ctx={"id": 99}, auth=ADMIN)) == (kind, "Authentication failed")


def test_names_are_free_in_another_context(teamed):
    teamed.master("create", ctx={"id": 11, "maxQuota": 1}, admin_user=context_admin())
    made = teamed.groups.create(ctx={"id": 11}, grp={"name": "team", "displayname": "Team"}, auth=ADMIN)
    assert made.id == 3
