"""OXUtilService, OXTaskMgmtService, OXSecondaryAccountService and OXUserCopyService."""

import pytest
from tests.sandbox.soap import ACME, ADMIN, MASTER, context_admin, refusal

from oxherd.sandbox.testing import SandboxServer

CREDENTIALS, INVALID, STORAGE, NO_USER, EXISTS, TASK = (
    f"{name}Exception"
    for name in ("InvalidCredentials", "InvalidData", "Storage", "NoSuchUser", "UserExists", "TaskManager")
)
ELSEWHERE = {"id": 11}
FAMILY = {"login": "family", "password": "x", "primaryAddress": "family@acme.test"}


@pytest.fixture
def util(acme):
    service = acme.service("OXUtilService")
    return lambda operation, **arguments: service[operation](**arguments, auth=MASTER)


@pytest.fixture
def accounts(acme):
    acme.add("anna")
    acme.add("bert")
    acme.add_group("team", 4)
    service = acme.service("OXSecondaryAccountService")
    return lambda operation, **arguments: service[operation](context=ACME, **arguments, auth=ADMIN)


@pytest.fixture
def copy(acme):
    acme.add("anna", aliases=["info@acme.test"], image1=b"picture", image1ContentType="image/png")
    acme.master(
        "create", ctx={"id": 11, "maxQuota": 1}, admin_user=context_admin(primaryEmail="o@x.test", email1="o@x.test")
    )
    service = acme.service("OXUserCopyService")
    return lambda user, auth=MASTER, dest=ELSEWHERE: service.copyUser(user=user, src=ACME, dest=dest, auth=auth)


def test_file_stores_come_change_and_go(util, acme):
    made = util("registerFilestore", fstore={"url": "file:///new", "size": 5, "maxContexts": 1})
    util("changeFilestore", fstore={"id": made.id, "size": 7})
    (found,) = util("listFilestore", search_pattern="*new")
    assert (made.id, found.size, found.maxContexts, found.currentContexts) == (4, 7, 1, 0)
    acme.add("anna", maxQuota=5)
    acme.admin("moveUserFilestore", user={"id": 3}, dst_filestore_id={"id": 4})
    assert refusal(lambda: util("unregisterFilestore", store={"id": 4})) == (STORAGE, "The filestore 4 is still in use")
    util("unregisterFilestore", store={"id": 3})
    assert [store.id for store in util("listAllFilestore")] == [1, 2, 4]


def test_databases_come_change_and_go(util):
    made = util("registerDatabase", db={"name": "third"})
    util("changeDatabase", db={"id": made.id, "name": "fourth"})
    assert [base.name for base in util("listDatabase", search_pattern="f*")] == ["fourth"]
    assert refusal(lambda: util("registerDatabase", db={"name": "fourth"})) == (
        INVALID,
        "Database fourth already exists",
    )
    assert refusal(lambda: util("unregisterDatabase", dbhandle={"id": 1})) == (
        STORAGE,
        "The database 1 is still in use",
    )
    util("unregisterDatabase", dbhandle={"name": "fourth"})
    assert refusal(lambda: util("unblockDatabase", db={"id": 3})) == (STORAGE, "No such database 3")


def test_servers_and_reasons_come_and_go(util):
    assert util("registerServer", srv={"name": "second"}).id == 2
    assert refusal(lambda: util("registerServer", srv={"name": "second"})) == (STORAGE, "Server second already exists")
    util("unregisterServer", serv={"id": 2})
    assert [server.name for server in util("listAllServer")] == ["local"]
    made = util("createMaintenanceReason", reason={"text": "Move"})
    util("deleteMaintenanceReason", reasons=[{"id": made.id}])
    assert [reason.id for reason in util("listAllMaintenanceReason")] == [42]
    fault = (STORAGE, "Reason with id 43 does not exist")
    assert refusal(lambda: util("deleteMaintenanceReason", reasons=[{"id": 43}])) == fault


