"""What is sent for groups, and what is made of the answers."""

import pytest
from tests.ox.conftest import ACCESS
from tests.ox.wire import Answer, answered, fault, soap

from oxherd.errors import PlatformError, PlatformNotFound, PlatformRefused, PlatformTaken
from oxherd.ox.interface import FoundGroup, GroupChange, GroupData

SALES = GroupData(name="sales", display_name="Sales", members=(3, 4))
ALREADY = fault("InvalidDataException", "Member already exists in group")


class OneGroup:
    """Answers like a platform with one group; `refusals` come first, each after `meanwhile` has changed the members."""

    def __init__(self, *members, refusals=(), meanwhile=frozenset()):
        self.members = set(members)
        self.refusals = list(refusals)
        self.meanwhile = meanwhile

    def __call__(self, request):
        if b"getData>" in request.body:
            return Answer(answered("getData", f"<d:displayname>S</d:displayname>{ids(self.members)}<d:id>7</d:id>"))
        if self.refusals:
            self.members ^= set(self.meanwhile)
            return self.refusals.pop(0)
        return Answer(soap())


def ids(members):
    return "".join(f"<d:members>{number}</d:members>" for number in sorted(members))


def operations(wire):
    return [request.headers["SOAPAction"].strip('"').removeprefix("urn:") for request in wire.posts]


def sent_users(request):
    return [int(text) for text in request.operation.xpath("*[local-name()='members']/*[local-name()='id']/text()")]


def test_a_group_is_made_in_one_call_with_everything_in_wire_order(wire, wired):
    wire.answer = lambda request: Answer(answered("create", "<d:id>7</d:id><d:name>sales</d:name>"))
    assert wired.create_group(ACCESS, SALES) == 7
    [request] = wire.posts
    assert request.path == "/webservices/OXGroupService"
    assert request.fields("ctx") == [("id", "10")]
    assert request.fields("grp") == [("displayname", "Sales"), ("members", "3"), ("members", "4"), ("name", "sales")]
    assert request.fields("auth") == [("login", "oxadmin"), ("password", "admin-secret")]


@pytest.mark.parametrize(
    ("ox_id", "is_system"),
    [(1, True), (2147483647, True), (0, True), (2, False), (7, False)],
)
def test_a_group_is_read_field_by_field(wire, wired, ox_id, is_system):
    answer = (
        f"<d:displayname>Sales Ä</d:displayname><d:id>{ox_id}</d:id><d:members>3</d:members><d:members>4</d:members>"
        "<d:name>sales</d:name>"
    )
    wire.answer = lambda request: Answer(answered("getData", answer))
    found = wired.find_group(ACCESS, name="sales")
    assert found == FoundGroup(ox_id, "sales", "Sales Ä", (3, 4), is_system)
    assert wire.posts[0].fields("grp") == [("name", "sales")]
    assert wired.find_group(ACCESS, ox_id=7) == found
    assert wire.posts[1].fields("grp") == [("id", "7")]


def test_nil_fields_of_a_group_are_empty(wire, wired):
    nil = '<d:displayname xsi:nil="true"/><d:id>7</d:id><d:members xsi:nil="true"/><d:name xsi:nil="true"/>'
    wire.answer = lambda request: Answer(answered("getData", nil))
    assert wired.find_group(ACCESS, ox_id=7) == FoundGroup(7, "", "", (), is_system=False)


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (GroupChange(name="sales2"), [("id", "7"), ("members", "3"), ("members", "4"), ("name", "sales2")]),
        (GroupChange(display_name=""), [("displayname", ""), ("id", "7"), ("members", "3"), ("members", "4")]),
    ],
)
def test_a_change_without_members_reads_them_and_sends_them_along(wire, wired, change, sent):
    wire.answer = OneGroup(3, 4)
    wired.change_group(ACCESS, 7, change)
    assert operations(wire) == ["getData", "change"]
    assert wire.posts[1].fields("grp") == sent


GONE = fault("NoSuchUserException", "No such user")


