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
}


def subject_of(service_name: str, request: Request, store: Store | None) -> Subject:
    """With a store also names behind the ids that are sent."""
    arguments = request.arguments
    context: Value = arguments.get("ctx", {})
    named = {name: _as_list(arguments[name]) for name in TABLES if name in arguments}
    names = {each["name"] for each in chain([context], *named.values()) if each.get("name")}
    if store is not None and context.get("id"):
        with store.reading() as db:
            names |= _names_behind(db, context["id"], named)
    return Subject(service_name, request.operation.name, context.get("id"), frozenset(names))


def _as_list(value: Any) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _names_behind(db: sqlite3.Connection, context_id: int, named: dict[str, list[Value]]) -> set[str]:
    row = contexts.find(db, context_id)
    names: set[str] = {row["name"]} if row is not None else set()
    for parameter, values in named.items():
        ids = [each["id"] for each in values if each.get("id")]
        query = f"SELECT name FROM {TABLES[parameter]} WHERE context_id = ? AND id IN (SELECT value FROM json_each(?))"  # noqa: S608 - names from the code
        names |= {row[0] for row in db.execute(query, (context_id, json.dumps(ids)))}
    return names
