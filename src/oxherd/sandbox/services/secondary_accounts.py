"""OXSecondaryAccountService: further mail accounts that are given to users, to groups, or to everybody of a context."""

import json
from typing import Any

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, NoSuchUser, missing_argument
from oxherd.sandbox.rules import check_addresses, folded
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.store import Row

operations = Operations(("OXSecondaryAccountService",), require_context_admin)
OF_USERS = "context_id = :context AND user_id IN (SELECT value FROM json_each(:users))"


@operations.writes("create")
def create(call: Call) -> None:
    """All get it, or nobody when one has it already."""
    sent = call.argument("accountDataOnCreate")
    if sent is None or not sent.get("primaryAddress"):
        raise missing_argument()
    check_addresses([sent["primaryAddress"]])
    user_ids = _users(call)
    values = {**_named(call, sent["primaryAddress"]), "users": json.dumps(user_ids)}
    query = f"SELECT 1 FROM secondary_account WHERE folded_address = :address AND {OF_USERS}"  # noqa: S608 - a condition from the code
    if call.db.execute(query, values).fetchone() is not None:
        raise InvalidData(f"Secondary account {sent['primaryAddress']} already exists")
    query = "INSERT INTO secondary_account (context_id, user_id, folded_address, content) VALUES (?, ?, ?, ?)"
    rows = [(call.context_id, user_id, folded(sent["primaryAddress"]), json.dumps(sent)) for user_id in user_ids]
    call.db.executemany(query, rows)


@operations.writes("update")
def update(call: Call) -> bool:
    """Whether anybody has it. Absent fields are left alone."""
    sent = call.argument("accountDataUpdate")
    if sent is None:
        raise missing_argument()
    rows = _accounts(call)
    query = "UPDATE secondary_account SET content = ? WHERE id = ?"
    call.db.executemany(query, [(json.dumps(json.loads(row["content"]) | sent), row["id"]) for row in rows])
    return bool(rows)


@operations.writes("delete")
def delete(call: Call) -> bool:
    """Whether anybody had it."""
    rows = _accounts(call)
    call.db.executemany("DELETE FROM secondary_account WHERE id = ?", [(row["id"],) for row in rows])
    return bool(rows)


@operations.reads("list")
def list_accounts(call: Call) -> list[dict[str, Any]]:
    """Without the passwords."""
    query = f"SELECT * FROM secondary_account WHERE {OF_USERS} ORDER BY id"  # noqa: S608 - a condition from the code
    rows = call.db.execute(query, {"context": call.context_id, "users": json.dumps(_users(call))}).fetchall()
    hidden = {"password": None, "transportPassword": None}
    whose = ({"contextId": row["context_id"], "userId": row["user_id"], "id": row["id"]} for row in rows)
    return [{**json.loads(row["content"]), **hidden, **keys} for row, keys in zip(rows, whose, strict=True)]


def _accounts(call: Call) -> list[Row]:
    address = call.argument("primaryAddress")
    if not address:
        raise missing_argument()
    query = f"SELECT * FROM secondary_account WHERE folded_address = :address AND {OF_USERS}"  # noqa: S608 - a condition from the code
    return call.db.execute(query, {**_named(call, address), "users": json.dumps(_users(call))}).fetchall()


def _named(call: Call, address: str) -> dict[str, Any]:
    return {"context": call.context_id, "address": folded(address)}


def _users(call: Call) -> list[int]:
    """Those who are named, with the members of the groups; everybody but guests where nobody is. Raises NoSuchUser."""
    users, groups = call.argument("users"), call.argument("groups")
    if not users and not groups:
        query = "SELECT id FROM user WHERE context_id = ? AND NOT guest ORDER BY id"
        return [row[0] for row in call.db.execute(query, (call.context_id,))]
    wanted = [user.get("id", 0) for user in users or ()]
    query = "SELECT id FROM user WHERE context_id = ? AND id IN (SELECT value FROM json_each(?))"
    found = {row[0] for row in call.db.execute(query, (call.context_id, json.dumps(wanted)))}
    if unknown := [user_id for user_id in wanted if user_id not in found]:
        raise NoSuchUser(f"No such user {unknown[0]} in context {call.context_id}")
    query = "SELECT user_id FROM member WHERE context_id = ? AND group_id IN (SELECT value FROM json_each(?))"
    members = call.db.execute(query, (call.context_id, json.dumps([group.get("id", 0) for group in groups or ()])))
    return sorted(found | {row[0] for row in members})
