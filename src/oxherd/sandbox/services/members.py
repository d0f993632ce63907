"""Users who are named as members of a group, however many, by a handful of statements."""

import json
from typing import Any

from oxherd.sandbox.faults import InvalidData, NoSuchUser, Storage, missing_argument
from oxherd.sandbox.services import Call

MEMBER_TWICE = "java.sql.BatchUpdateException: Duplicate entry '{context}-{group}-{user}' for key 'PRIMARY'"


def ids_of(call: Call, named: list[dict[str, Any]] | None) -> list[int]:
    """The ids of existing users, each named by id or else by name."""
    if not named:
        raise missing_argument()
    if not all(user.get("id") or user.get("name") for user in named):
        raise InvalidData("One userobject has no userid or username")
    by_name = _ids_by_name(call, [user["name"] for user in named if not user.get("id")])
    ids: list[int] = [user.get("id") or by_name[user["name"]] for user in named]
    check_exist(call, ids)
    return ids


def _ids_by_name(call: Call, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    query = "SELECT name, id FROM user WHERE context_id = ? AND name IN (SELECT value FROM json_each(?))"
    found = dict(call.db.execute(query, (call.context_id, json.dumps(names))).fetchall())
    for name in names:
        if name not in found:
            raise NoSuchUser.named(name, call.context_id)
    return found


def check_exist(call: Call, ids: list[int]) -> None:
    query = (
        "SELECT 1 FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM user WHERE context_id = ? AND id = value) LIMIT 1"
    )
    if call.db.execute(query, (json.dumps(ids), call.context_id)).fetchone() is not None:
        raise NoSuchUser("No such user")


def check_may_join(call: Call, group_id: int, ids: list[int]) -> None:
    """No guests, and nobody twice, which the database itself refuses."""
    query = "SELECT 1 FROM user WHERE context_id = ? AND guest AND id IN (SELECT value FROM json_each(?)) LIMIT 1"
    if call.db.execute(query, (call.context_id, json.dumps(ids))).fetchone() is not None:
        raise NoSuchUser("Cannot add guest user to group")
    seen: set[int] = set()
    for user_id in ids:
        if user_id in seen:
            raise Storage(MEMBER_TWICE.format(context=call.context_id, group=group_id, user=user_id))
        seen.add(user_id)
