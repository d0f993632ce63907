"""What a call is about: the names by which rules match it and the journal lists it.

A call about a group goes by the name of the group, not by those of its members, who may be thousands.
"""

import json
import sqlite3
from itertools import chain
from typing import Any

from oxherd.sandbox.mischief import Subject
from oxherd.sandbox.reading import Request, Value
from oxherd.sandbox.store import Store, contexts

# The parameters that name objects, and the table that holds those.
TABLES = {
    **dict.fromkeys(("usrdata", "user", "usr", "users", "admin_user", "masterUser"), "user"),
    **dict.fromkeys(("grp", "grps"), "groups"),
    **dict.fromkeys(("res", "resources"), "resource"),
    **dict.fromkeys(("adm", "admins"), "reseller"),
}
# Parameters that are names themselves.
NAMES = ("adminName", "domain", "domainname")


def subject_of(service_name: str, request: Request, store: Store | None) -> Subject:
    """With a store also names behind the ids that are sent."""
    arguments = request.arguments
    context: Value = arguments.get("ctx") or arguments.get("context") or {"id": arguments.get("ctxid")}
    named = {name: _objects(arguments[name]) for name in TABLES if name in arguments} | _plainly_named(arguments)
    names = {each["name"] for each in chain([context], *named.values()) if each.get("name")}
    names |= {name for key in NAMES if (name := arguments.get(key))}
    if store is not None and context.get("id"):
        with store.reading() as db:
            names |= _names_behind(db, context["id"], named)
    return Subject(service_name, request.operation.name, context.get("id"), frozenset(names))


def _plainly_named(arguments: Value) -> dict[str, list[Value]]:
    """OXaaSService has no objects, but numbers and names."""
    name = arguments.get("user")
    if not isinstance(name, str | None) or not (name or arguments.get("usrid")):
        return {}
    return {"user": [{"id": arguments.get("usrid"), "name": name}]}


def _objects(value: Any) -> list[Value]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def _names_behind(db: sqlite3.Connection, context_id: int, named: dict[str, list[Value]]) -> set[str]:
    row = contexts.find(db, context_id)
    names: set[str] = {row["name"]} if row is not None else set()
    for parameter, values in named.items():
        ids = [each["id"] for each in values if each.get("id")]
        of_context = "context_id = :context AND" if TABLES[parameter] != "reseller" else ""
        query = f"SELECT name FROM {TABLES[parameter]} WHERE {of_context} id IN (SELECT value FROM json_each(:ids))"  # noqa: S608 - names from the code
        names |= {row[0] for row in db.execute(query, {"context": context_id, "ids": json.dumps(ids)})}
    return names