def test_a_change_is_sent_again_without_a_member_who_was_deleted_meanwhile(wire, wired):
    wire.answer = OneGroup(3, 4, refusals=[GONE], meanwhile={4})
    wired.change_group(ACCESS, 7, GroupChange(name="sales2"))
    assert operations(wire) == ["getData", "change", "getData", "change"]
    assert wire.posts[-1].fields("grp") == [("id", "7"), ("members", "3"), ("name", "sales2")]


def test_a_change_that_is_refused_for_the_same_members_is_not_sent_again(wire, wired):
    wire.answer = OneGroup(3, 4, refusals=[GONE])
    with pytest.raises(PlatformRefused):
        wired.change_group(ACCESS, 7, GroupChange(name="sales2"))
    assert operations(wire) == ["getData", "change", "getData"]


def test_an_empty_group_stays_empty(wire, wired):
    wire.answer = OneGroup()
    wired.change_group(ACCESS, 7, GroupChange(name="sales2"))
    assert wire.posts[1].fields("grp") == [("id", "7"), ("name", "sales2")]


def test_when_the_members_cannot_be_read_the_change_is_not_sent(wire, wired):
    wire.answer = lambda request: fault("NoSuchGroupException", "No such group 7")
    with pytest.raises(PlatformNotFound) as caught:
        wired.change_group(ACCESS, 7, GroupChange(name="sales2"))
    assert caught.value.sentence == "The platform does not know this group."
    assert operations(wire) == ["getData"]


@pytest.mark.parametrize(("members", "sent"), [((5,), [("id", "7"), ("members", "5")]), ((), [("id", "7")])])
def test_members_that_are_set_are_sent_without_reading(wire, wired, members, sent):
    wired.change_group(ACCESS, 7, GroupChange(members=members))
    assert operations(wire) == ["change"]
    assert wire.posts[0].fields("grp") == sent


def test_what_changes_nothing_is_not_sent(wire, wired):
    wired.change_group(ACCESS, 7, GroupChange())
    wired.add_members(ACCESS, 7, ())
    wired.remove_members(ACCESS, 7, [])
    assert wire.requests == []


def test_only_who_is_missing_is_added(wire, wired):
    wire.answer = OneGroup(3, 4)
    wired.add_members(ACCESS, 7, [5, 4, 6, 5])
    assert operations(wire) == ["getData", "addMember"]
    assert wire.posts[1].fields("grp") == [("id", "7")]
    assert sent_users(wire.posts[1]) == [5, 6]
    wired.add_members(ACCESS, 7, [3, 4])
    assert operations(wire)[2:] == ["getData"]


def test_only_who_is_there_is_removed(wire, wired):
    wire.answer = OneGroup(3, 4, 5)
    wired.remove_members(ACCESS, 7, {9, 5, 3})
    assert operations(wire) == ["getData", "removeMember"]
    assert sent_users(wire.posts[1]) == [3, 5]
    wired.remove_members(ACCESS, 7, [8, 9])
    assert operations(wire)[2:] == ["getData"]


def test_many_members_go_in_batches(wire, wired):
    wire.answer = OneGroup(3)
    wired.add_members(ACCESS, 7, range(3, 504))
    assert operations(wire) == ["getData", "addMember", "addMember", "addMember"]
    assert [sent_users(request) for request in wire.posts[1:]] == [
        list(range(4, 204)),
        list(range(204, 404)),
        list(range(404, 504)),
    ]


def test_a_member_that_another_added_meanwhile_is_left_out_then(wire, wired):
    wire.answer = OneGroup(3, refusals=[ALREADY], meanwhile={4})
    wired.add_members(ACCESS, 7, [4, 5])
    assert operations(wire) == ["getData", "addMember", "getData", "addMember"]
    assert [sent_users(wire.posts[1]), sent_users(wire.posts[3])] == [[4, 5], [5]]


