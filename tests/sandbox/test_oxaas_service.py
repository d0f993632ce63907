"""OXaaSService: catch-alls, mail quota and permissions."""

import pytest
import requests
from tests.sandbox.soap import ADMIN, MASTER, NORTH, SOUTH, person, refusal

CREDENTIALS, INVALID, NO_USER = (f"{name}Exception" for name in ("InvalidCredentials", "InvalidData", "NoSuchUser"))
FAILED = (CREDENTIALS, "Authentication failed")
MAILBOX_CALLS = {
    "getMailQuota": {},
    "setMailQuota": {"quota": 1},
    "getQuotaUsagePerUser": {},
    "getPermissions": {},
    "enablePermissions": {"perms": ["send"]},
    "disablePermissions": {"perms": ["send"]},
}


@pytest.fixture
def anna(north):
    """User 3 of north_acme; a function that calls OXaaSService about her context as north."""
    north.add_to_brand("anna")

    def call(operation, creds=NORTH, **arguments):
        return north.oxaas[operation](ctxid=1, **arguments, creds=creds)

    call.caller = north
    return call


def invite(caller):
    sent = {"email": "guest@else.test"}
    return requests.post(f"{caller.url}/sandbox/api/contexts/1/guests", json=sent).json()["id"]


def catchalls(call):
    return [(each.domain, each.user) for each in call("listDomainCatchalls")]


def test_a_mail_quota_is_kept_in_megabytes_and_unlimited_at_first(anna):
    assert anna("getMailQuota", usrid=3) == 0
    anna("setMailQuota", usrid=3, quota=2048)
    assert anna("getMailQuota", usrid=3) == 2048
    assert refusal(lambda: anna("setMailQuota", usrid=3, quota=-1)) == (INVALID, "Invalid mail quota: -1")
    assert refusal(lambda: anna("setMailQuota", usrid=3)) == (INVALID, "Invalid data sent!")


def test_usage_is_told_in_kibibytes_for_a_user_and_for_the_context(anna):
    anna.caller.add_to_brand("bert")
    for user_id, kib in ((3, 1500), (4, 500)):
        url = f"{anna.caller.url}/sandbox/api/contexts/1/users/{user_id}/usage"
        assert requests.put(url, json={"mail_kib": kib}).status_code == 200
    assert anna("getQuotaUsagePerUser", usrid=3).storage == 1500
    assert anna("getQuotaUsagePerContext").storage == 2000


@pytest.mark.parametrize("operation", MAILBOX_CALLS)
def test_who_has_no_mailbox_has_no_quota_and_no_permissions(anna, operation):
    arguments = MAILBOX_CALLS[operation]
    for user_id in (2, invite(anna.caller)):
        fault = (INVALID, f"User {user_id} in context 1 has no mailbox")
        assert refusal(lambda user_id=user_id: anna(operation, usrid=user_id, **arguments)) == fault
    assert refusal(lambda: anna(operation, usrid=99, **arguments)) == (NO_USER, "No such user 99 in context 1")
    assert refusal(lambda: anna(operation, **arguments)) == (INVALID, "Invalid data sent!")


def test_permissions_are_taken_and_given_one_by_one(anna):
    assert anna("getPermissions", usrid=3) == ["send", "receive", "maillogin", "weblogin"]
    anna("disablePermissions", usrid=3, perms=["send", "maillogin"])
    assert anna("getPermissions", usrid=3) == ["receive", "weblogin"]
    anna("enablePermissions", usrid=3, perms=["maillogin"])
    assert anna("getPermissions", usrid=3) == ["receive", "maillogin", "weblogin"]


def test_the_permission_to_sign_in_is_what_the_core_calls_mailenabled(anna):
    anna("disablePermissions", usrid=3, perms=["weblogin"])
    assert anna.caller.in_brand("getData", user={"id": 3}).mailenabled is False
    anna.caller.in_brand("change", usrdata={"id": 3, "mailenabled": True})
    assert "weblogin" in anna("getPermissions", usrid=3)


