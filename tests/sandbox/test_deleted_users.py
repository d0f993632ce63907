import pytest
import requests
from tests.sandbox.soap import refusal

INVALID, NO_SUCH_USER = "InvalidDataException", "NoSuchUserException"
AGAIN = "Please choose a different reassign user."
REFUSED = {
    "the admin": ([{"id": 2}], None, (INVALID, "Admin delete not supported")),
    "nobody": ([], None, (INVALID, "User array is empty")),
    "twice": ([{"id": 3}, {"name": "anna"}], None, (INVALID, "User 3 is contained multiple times in delete request.")),
    "unknown ids": ([{"id": 3}, {"id": 8}, {"id": 9}], None, (NO_SUCH_USER, "No such user(s) 8,9 in context 10")),
    "no such heir": (
        [{"id": 3}],
        99,
        (INVALID, f"The reassign user with id 99 does not exist in context 10. {AGAIN}"),
    ),
    "heir without file store": (
        [{"id": 3}],
        5,
        (INVALID, f"The reassign user with id 5 is not an owner of a filestore. {AGAIN}"),
    ),
    "heir leaves too": (
        [{"id": 4}],
        4,
        (INVALID, f"It is not allowed to reassign the shared data to the user which should be deleted. {AGAIN}"),
    ),
}


@pytest.fixture
def peopled(acme):
    """Anna 3, Bert 4 with a file store of his own, Carl 5 without, Dora 6 in Bert's file store."""
    acme.add("anna")
    acme.add("bert", maxQuota=100)
    acme.add("carl")
    acme.add("dora", maxQuota=100)
    acme.admin("moveFromUserFilestoreToMaster", user={"id": 6}, masterUser={"id": 4})
    return acme


def ids(caller):
    return [each.id for each in caller.admin("listAll")]


@pytest.mark.parametrize(("users", "heir", "fault"), REFUSED.values(), ids=REFUSED)
def test_a_refused_deletion_deletes_nobody(peopled, users, heir, fault):
    reassign = {} if heir is None else {"reassign": heir}
    assert refusal(lambda: peopled.admin("deleteMultiple", users=users, **reassign)) == fault
    assert ids(peopled) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("reassign", [{}, {"reassign": 0}, {"reassign": 4}])
def test_a_user_goes_with_everything(peopled, reassign):
    peopled.admin("delete", user={"name": "anna"}, **reassign)
    assert ids(peopled) == [2, 4, 5, 6]
    assert peopled.admin("listByAliasDomain", alias_domain="acme.test", length=1, offset=1)[0].id == 4
    address = f"{peopled.url}/sandbox/api/contexts/10/users/3"
    assert requests.get(address).status_code == 404


def test_several_go_at_once(peopled):
    peopled.admin("deleteMultiple", users=[{"id": 3}, {"name": "carl"}])
    assert ids(peopled) == [2, 4, 6]


def test_the_owner_of_a_file_store_that_others_use_stays(peopled):
    kind, text = refusal(lambda: peopled.admin("delete", user={"id": 4}))
    begin = "The user 4 is the owner of a master filestore which other users are using."
    assert (kind, text.startswith(begin), text.endswith(": 6")) == (INVALID, True, True)


def test_an_unknown_name_is_told_wrapped(peopled):
    kind, text = refusal(lambda: peopled.admin("delete", user={"name": "Anna"}))
    begin = "com.openexchange.admin.rmi.exceptions.NoSuchObjectException: "
    assert (kind, text.startswith(begin)) == (NO_SUCH_USER, True)


@pytest.mark.parametrize(
    ("operation", "user", "arguments", "quota"),
    [
        ("moveFromContextToUserFilestore", 3, {"dst_filestore_id": {"id": 2}, "max_quota": 7}, (2, 7)),
        (
            "moveFromMasterToUserFilestore",
            6,
            {"masterUser": {"id": 4}, "dst_filestore_id": {"id": 2}, "max_quota": 8},
            (2, 8),
        ),
        ("moveUserFilestore", 4, {"dst_filestore_id": {"id": 3}}, (3, 100)),
        ("moveFromUserToContextFilestore", 4, {}, (None, -1)),
    ],
)
def test_a_move_answers_a_job_and_is_done(peopled, operation, user, arguments, quota):
    job = peopled.admin(operation, user={"id": user}, **arguments)
    moved = peopled.user(user)
    assert (job, (moved.filestoreId, moved.maxQuota)) == (2, quota)


def test_a_file_store_must_exist(peopled):
    move = {"user": {"id": 4}, "dst_filestore_id": {"id": 77}}
    fault = ("NoSuchFilestoreException", "No such filestore 77")
    assert refusal(lambda: peopled.admin("moveUserFilestore", **move)) == fault
