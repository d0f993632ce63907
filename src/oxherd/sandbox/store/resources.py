"""Rows of resources, and who may book them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from oxherd.sandbox.rules import folded
from oxherd.sandbox.store import Row

Permission = dict[str, Any]


def find(db: sqlite3.Connection, context_id: int, resource_id: int) -> Row | None:
    query = "SELECT * FROM resource WHERE context_id = ? AND id = ?"
    found: Row | None = db.execute(query, (context_id, resource_id)).fetchone()
    return found


def find_named(db: sqlite3.Connection, context_id: int, name: str) -> Row | None:
    query = "SELECT * FROM resource WHERE context_id = ? AND name = ? COLLATE NOCASE"
    found: Row | None = db.execute(query, (context_id, name)).fetchone()
    return found


def id_with_email(db: sqlite3.Connection, context_id: int, address: str) -> int | None:
    query = "SELECT id FROM resource WHERE context_id = ? AND folded_email = ?"
    row = db.execute(query, (context_id, folded(address))).fetchone()
    return int(row[0]) if row else None


def insert(db: sqlite3.Connection, **columns: Any) -> None:
    columns["folded_email"] = folded(columns["email"])
    marks = ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO resource ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 - names from the code


def update(db: sqlite3.Connection, context_id: int, resource_id: int, **columns: Any) -> None:
    if "email" in columns:
        columns["folded_email"] = folded(columns["email"])
    if columns:
        places = ", ".join(f"{column} = ?" for column in columns)
        values = (*columns.values(), context_id, resource_id)
        db.execute(f"UPDATE resource SET {places} WHERE context_id = ? AND id = ?", values)  # noqa: S608 - names from the code


def delete(db: sqlite3.Connection, context_id: int, resource_id: int) -> None:
    db.execute("DELETE FROM resource WHERE context_id = ? AND id = ?", (context_id, resource_id))


def replace_permissions(
    db: sqlite3.Connection, context_id: int, resource_id: int, permissions: Iterable[Permission]
) -> None:
    db.execute("DELETE FROM resource_permission WHERE context_id = ? AND resource_id = ?", (context_id, resource_id))
    query = (
        "INSERT INTO resource_permission (context_id, resource_id, is_group, entity, privilege) VALUES (?, ?, ?, ?, ?)"
    )
    rows = [(context_id, resource_id, each["group"], each["entity"], each["privilege"]) for each in permissions]
    db.executemany(query, rows)


def forget_entity(db: sqlite3.Connection, context_id: int, entity: int, *, is_group: bool) -> None:
    """A user or a group that goes leaves no permission behind."""
    query = "DELETE FROM resource_permission WHERE context_id = ? AND is_group = ? AND entity = ?"
    db.execute(query, (context_id, is_group, entity))


def to_wire(db: sqlite3.Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The Resources that an answer carries. All rows are of one context."""
    permissions = _permissions(db, rows)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "displayname": row["display_name"],
            "email": row["email"],
            "description": row["description"],
            "available": bool(row["available"]),
            "permissions": permissions[row["id"]],
        }
        for row in rows
    ]


def _permissions(db: sqlite3.Connection, rows: Sequence[Row]) -> dict[int, list[Permission]]:
    permissions: dict[int, list[Permission]] = defaultdict(list)
    if rows:
        query = (
            "SELECT resource_id, is_group, entity, privilege FROM resource_permission WHERE context_id = ? "
            "AND resource_id IN (SELECT value FROM json_each(?)) ORDER BY resource_id, is_group DESC, entity"
        )
        ids = json.dumps([row["id"] for row in rows])
        for resource_id, is_group, entity, privilege in db.execute(query, (rows[0]["context_id"], ids)):
            permissions[resource_id].append({"entity": entity, "group": bool(is_group), "privilege": privilege})
    return permissions