def test_a_user_removed_meanwhile_is_no_member_either(wire, wired):
    gone = fault("NoSuchUserException", "No such user")
    wire.answer = OneGroup(3, 4, refusals=[gone], meanwhile={4})
    wired.remove_members(ACCESS, 7, [3, 4])
    assert [sent_users(wire.posts[1]), sent_users(wire.posts[3])] == [[3, 4], [3]]


def test_a_refusal_that_another_reading_does_not_explain_is_passed_on(wire, wired):
    wire.answer = OneGroup(3, refusals=[fault("NoSuchUserException", "No such user")])
    with pytest.raises(PlatformRefused) as caught:
        wired.add_members(ACCESS, 7, [99])
    assert operations(wire) == ["getData", "addMember", "getData"]
    assert caught.value.sentence == (
        "The platform does not know one of the members. Take that user out of the group, or add the user anew."
    )


def test_a_group_that_changes_all_the_time_is_tried_five_times(wire, wired):
    wire.answer = OneGroup(3, refusals=[ALREADY] * 6, meanwhile={4})
    with pytest.raises(PlatformRefused):
        wired.add_members(ACCESS, 7, [4, 5])
    assert operations(wire) == ["getData", "addMember"] * 5 + ["getData"]


def test_groups_are_listed_with_their_members(wire, wired):
    groups = [f"<d:displayname>G</d:displayname><d:id>{number}</d:id>{ids({2, number})}" for number in (1, 7)]
    wire.answer = lambda request: Answer(answered("listAll", *groups))
    assert [(group.ox_id, group.members, group.is_system) for group in wired.list_groups(ACCESS)] == [
        (1, (1, 2), True),
        (7, (2, 7), False),
    ]


def test_the_groups_of_a_user_are_asked_for_by_its_id(wire, wired):
    wire.answer = lambda request: Answer(answered("listGroupsForUser", "<d:id>1</d:id>", "<d:id>7</d:id>"))
    assert [group.ox_id for group in wired.groups_of_user(ACCESS, 3)] == [1, 7]
    assert wire.posts[0].fields("usr") == [("id", "3")]


def test_a_group_that_is_gone_already_is_gone(wire, wired):
    wire.answer = lambda request: fault("NoSuchGroupException", "No such group")
    wired.remove_group(ACCESS, 7)
    assert wired.find_group(ACCESS, ox_id=7) is None
    assert wire.posts[0].fields("grp") == [("id", "7")]


@pytest.mark.parametrize(
    ("refusal", "kind", "sentence"),
    [
        (
            fault("InvalidDataException", "Group already exists!"),
            PlatformTaken,
            "This customer has a group of this name already.",
        ),
        (
            fault("InvalidDataException", "Group sales already exists in this context"),
            PlatformTaken,
            "This customer has a group of this name already.",
        ),
        (
            fault("InvalidDataException", 'Illegal chars: "ä"'),
            PlatformRefused,
            "The platform does not allow ä in this name.",
        ),
        (
            fault("InvalidDataException", "Invalid group name"),
            PlatformRefused,
            "The platform does not accept this name.",
        ),
        (
            fault("NoSuchUserException", "No such user"),
            PlatformRefused,
            "The platform does not know one of the members.",
        ),
        (
            fault("StorageException", "com.openexchange.admin.rmi.exceptions.NoSuchUserException: 99"),
            PlatformRefused,
            "The platform does not know one of the members.",
        ),
        (
            fault("NoSuchUserException", "Cannot add guest user to group"),
            PlatformRefused,
            "Guests cannot be members of a group.",
        ),
    ],
)
def test_faults_of_groups(wire, wired, refusal, kind, sentence):
    wire.answer = lambda request: refusal
    with pytest.raises(PlatformError) as caught:
        wired.create_group(ACCESS, SALES)
    assert type(caught.value) is kind
    assert caught.value.sentence.startswith(sentence)


def test_a_user_that_was_asked_for_and_is_not_there_is_not_found(wire, wired):
    wire.answer = lambda request: fault("NoSuchUserException", "No such user")
    with pytest.raises(PlatformNotFound) as caught:
        wired.groups_of_user(ACCESS, 99)
    assert caught.value.sentence == "The platform does not know this user."
