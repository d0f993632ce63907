import pytest
import requests
from tests.sandbox.soap import ACME, MASTER, attributes, refusal

INVALID = "InvalidDataException"
MISSING_ALIAS = "primaryMail, Email1 and defaultSenderAddress must be present in set of aliases."
NO_SUCH = (
    "com.openexchange.admin.rmi.exceptions.NoSuchObjectException: "
    "com.openexchange.admin.rmi.exceptions.NoSuchUserException: No such user nobody in context 10"
)
MOVED = {"primaryEmail": "a@acme.test", "email1": "a@acme.test", "defaultSenderAddress": "a@acme.test"}
REFUSED = {
    "no key": ({"id": 0}, "One userobject has no userid or username"),
    "name cleared": ({"name": ""}, 'Field "name" is a mandatory field and can\'t be set to null.'),
    "surname cleared": ({"sur_name": ""}, 'Field "sur_name" is a mandatory field and can\'t be set to null.'),
    "aliases without the primary address": ({"aliases": ["other@acme.test"]}, MISSING_ALIAS),
    "address without its alias": (MOVED, MISSING_ALIAS),
    "address without email1": ({"primaryEmail": "a@acme.test"}, "email1 not sent but required!"),
    "email1 differs": ({"primaryEmail": "a@acme.test", "email1": "A@acme.test"}, "email1 not equal with primarymail!"),
    "email1 alone": ({"email1": "a@acme.test"}, "email1 not equal with primarymail!"),
    "address taken": (
        {"primaryEmail": "bert@acme.test", "email1": "bert@acme.test"},
        'Primary mail address "bert@acme.test" already exists in context 10 (Already assigned to user 4).',
    ),
    "display name taken": ({"display_name": "bert BEISPIEL"}, "The displayname is already used"),
    "malformed address": ({"aliases": ["anna@acme.test", "nothing"]}, "Invalid email address: nothing"),
    "rename": ({"name": "anne"}, "Changing username is disabled!"),
    "mechanism alone": (
        {"passwordMech": "SHA-512"},
        "When changing password mechanism, the password string must also be supplied",
    ),
    "language": ({"language": "de"}, "Language must contain an underscore, e.g. en_US."),
    "time zone": ({"timezone": "Mars/Base"}, "The given timezone is invalid"),
}


@pytest.fixture
def anna(acme):
    """Anna is user 3, Bert with a file store of his own is user 4."""
    acme.add("anna", aliases=["info@acme.test"], userAttributes=attributes(cloud__service="pim", config__a="1"))
    acme.add("bert", maxQuota=100)

    def change(**fields):
        acme.admin("change", usrdata={"id": 3, **fields})
        return acme.user(3)

    return change


def held(url, user_id=3):
    return requests.get(f"{url}/sandbox/api/contexts/10/users/{user_id}").json()


