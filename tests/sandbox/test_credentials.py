import pytest
from tests.sandbox.soap import ACME, ADMIN, MASTER, context_admin, person, refusal

KIND = "InvalidCredentialsException"
FAILED = (KIND, "Authentication failed")
ANNA = {"login": "anna", "password": "anna-secret"}
REFUSED = {
    "wrong password": (ACME, {**ADMIN, "password": "x"}, FAILED),
    "unknown login": (ACME, {**ADMIN, "login": "nobody"}, FAILED),
    "login in other case": (ACME, {**ADMIN, "login": "OXadmin"}, FAILED),
    "unknown context": ({"id": 99}, ADMIN, FAILED),
    "the master": (ACME, MASTER, FAILED),
    "context by name": ({"name": "acme"}, ADMIN, (KIND, "Client sent invalid context data object")),
    "context 0": ({"id": 0}, ADMIN, (KIND, "Client sent invalid context data object")),
    "an ordinary user": (ACME, ANNA, (KIND, "Permission denied")),
    "an ordinary user with a wrong password": (ACME, {**ANNA, "password": "x"}, FAILED),
}


@pytest.mark.parametrize(("context", "auth", "fault"), REFUSED.values(), ids=REFUSED)
def test_who_may_not_list_users(acme, context, auth, fault):
    acme.add("anna")
    assert refusal(lambda: acme.users.listAll(ctx=context, auth=auth)) == fault


def test_credentials_must_be_there(acme):
    fault = (KIND, "credential object is null")
    assert refusal(lambda: acme.users.listAll(ctx=ACME)) == fault
    assert refusal(acme.contexts.listAll) == fault


def test_a_context_must_be_named_for_users(acme):
    fault = (KIND, "Client sent invalid context data object")
    assert refusal(lambda: acme.users.listAll(auth=ADMIN)) == fault


@pytest.mark.parametrize("auth", [{**MASTER, "password": "x"}, {**MASTER, "login": "x"}, ADMIN])
def test_contexts_need_the_master(acme, auth):
    assert refusal(lambda: acme.contexts.listAll(auth=auth)) == FAILED


def test_the_master_may_do_users_under_the_override(start_sandbox, calling_acme):
    caller = calling_acme(start_sandbox(account_override=True))
    assert caller.users.create(ctx=ACME, usrdata=person("anna"), auth=MASTER).id == 3


def test_an_ordinary_user_reads_and_changes_its_own_record(acme):
    acme.add("anna")
    acme.users.change(ctx=ACME, usrdata={"id": 3, "nickname": "Anni"}, auth=ANNA)
    assert acme.users.getData(ctx=ACME, user={"name": "anna"}, auth=ANNA).nickname == "Anni"


@pytest.mark.parametrize("record", [{"id": 2}, {"name": "oxadmin"}, {"id": 2, "name": "anna"}])
def test_an_ordinary_user_has_no_business_with_others(acme, record):
    acme.add("anna")
    denied = (KIND, "Permission denied")
    assert refusal(lambda: acme.users.getData(ctx=ACME, user=record, auth=ANNA)) == denied
    assert refusal(lambda: acme.users.change(ctx=ACME, usrdata=record, auth=ANNA)) == denied


def test_an_admin_is_admin_of_one_context(acme):
    other = {"id": 11, "maxQuota": 1}
    acme.master("create", ctx=other, admin_user=context_admin(name="other"))
    assert refusal(lambda: acme.users.listAll(ctx={"id": 11}, auth=ADMIN)) == FAILED


def test_a_new_password_of_the_admin_counts_at_once(acme):
    acme.admin("change", usrdata={"id": 2, "password": "new"})
    assert refusal(lambda: acme.admin("listAll")) == FAILED
    assert len(acme.users.listAll(ctx=ACME, auth={**ADMIN, "password": "new"})) == 1
