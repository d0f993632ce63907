"""OXUserService: users change their file store. Each call answers the number of a job, whose work is done at once."""

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import NoSuchFilestore, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import user_of
from oxherd.sandbox.store import Row, contexts, users

operations = Operations(("OXUserService", "OXResellerUserService"), require_context_admin)


@operations.writes("moveFromContextToUserFilestore")
def move_from_context_to_user_filestore(call: Call) -> int:
    row = user_of(call.db, call.context_id, call.argument("user"))
    if row["filestore_id"] is not None:
        raise Storage(f"User {row['id']} in context {call.context_id} already has a file storage of its own.")
    return _moved(call, row, filestore_id=_target(call), filestore_owner=row["id"], max_quota=_quota(call))


@operations.writes("moveFromMasterToUserFilestore")
def move_from_master_to_user_filestore(call: Call) -> int:
    row = user_of(call.db, call.context_id, call.argument("user"))
    master = _master(call)
    if row["filestore_owner"] != master["id"]:
        raise Storage(f"User {row['id']} in context {call.context_id} does not use the file storage of {master['id']}.")
    return _moved(call, row, filestore_id=_target(call), filestore_owner=row["id"], max_quota=_quota(call))


@operations.writes("moveFromUserFilestoreToMaster")
def move_from_user_filestore_to_master(call: Call) -> int:
    row, master = _owner(call), _master(call)
    if row["id"] == master["id"]:
        raise Storage(f"User {row['id']} in context {call.context_id} is the master user itself.")
    return _moved(
        call,
        row,
        filestore_id=master["filestore_id"],
        filestore_owner=master["id"],
        max_quota=master["max_quota"],
    )


@operations.writes("moveFromUserToContextFilestore")
def move_from_user_to_context_filestore(call: Call) -> int:
    return _moved(call, _owner(call), filestore_id=None, filestore_owner=None, max_quota=None)


@operations.writes("moveUserFilestore")
def move_user_filestore(call: Call) -> int:
    return _moved(call, _owner(call), filestore_id=_target(call))


def _moved(call: Call, row: Row, **columns: int | None) -> int:
    users.update(call.db, call.context_id, row["id"], **columns)
    return contexts.add_job(call.db, call.context_id, "movefilestore")


def _owner(call: Call) -> Row:
    row = user_of(call.db, call.context_id, call.argument("user"))
    if row["filestore_owner"] != row["id"]:
        raise Storage(f"User {row['id']} in context {call.context_id} has no file storage of its own.")
    return row


def _master(call: Call) -> Row:
    row = user_of(call.db, call.context_id, call.argument("masterUser"))
    if row["filestore_owner"] != row["id"]:
        raise Storage(f"The master user {row['id']} in context {call.context_id} has no file storage of its own.")
    return row


def _target(call: Call) -> int:
    filestore_id: int = (call.argument("dst_filestore_id") or {}).get("id", 0)
    if not filestore_id:
        raise missing_argument()
    if contexts.filestore(call.db, filestore_id) is None:
        raise NoSuchFilestore(f"No such filestore {filestore_id}")
    return filestore_id


def _quota(call: Call) -> int:
    quota: int | None = call.argument("max_quota")
    if quota is None:
        raise missing_argument()
    return quota
