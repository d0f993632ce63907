import pytest
from tests.sandbox.soap import ACME, ADMIN, attributes, person, refusal

from oxherd.sandbox.contract import access

INVALID = "InvalidDataException"
REFUSED = {
    "no password": ({"password": None}, "Empty password is not allowed."),
    "empty password": ({"password": "", "name": None}, "Empty password is not allowed."),
    "mandatory fields": ({"given_name": None, "sur_name": ""}, "Mandatory fields not set: [given_name, sur_name]"),
    "no addresses": ({"primaryEmail": None, "email1": None}, "Mandatory fields not set: [primaryEmail, email1]"),
    "email1 differs": ({"email1": "Carl@acme.test"}, "primarymail must have the same value as email1"),
    "malformed address": ({"primaryEmail": "a b", "email1": "a b"}, "Invalid email address: a b"),
    "malformed alias": ({"aliases": ["x@@y"]}, "Invalid email address: x@@y"),
    "name taken": ({"name": "anna"}, "User anna already exists in this context"),
    "display name taken": ({"display_name": "ANNA beispiel"}, "The displayname is already used"),
    "address taken": (
        {"primaryEmail": "ANNA@acme.test", "email1": "ANNA@acme.test"},
        'Primary mail address "ANNA@acme.test" already exists in context 10 (Already assigned to user 3).',
    ),
    "characters of the name": ({"name": "ca rl/ä"}, 'Illegal chars: " /ä"'),
    "language": ({"language": "de"}, "language must contain an underscore, e.g. en_US"),
    "time zone": ({"timezone": "Europe/Nowhere"}, "The given timezone is invalid"),
    "password mechanism": (
        {"passwordMech": "ROT13"},
        "Invalid PasswordMech: ROT13. Use one of the following: {BCRYPT}, {CRYPT}, {SHA}, {SHA-256}, {SHA-512}",
    ),
}


