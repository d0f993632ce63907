"""Finds the objects that a call names, or answers as the platform does when there are none."""

import sqlite3
from typing import Any

from oxherd.sandbox.faults import InvalidData, NoSuchContext, NoSuchUser, missing_argument
from oxherd.sandbox.store import Row, contexts, users


def context_of(db: sqlite3.Connection, context: dict[str, Any] | None) -> Row:
    """By id, or else by name; only the context services know contexts by name."""
    if context is None:
        raise missing_argument()
    context_id, name = context.get("id"), context.get("name")
    if not context_id and not name:
        raise InvalidData("One contextobject has no contextid or contextname")
    found = contexts.find(db, context_id) if context_id else contexts.find_named(db, name or "")
    if found is not None:
        return found
    raise NoSuchContext(f"Context {context_id} does not exist") if context_id else NoSuchContext.named(name or "")


def user_of(db: sqlite3.Connection, context_id: int, user: dict[str, Any] | None) -> Row:
    """By id, or else by name."""
    if user is None:
        raise missing_argument()
    user_id, name = user.get("id"), user.get("name")
    if not user_id and not name:
        raise InvalidData("One userobject has no userid or username")
    found = users.find(db, context_id, user_id) if user_id else users.find_named(db, context_id, name or "")
    if found is not None:
        return found
    if user_id:
        raise NoSuchUser(f"No such user {user_id} in context {context_id}")
    raise NoSuchUser.named(name or "", context_id)


def record_of(db: sqlite3.Connection, context_id: int, user: dict[str, Any] | None) -> Row:
    """For reading: when both id and name are sent, both must exist, and the id decides."""
    if user is None:
        raise missing_argument()
    user_id, name = user.get("id"), user.get("name")
    if not user_id and not name:
        raise InvalidData("Username and userid missing.")
    by_id = users.find(db, context_id, user_id) if user_id else None
    by_name = users.find_named(db, context_id, name) if name else None
    if (user_id and by_id is None) or (name and by_name is None):
        unknown = user_id if user_id and by_id is None else name
        raise NoSuchUser(f"No such user {unknown} in context {context_id}")
    found = by_id if by_id is not None else by_name
    if found is None:
        raise NoSuchUser(f"No such user {name} in context {context_id}")
    return found