@pytest.mark.parametrize(("changes", "text"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_is_broken_is_told_with_its_text(anna, acme, changes, text):
    before = held(acme.url)
    assert refusal(lambda: anna(**changes)) == (INVALID, text)
    assert held(acme.url) == before


def test_an_unknown_name_is_told_wrapped_in_class_names(anna, acme):
    change = {"usrdata": {"name": "nobody", "given_name": "X"}}
    assert refusal(lambda: acme.admin("change", **change)) == ("NoSuchUserException", NO_SUCH)


def test_no_file_store_of_ones_own_no_quota(anna):
    text = (
        "Quota cannot be changed for user 3 in context 10 since that user has no file storage set. "
        'See "ALLOW_CHANGING_QUOTA_IF_NO_FILESTORE_SET".'
    )
    assert refusal(lambda: anna(maxQuota=5)) == ("StorageException", text)


def test_a_quota_of_ones_own_can_change(anna, acme):
    acme.admin("change", usrdata={"id": 4, "maxQuota": -1})
    assert (acme.user(4).maxQuota, acme.user(4).filestoreId) == (-1, 1)


def test_a_guest_cannot_be_changed(anna, acme):
    guests = f"{acme.url}/sandbox/api/contexts/10/guests"
    guest = requests.post(guests, json={"email": "guest@elsewhere.test"}).json()["id"]
    text = (
        f"User to change (user id {guest} , context id 10) is a guest user. Guests cannot be changed via provisioning."
    )
    assert refusal(lambda: acme.admin("change", usrdata={"id": guest, "note": "x"})) == (INVALID, text)


def test_what_is_absent_stays_and_an_empty_text_clears(anna):
    anna(city_business="Kiel", note="x")
    changed = anna(note="", given_name="Anne")
    assert (changed.city_business, changed.note, changed.given_name) == ("Kiel", None, "Anne")


def test_aliases_are_replaced_as_a_whole(anna):
    assert anna(aliases=["anna@acme.test", "sales@acme.test"]).aliases == ["anna@acme.test", "sales@acme.test"]


def test_no_aliases_means_unchanged(anna):
    assert anna(aliases=[], note="x").aliases == ["info@acme.test", "anna@acme.test"]


def test_an_address_moves_in_one_call(anna):
    changed = anna(**MOVED, aliases=["a@acme.test"])
    assert (changed.primaryEmail, changed.aliases) == ("a@acme.test", ["a@acme.test"])


def test_the_context_admin_is_spared_the_check_of_aliases(acme):
    acme.admin("change", usrdata={"id": 2, "aliases": ["root@acme.test"]})
    assert acme.user(2).aliases == ["root@acme.test"]


def test_attributes_are_merged_key_by_key(anna, acme):
    anna(userAttributes=attributes(config__a=None, config__b="2"))
    assert held(acme.url)["userAttributes"] == {"cloud": {"service": "pim"}, "config": {"b": "2"}}


def test_a_picture_is_replaced_and_taken_away(anna):
    assert anna(image1=b"png", image1ContentType="image/png").image1ContentType == "image/png"
    assert anna(image1=b"").image1 is None


def test_a_new_password_is_the_one_that_signs_in(anna, acme):
    def may_sign_in(password):
        sent = {"context_id": 10, "name": "anna", "password": password}
        return requests.post(f"{acme.url}/sandbox/api/sign-in", json=sent).json()["allowed"]

    assert (may_sign_in("anna-secret"), may_sign_in("new")) == (True, False)
    anna(password="new")
    assert (may_sign_in("anna-secret"), may_sign_in("new")) == (False, True)


def test_users_are_renamed_where_the_switch_says_so(start_sandbox, calling_acme):
    caller = calling_acme(start_sandbox(username_changeable=True))
    caller.add("anna")
    caller.add("bert")
    caller.admin("change", usrdata={"id": 3, "name": "anne"})
    assert caller.user(3).name == "anne"
    taken = (INVALID, "User bert already exists in this context")
    assert refusal(lambda: caller.admin("change", usrdata={"id": 3, "name": "bert"})) == taken


def test_primary_addresses_are_frozen_where_the_switch_says_so(start_sandbox, calling_acme):
    caller = calling_acme(start_sandbox(primary_mail_unchangeable=True))
    caller.add("anna")
    change = {"usrdata": {"id": 3, **MOVED, "aliases": ["a@acme.test"]}}
    assert refusal(lambda: caller.admin("change", **change)) == (INVALID, "primary mail must not be changed")


def test_flags_and_combination_change(anna, acme):
    acme.admin("changeByModuleAccessName", user={"id": 3}, access_combination_name="pim")
    assert acme.admin("getAccessCombinationName", user={"id": 3}) == "pim"
    acme.admin("changeByModuleAccess", user={"id": 3}, moduleAccess={"deniedPortal": True})
    assert acme.admin("getModuleAccess", user={"id": 3}).deniedPortal is True


def test_flags_change_for_everybody_with_a_combination(anna, acme):
    acme.admin("changeByModuleAccessName", user={"id": 3}, access_combination_name="webmail")
    flags = dict.fromkeys(acme.admin("getModuleAccess", user={"id": 3}).__values__, False)
    acme.users.changeModuleAccessGlobal(filter="webmail", addAccess={**flags, "tasks": True}, auth=MASTER)
    assert [acme.admin("getModuleAccess", user={"id": each}).ical for each in (3, 4)] == [False, True]
    assert acme.admin("getModuleAccess", user={"id": 3}).tasks is True


def test_capabilities_are_added_removed_and_dropped(anna, acme):
    acme.master("changeCapabilities", ctx=ACME, capsToAdd="guard,drive")
    acme.admin("changeCapabilities", user={"id": 3}, capsToAdd="text", capsToRemove="drive")
    assert acme.admin("getUserCapabilities", user={"id": 3}) == "guard,text"
    acme.admin("changeCapabilities", user={"id": 3}, capsToDrop="drive,text")
    assert acme.admin("getUserCapabilities", user={"id": 3}) == "drive,guard"
    nothing = (INVALID, "No capabilities specified.")
    assert refusal(lambda: acme.admin("changeCapabilities", user={"id": 3}, capsToAdd=" , ")) == nothing


def test_what_was_read_can_be_sent_back(anna, acme):
    before = held(acme.url, 4)
    read = acme.user(4)
    read.passwordMech = None
    acme.admin("change", usrdata=read)
    assert held(acme.url, 4) == before