@pytest.mark.parametrize(
    ("perms", "text"),
    [
        (["fly"], "Unknown permission: fly. Use one of the following: send, receive, maillogin, weblogin"),
        ([], "Invalid data sent!"),
    ],
)
def test_a_permission_must_be_one(anna, perms, text):
    assert refusal(lambda: anna("disablePermissions", usrid=3, perms=perms)) == (INVALID, text)


def test_a_catch_all_comes_and_goes(anna):
    anna("createDomainCatchall", domain="Acme.test", user="anna")
    assert catchalls(anna) == [("acme.test", "anna")]
    anna("deleteDomainCatchall", domain="acme.TEST", user="anna")
    assert catchalls(anna) == []


def test_a_catch_all_goes_with_its_user(anna):
    anna("createDomainCatchall", domain="acme.test", user="anna")
    anna.caller.in_brand("delete", user={"id": 3})
    assert catchalls(anna) == []


NOT_CREATED = {
    "unknown user": ("new.test", "nobody", (NO_USER, "No such user nobody in context 1")),
    "the context admin": ("new.test", "oxadmin", (INVALID, 'No such catchall user "oxadmin"')),
    "taken": ("blue.test", "anna", (INVALID, 'Catchall domain "blue.test" already exists')),
    "another context's": ("south.test", "anna", (INVALID, "The mail domain is already in use")),
    "no domain": ("a b", "anna", (INVALID, 'A parameter contains invalid characters "a b"')),
    "nothing": ("", "anna", (INVALID, "Invalid data sent!")),
}


@pytest.mark.parametrize(("domain", "user", "fault"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_catch_all_that_breaks_a_rule_is_refused(anna, domain, user, fault):
    anna("createDomainCatchall", domain="blue.test", user="anna")
    anna.caller.add_brand_context("acme", by=SOUTH)
    carl = person("carl", primaryEmail="carl@south.test", email1="carl@south.test")
    anna.caller.brand_users.create(ctx={"id": 2}, usrdata=carl, auth=SOUTH)
    assert refusal(lambda: anna("createDomainCatchall", domain=domain, user=user)) == fault
    assert catchalls(anna) == [("blue.test", "anna")]


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ("bert", (INVALID, 'Catchall domain "acme.test" not found assigned to user "bert"')),
        ("nobody", (NO_USER, "No such user nobody in context 1")),
    ],
)
def test_a_catch_all_of_somebody_else_stays(anna, user, fault):
    anna.caller.add_to_brand("bert")
    anna("createDomainCatchall", domain="acme.test", user="anna")
    assert refusal(lambda: anna("deleteDomainCatchall", domain="acme.test", user=user)) == fault


def test_brand_and_context_admin_may_and_nobody_else(anna):
    assert [anna("getMailQuota", creds, usrid=3) for creds in (NORTH, ADMIN)] == [0, 0]
    for creds in (SOUTH, MASTER):
        assert refusal(lambda creds=creds: anna("getMailQuota", creds, usrid=3)) == FAILED
    denied = (CREDENTIALS, "Permission denied")
    assert refusal(lambda: anna("getMailQuota", {"login": "anna", "password": "anna-secret"}, usrid=3)) == denied
    fault = (CREDENTIALS, "Client sent invalid context data object")
    assert refusal(lambda: anna.caller.oxaas.listDomainCatchalls(creds=NORTH)) == fault
    assert refusal(lambda: anna.caller.oxaas.createSharedDomain(domainname="x.test", creds=ADMIN))[0] == CREDENTIALS


def test_rules_of_mischief_know_users_by_number_and_by_name(anna):
    rule = {"match": {"service": "OXaaSService", "name": "anna"}, "action": "storage_exception"}
    requests.post(f"{anna.caller.url}/sandbox/api/mischief/rules", json=rule)
    assert refusal(lambda: anna("getMailQuota", usrid=3))[0] == "StorageException"
    assert refusal(lambda: anna("createDomainCatchall", domain="x.test", user="anna"))[0] == "StorageException"
    assert catchalls(anna) == []
    entry = requests.get(f"{anna.caller.url}/sandbox/api/log").json()["entries"][2]
    assert (entry["service"], entry["context_id"], entry["name"]) == ("OXaaSService", 1, "anna, north_acme")
