import pytest
import requests
from tests.sandbox.soap import refusal

INVALID, NO_SUCH_USER = "InvalidDataException", "NoSuchUserException"


@pytest.fixture
def peopled(acme):
    """Anna 3, ann_e 4, Zoë 5."""
    acme.add("Anna")
    acme.add("ann_e", display_name="Other one")
    acme.add("zoe", display_name="ZOË Ärmel")
    return acme


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", [2, 3, 4, 5]),
        ("", [2, 3, 4, 5]),
        ("Ann*", [3]),
        ("ann*", [3, 4]),  # the display name of Anna is compared without regard to case
        ("ANN\\_E", []),
        ("ann\\_e", [4]),
        ("ann_e", [4]),
        ("ox_dmin", [2]),
        ("zoë*", [5]),
        ("%", []),
        ("[a-z]*", []),
    ],
)
def test_a_pattern_matches_the_login_with_case_or_the_display_name_without(peopled, pattern, found):
    assert [each.id for each in peopled.admin("list", search_pattern=pattern)] == found


def test_case_can_be_left_out_of_account(peopled):
    assert [each.id for each in peopled.admin("listCaseInsensitive", search_pattern="ANN*")] == [3, 4]


def test_a_list_without_a_pattern_is_a_fault(peopled):
    assert refusal(lambda: peopled.admin("list")) == (INVALID, "Invalid data sent!")


def test_lists_give_ids_alone(peopled):
    first = peopled.admin("list", search_pattern="Anna")[0]
    assert (first.id, first.name, first.display_name) == (3, None, None)


@pytest.mark.parametrize(("page", "found"), [({"length": 2}, [2, 3]), ({"length": 2, "offset": 3}, [5])])
def test_lists_come_in_pages(peopled, page, found):
    assert [each.id for each in peopled.admin("list", search_pattern="*", **page)] == found


def test_guests_are_listed_when_asked_for(peopled):
    requests.post(f"{peopled.url}/sandbox/api/contexts/10/guests", json={"email": "g@x.test"}).raise_for_status()
    listed = [
        peopled.admin("listAll", include_guests=guests, exclude_users=no_users)
        for guests, no_users in ((False, False), (True, False), (True, True))
    ]
    assert [[each.id for each in users] for users in listed] == [[2, 3, 4, 5], [2, 3, 4, 5, 6], [6]]


def test_several_users_are_read_at_once(peopled):
    users = peopled.admin("getMultipleData", users=[{"id": 5}, {"name": "Anna"}])
    assert [user.name for user in users] == ["zoe", "Anna"]


def test_one_unknown_user_fails_the_whole_reading(peopled):
    call = {"users": [{"id": 3}, {"id": 77}]}
    fault = (NO_SUCH_USER, "No such user 77 in context 10")
    assert refusal(lambda: peopled.admin("getMultipleData", **call)) == fault


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ({"name": "nobody"}, (NO_SUCH_USER, "No such user nobody in context 10")),
        ({"id": 77}, (NO_SUCH_USER, "No such user 77 in context 10")),
        ({"id": 3, "name": "nobody"}, (NO_SUCH_USER, "No such user nobody in context 10")),
        ({"id": 0}, (INVALID, "Username and userid missing.")),
    ],
)
def test_nobody_to_read(peopled, user, fault):
    assert refusal(lambda: peopled.admin("getData", user=user)) == fault


@pytest.mark.parametrize(
    ("user", "there"),
    [
        ({"id": 3}, True),
        ({"id": 77, "name": "Anna"}, False),
        ({"name": "anna"}, False),
        ({"display_name": "zoë ärmel"}, True),
    ],
)
def test_existence_goes_by_id_then_name_then_display_name(peopled, user, there):
    assert peopled.admin("exists", user=user) is there


def test_existence_of_nothing_is_a_fault(peopled):
    text = "Neither identifier, name nor display name set in given user object"
    assert refusal(lambda: peopled.admin("exists", user={"given_name": "x"})) == (INVALID, text)


def test_the_context_admin_can_be_asked_for(peopled):
    admin = peopled.admin("getContextAdmin")
    assert (admin.id, admin.name, admin.contextadmin) == (2, "oxadmin", True)
