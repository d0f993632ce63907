"""Finds the objects that a call names, or answers as the platform does when there are none."""

import sqlite3
from typing import Any

from oxherd.sandbox.faults import (
    InvalidCredentials,
    InvalidData,
    NoSuchContext,
    NoSuchGroup,
    NoSuchResource,
    NoSuchUser,
    missing_argument,
)
from oxherd.sandbox.services import Call
from oxherd.sandbox.services.cloud_rules import has_mailbox
from oxherd.sandbox.store import Row, contexts, groups, resellers, resources, users


def context_of(call: Call) -> Row:
    """By id, or else by name; only the context services know contexts by name.

    To a reseller the contexts of others are as those that do not exist: its credentials are not good for them.
    """
    context = call.argument("ctx")
    if context is None:
        raise missing_argument()
    context_id, name = context.get("id"), context.get("name")
    if not context_id and not name:
        raise InvalidData("One contextobject has no contextid or contextname")
    found = contexts.find(call.db, context_id) if context_id else contexts.find_named(call.db, name or "")
    if found is None and not context_id:
        raise NoSuchContext.named(name or "")
    check_within_reach(call, found)
    if found is None:
        raise NoSuchContext(f"Context {context_id} does not exist")
    return found


def check_within_reach(call: Call, context: Row | None) -> None:
    """Raises InvalidCredentials for what is not the caller's."""
    if call.reseller is not None and (context is None or not resellers.reaches(call.db, call.reseller, context["id"])):
        raise InvalidCredentials("Authentication failed")


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


def group_of(db: sqlite3.Connection, context_id: int, group: dict[str, Any] | None) -> Row:
    """By id, or else by name."""
    group_id, name = _key(group, "One groupobject has no groupid or groupname")
    found = groups.find(db, context_id, group_id) if group_id else groups.find_named(db, context_id, name)
    if found is not None:
        return found
    raise NoSuchGroup("No such group") if group_id else NoSuchGroup.named(name, context_id)


def group_to_read(db: sqlite3.Connection, context_id: int, group: dict[str, Any] | None) -> Row:
    """For reading: when both id and name are sent, both must exist, and the id decides."""
    group_id, name = _key(group, "Groupname and groupid missing! Cannot resolve group data")
    by_id = groups.find(db, context_id, group_id) if group_id else None
    by_name = groups.find_named(db, context_id, name) if name else None
    found = by_id or by_name
    if found is None or (group_id and by_id is None) or (name and by_name is None):
        raise NoSuchGroup(f"No such group {group_id if group_id and by_id is None else name}")
    return found


def resource_of(db: sqlite3.Connection, context_id: int, resource: dict[str, Any] | None, *, unknown: str) -> Row:
    """By id, or else by name; `unknown` is what the platform says of an id that it does not know."""
    resource_id, name = _key(resource, "One resourceobject has no resourceid or resourcename")
    found = resources.find(db, context_id, resource_id) if resource_id else resources.find_named(db, context_id, name)
    if found is not None:
        return found
    raise NoSuchResource(unknown) if resource_id else NoSuchResource.named(name, context_id)


def resource_to_read(db: sqlite3.Connection, context_id: int, resource: dict[str, Any] | None) -> Row:
    """As `group_to_read`."""
    resource_id, name = _key(resource, "Resourcename and resourceid missing!Cannot resolve resource data")
    by_id = resources.find(db, context_id, resource_id) if resource_id else None
    by_name = resources.find_named(db, context_id, name) if name else None
    found = by_id or by_name
    if found is None or (resource_id and by_id is None) or (name and by_name is None):
        raise NoSuchResource(f"No such resource {resource_id if resource_id and by_id is None else name}")
    return found


def _key(sent: dict[str, Any] | None, neither: str) -> tuple[int, str]:
    """Id and name, 0 and empty where not given."""
    if sent is None:
        raise missing_argument()
    key = (sent.get("id") or 0, sent.get("name") or "")
    if key == (0, ""):
        raise InvalidData(neither)
    return key


def reseller_named(db: sqlite3.Connection, named: dict[str, Any]) -> Row | None:
    """By id, or else by name."""
    if named.get("id"):
        return resellers.find(db, named["id"])
    return resellers.find_named(db, named["name"]) if named.get("name") else None


def mailbox_owner(call: Call) -> Row:
    """The user whom `usrid` names. Guests have no mailbox, nor has a context admin."""
    user_id = call.argument("usrid")
    if user_id is None:
        raise missing_argument()
    row = users.find(call.db, call.context_id, user_id)
    if row is None:
        raise NoSuchUser(f"No such user {user_id} in context {call.context_id}")
    if not has_mailbox(row):
        raise InvalidData(f"User {user_id} in context {call.context_id} has no mailbox")
    return row