def test_a_file_store_that_was_taken_away_stays_away(tmp_path, calling_acme):
    file = tmp_path / "sandbox.sqlite3"
    with SandboxServer(file) as first:
        calling_acme(first).service("OXUtilService").unregisterFilestore(store={"id": 3}, auth=MASTER)
    with SandboxServer(file) as second, second.platform.store.reading() as db:
        assert [row[0] for row in db.execute("SELECT id FROM filestore")] == [1, 2]


def test_stores_are_the_masters_affair(acme):
    fault = (CREDENTIALS, "Authentication failed")
    assert refusal(lambda: acme.service("OXUtilService").listAllFilestore(auth=ADMIN)) == fault


def test_jobs_are_those_of_the_context(acme):
    acme.add("anna", maxQuota=5)
    number = acme.admin("moveUserFilestore", user={"id": 3}, dst_filestore_id={"id": 2})
    acme.master("create", ctx={"id": 11, "maxQuota": 1}, admin_user=context_admin())
    tasks = acme.service("OXTaskMgmtService")
    assert tasks.getJobList(ctx=ACME, cred=ADMIN) == f"TaskId: {number}, Type: movefilestore, Status: Done"
    assert tasks.getTaskResults(ctx=ACME, cred=ADMIN, id=number) is None
    assert refusal(lambda: tasks.getTaskResults(ctx=ACME, cred=ADMIN, id=9)) == (INVALID, "No such job 9")
    fault = (TASK, f"Unable to delete job {number}: there is none")
    assert refusal(lambda: tasks.deleteJob(ctx={"id": 11}, auth=ADMIN, i=number)) == fault
    tasks.deleteJob(ctx=ACME, auth=ADMIN, i=number)
    acme.master("moveContextFilestore", ctx=ACME, dst_filestore_id={"id": 2})
    tasks.flush(ctx=ACME, auth=ADMIN)
    assert not tasks.getJobList(ctx=ACME, cred=ADMIN)


@pytest.mark.parametrize(
    ("whom", "owners"),
    [({"users": [{"id": 3}]}, [3]), ({"groups": [{"id": 5}]}, [4]), ({}, [2, 3, 4])],
    ids=["users", "groups", "everybody"],
)
def test_an_account_is_given_changed_and_taken_from_those_who_are_named(accounts, whom, owners):
    accounts("create", accountDataOnCreate=FAMILY, **whom)
    assert accounts("update", primaryAddress="FAMILY@acme.test", accountDataUpdate={"name": "Home"}, **whom) is True
    told = [(each.userId, each.name, each.login, each.password) for each in accounts("list")]
    assert told == [(owner, "Home", "family", None) for owner in owners]
    assert accounts("delete", primaryAddress="family@acme.test", **whom) is True
    assert accounts("delete", primaryAddress="family@acme.test", **whom) is False


def test_nobody_gets_an_account_twice_and_nobody_unknown_gets_one(accounts):
    accounts("create", accountDataOnCreate=FAMILY, users=[{"id": 3}])
    fault = (INVALID, "Secondary account family@acme.test already exists")
    assert refusal(lambda: accounts("create", accountDataOnCreate=FAMILY)) == fault
    fault = (NO_USER, "No such user 9 in context 10")
    assert refusal(lambda: accounts("create", accountDataOnCreate=FAMILY, users=[{"id": 9}])) == fault


def test_a_user_is_copied_with_addresses_photo_and_password(copy, acme):
    assert copy({"name": "anna"}).id == 3
    made = acme.users.getData(ctx=ELSEWHERE, user={"id": 3}, auth={"login": "anna", "password": "anna-secret"})
    assert (made.aliases, made.image1, made.given_name) == (["info@acme.test", "anna@acme.test"], b"picture", "Anna")
    assert refusal(lambda: copy({"id": 3})) == (EXISTS, "User anna already exists in context 11")


def test_a_copy_needs_user_contexts_and_the_master(copy):
    assert refusal(lambda: copy({"id": 9})) == (NO_USER, "No such user 9 in context 10")
    fault = ("NoSuchContextException", "Context 99 does not exist")
    assert refusal(lambda: copy({"id": 3}, dest={"id": 99})) == fault
    assert refusal(lambda: copy({"id": 3}, auth=ADMIN)) == (CREDENTIALS, "Authentication failed")
