"""OXUserService: users that go, and who gets what they shared."""

from typing import Any

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, NoSuchUser, missing_argument
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import user_of
from oxherd.sandbox.store import Row, contexts, users

operations = Operations(("OXUserService", "OXResellerUserService"), require_context_admin)
MASTER_OWNER = (
    "The user {user} is the owner of a master filestore which other users are using. Before deleting this user you "
    "must move the filestores of the affected users either to the context filestore, to another master filestore or "
    "to a user filestore with the appropriate commandline tools. Affected users are: {others}"
)


@operations.writes("delete")
def delete(call: Call) -> None:
    if call.argument("user") is None:
        raise missing_argument()
    delete_users(call, [call.argument("user")])


@operations.writes("deleteMultiple")
def delete_multiple(call: Call) -> None:
    if not call.argument("users"):
        raise InvalidData("User array is empty")
    delete_users(call, call.argument("users"))


def delete_users(call: Call, named: list[dict[str, Any]]) -> None:
    """All or none of them."""
    rows = _rows(call, named)
    ids = [row["id"] for row in rows]
    for user_id in ids:
        if ids.count(user_id) > 1:
            raise InvalidData(f"User {user_id} is contained multiple times in delete request.")
    if contexts.ADMIN in ids:
        raise InvalidData("Admin delete not supported")
    if reassign := call.argument("reassign"):
        _check_heir(call, ids, reassign)
    for user_id in ids:
        _check_master_filestore(call, user_id, ids)
        users.delete(call.db, call.context_id, user_id)


def _rows(call: Call, named: list[dict[str, Any]]) -> list[Row]:
    sent_ids = [user["id"] for user in named if user.get("id")]
    unknown = [str(each) for each in sent_ids if users.find(call.db, call.context_id, each) is None]
    if unknown:
        raise NoSuchUser(f"No such user(s) {','.join(unknown)} in context {call.context_id}")
    return [user_of(call.db, call.context_id, user) for user in named]


def _check_heir(call: Call, ids: list[int], heir: int) -> None:
    """Absent: the context admin inherits; 0: shared data is deleted; otherwise `heir` must be able to take it."""
    row = users.find(call.db, call.context_id, heir)
    again = "Please choose a different reassign user."
    if row is None:
        raise InvalidData(f"The reassign user with id {heir} does not exist in context {call.context_id}. {again}")
    if heir in ids:
        raise InvalidData(f"It is not allowed to reassign the shared data to the user which should be deleted. {again}")
    if row["filestore_owner"] != heir:
        raise InvalidData(f"The reassign user with id {heir} is not an owner of a filestore. {again}")


def _check_master_filestore(call: Call, user_id: int, leaving: list[int]) -> None:
    query = "SELECT id FROM user WHERE context_id = ? AND filestore_owner = ? AND id <> ?"  # sorted here, it would scan
    using = sorted(row[0] for row in call.db.execute(query, (call.context_id, user_id, user_id)))
    if others := [str(each) for each in using if each not in leaving]:
        raise InvalidData(MASTER_OWNER.format(user=user_id, others=", ".join(others)))