@pytest.mark.parametrize(("changes", "text"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_is_broken_is_told_with_its_text(acme, changes, text):
    acme.add("anna")
    assert refusal(lambda: acme.add("carl", **changes)) == (INVALID, text)
    assert len(acme.admin("listAll")) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [("gold", 'No such access combination name "gold"'), ("", "Invalid access combination name")],
)
def test_an_unknown_combination_is_refused_and_leaves_nothing(acme, name, text):
    create = {"usrdata": person("anna"), "access_combination_name": name}
    assert refusal(lambda: acme.admin("createByModuleAccessName", **create)) == (INVALID, text)
    assert acme.admin("exists", user={"name": "anna"}) is False


def test_no_user_at_all_is_invalid_data(acme):
    assert refusal(lambda: acme.admin("create")) == (INVALID, "Invalid data sent!")


def test_the_answer_is_the_object_sent_with_its_id_and_the_password(acme):
    answer = acme.admin("create", usrdata=person("anna", aliases=["info@acme.test"]))
    assert (answer.id, answer.password, answer.name, answer.imapPort) == (3, "anna-secret", "anna", 143)


def test_what_is_left_out_gets_its_default(acme):
    user = acme.user(acme.add("anna"))
    assert (user.language, user.timezone, user.mailenabled) == ("en_US", "Europe/Berlin", True)
    assert (user.defaultSenderAddress, user.maxQuota, user.default_group.id) == ("anna@acme.test", -1, 1)


def test_primary_address_and_sender_become_aliases(acme):
    user = acme.user(acme.add("anna", aliases=["info@acme.test"], defaultSenderAddress="a.b@acme.test"))
    assert user.aliases == ["info@acme.test", "anna@acme.test", "a.b@acme.test"]


def test_aliases_of_one_user_differ_in_more_than_case(acme):
    user = acme.user(acme.add("anna", aliases=["ANNA@acme.test", "Info@acme.test", "info@acme.test"]))
    assert user.aliases == ["ANNA@acme.test", "Info@acme.test"]


def test_the_same_alias_may_belong_to_two_users(acme):
    for name in ("anna", "bert"):
        acme.add(name, aliases=["info@acme.test"])
    assert [each.id for each in acme.admin("listByAliasDomain", alias_domain="ACME.test")] == [2, 3, 4]


def test_names_that_differ_in_case_are_two_users(acme):
    acme.add("anna")
    assert acme.add("Anna", display_name="Other", primaryEmail="o@acme.test", email1="o@acme.test") == 4


def test_without_flags_the_user_gets_those_of_the_admin_but_one(acme):
    acme.master("changeModuleAccessByName", ctx=ACME, access_combination_name="groupware")
    acme.admin("create", usrdata=person("anna"))
    flags = acme.admin("getModuleAccess", user={"name": "anna"})
    wanted = access().combinations["groupware"] - {"publicFolderEditable"}
    assert {flag for flag in access().flags if flags[flag]} == wanted


def test_a_flag_left_out_counts_as_true_bar_three(acme):
    acme.admin("createByModuleAccess", usrdata=person("anna"), access={"webmail": False})
    flags = acme.admin("getModuleAccess", user={"name": "anna"})
    off = {flag for flag in access().flags if not flags[flag]}
    assert off == {"webmail", "globalAddressBookDisabled", "publicFolderEditable", "deniedPortal"}


@pytest.mark.parametrize("name", access().combinations)
def test_a_combination_sets_its_flags_and_is_known_by_its_name(acme, name):
    acme.admin("createByModuleAccessName", usrdata=person("anna"), access_combination_name=name)
    flags = acme.admin("getModuleAccess", user={"id": 3})
    assert {flag for flag in access().flags if flags[flag]} == access().combinations[name]
    assert acme.admin("getAccessCombinationName", user={"id": 3}) == name


def test_flags_that_equal_no_combination_have_no_name(acme):
    acme.admin("createByModuleAccess", usrdata=person("anna"), access={"webmail": False})
    assert acme.admin("getAccessCombinationName", user={"id": 3}) is None


def test_a_quota_gives_a_file_store_of_ones_own(acme):
    owner, guest_of_context = acme.user(acme.add("anna", maxQuota=2048)), acme.user(acme.add("bert", maxQuota=-1))
    assert (owner.maxQuota, owner.filestoreId, owner.usedQuota) == (2048, 1, 0)
    assert (guest_of_context.maxQuota, guest_of_context.filestoreId) == (-1, None)


def test_attributes_and_picture_are_kept(acme):
    added = acme.add("anna", userAttributes=attributes(cloud__service="pim"), image1=b"jpeg")
    user = acme.user(added)
    assert [(each.key, each.value.entries[0].key) for each in user.userAttributes.entries] == [("cloud", "service")]
    assert (user.image1, user.image1ContentType) == (b"jpeg", "image/jpeg")


def test_the_password_is_never_read_back(acme):
    user = acme.user(acme.add("anna"))
    assert (user.password, user.passwordMech) == (None, "{SHA-256}")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ({}, (None, 143, "imap://", None)),
        ({"imapServer": "mail.acme.test"}, ("mail.acme.test", 143, "imap://", "mail.acme.test")),
        ({"imapServer": "imaps://mail.acme.test"}, ("mail.acme.test", 993, "imaps://", "imaps://mail.acme.test")),
        (
            {"imapServer": "mail.acme.test", "imapPort": 993},
            ("mail.acme.test", 993, "imaps://", "imaps://mail.acme.test:993"),
        ),
    ],
)
def test_the_mail_server_is_taken_apart(acme, sent, answered):
    user = acme.user(acme.add("anna", **sent))
    assert (user.imapServer, user.imapPort, user.imapSchema, user.imapServerString) == answered


def test_ids_are_never_used_twice(acme):
    first = acme.add("anna")
    acme.admin("delete", user={"id": first})
    assert (first, acme.add("anna")) == (3, 4)


def test_a_refused_user_costs_no_id(acme):
    refusal(lambda: acme.add("anna", language="de"))
    assert acme.add("anna") == 3


def test_display_names_may_be_shared_when_the_switch_says_so(start_sandbox, calling_acme):
    caller = calling_acme(start_sandbox(unique_display_names=False))
    assert [caller.add(name, display_name="Same") for name in ("anna", "bert")] == [3, 4]


def test_admin_is_the_login_that_creates(acme):
    wrong = {**ADMIN, "login": "oxadminmaster"}
    call = {"ctx": ACME, "usrdata": person("anna"), "auth": wrong}
    assert refusal(lambda: acme.users.create(**call)) == ("InvalidCredentialsException", "Authentication failed")
