"""Rows of resellers, and of the contexts that belong to them."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from oxherd.sandbox.store import Row, restrictions
from oxherd.sandbox.store.contexts import map_to_wire

# The contexts of a reseller and of those right below it.
WITHIN_REACH = (
    "SELECT context_id FROM ownership JOIN reseller ON reseller.id = reseller_id "
    "WHERE reseller.id = :reseller OR reseller.parent_id = :reseller"
)


def find(db: sqlite3.Connection, reseller_id: int) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM reseller WHERE id = ?", (reseller_id,)).fetchone()
    return found


def find_named(db: sqlite3.Connection, name: str) -> Row | None:
    """Names are compared without regard to case."""
    found: Row | None = db.execute("SELECT * FROM reseller WHERE name = ?", (name,)).fetchone()
    return found


def insert(db: sqlite3.Connection, **columns: Any) -> int:
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO reseller ({', '.join(columns)}) VALUES ({marks}) RETURNING id"  # noqa: S608 - names from the code
    return int(db.execute(query, tuple(columns.values())).fetchone()[0])


def update(db: sqlite3.Connection, reseller_id: int, **columns: Any) -> None:
    if columns:
        places = ", ".join(f"{column} = ?" for column in columns)
        db.execute(f"UPDATE reseller SET {places} WHERE id = ?", (*columns.values(), reseller_id))  # noqa: S608 - names from the code


def delete(db: sqlite3.Connection, reseller_id: int) -> None:
    db.execute("DELETE FROM reseller WHERE id = ?", (reseller_id,))


def listed(db: sqlite3.Connection, like: str, parent_id: int | None) -> list[Row]:
    """By name or number, of one parent or of all."""
    query = (
        "SELECT * FROM reseller WHERE (name LIKE :like ESCAPE '\\' OR CAST(id AS TEXT) LIKE :like ESCAPE '\\') "
        "AND (:parent IS NULL OR parent_id = :parent) ORDER BY id"
    )
    return db.execute(query, {"like": like, "parent": parent_id}).fetchall()


def count_below(db: sqlite3.Connection, reseller_id: int) -> int:
    return int(db.execute("SELECT count(*) FROM reseller WHERE parent_id = ?", (reseller_id,)).fetchone()[0])


def count_contexts(db: sqlite3.Connection, reseller_ids: Sequence[int]) -> int:
    query = "SELECT count(*) FROM ownership WHERE reseller_id IN (SELECT value FROM json_each(?))"
    return int(db.execute(query, (json.dumps(list(reseller_ids)),)).fetchone()[0])


def reaches(db: sqlite3.Connection, reseller: Row, context_id: int) -> bool:
    """Whether the context belongs to the reseller, or to one right below it."""
    owner = owner_of(db, context_id)
    return owner is not None and reseller["id"] in (owner["id"], owner["parent_id"])


def owner_of(db: sqlite3.Connection, context_id: int) -> Row | None:
    """None for a context of the master, or none at all."""
    query = "SELECT reseller.* FROM ownership JOIN reseller ON reseller.id = reseller_id WHERE context_id = ?"
    found: Row | None = db.execute(query, (context_id,)).fetchone()
    return found


def limits_of_context(db: sqlite3.Connection, context_id: int) -> dict[str, str]:
    row = db.execute("SELECT restrictions FROM ownership WHERE context_id = ?", (context_id,)).fetchone()
    return json.loads(row[0]) if row else {}


def limits_of(db: sqlite3.Connection, reseller: Row) -> dict[str, str]:
    """Those of its parent, for who has one: but for making resellers, which only those at the top may do."""
    parent = find(db, reseller["parent_id"]) if reseller["parent_id"] else None
    if parent is None:
        return dict(json.loads(reseller["restrictions"]))
    kept: dict[str, str] = json.loads(parent["restrictions"])
    kept.pop(restrictions.CAN_CREATE_SUBADMIN, None)
    return kept


def own(db: sqlite3.Connection, context_id: int, reseller_id: int | None) -> None:
    db.execute("INSERT INTO ownership (context_id, reseller_id) VALUES (?, ?)", (context_id, reseller_id))


def change_ownership(db: sqlite3.Connection, context_id: int, **columns: Any) -> None:
    if columns:
        db.execute("INSERT OR IGNORE INTO ownership (context_id) VALUES (?)", (context_id,))
        places = ", ".join(f"{column} = ?" for column in columns)
        db.execute(f"UPDATE ownership SET {places} WHERE context_id = ?", (*columns.values(), context_id))  # noqa: S608 - names from the code


def to_wire(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    """The ResellerAdmin that an answer carries: everything but the password."""
    configuration: dict[str, str] = json.loads(row["configuration"])
    return {
        "id": row["id"],
        "parentId": row["parent_id"] or 0,
        "name": row["name"],
        "displayname": row["display_name"],
        "passwordMech": row["mechanism"],
        "restrictions": restrictions.to_wire(db, limits_of(db, row)),
        "capabilities": json.loads(row["capabilities"]),
        "taxonomies": json.loads(row["taxonomies"]),
        "configuration": map_to_wire(configuration) if configuration else None,
    }


def with_owners(db: sqlite3.Connection, found: list[dict[str, Any]], master: str) -> list[dict[str, Any]]:
    """Contexts as the services for resellers answer them, by a handful of queries. The master goes by the id 0."""
    ids = json.dumps([context["id"] for context in found])
    query = "SELECT * FROM ownership WHERE context_id IN (SELECT value FROM json_each(?))"
    rows = {row["context_id"]: row for row in db.execute(query, (ids,))}
    query = "SELECT * FROM reseller WHERE id IN (SELECT value FROM json_each(?))"
    owners = json.dumps([row["reseller_id"] for row in rows.values()])
    known = {row["id"]: to_wire(db, row) for row in db.execute(query, (owners,)).fetchall()}
    nobody = {"id": 0, "name": master, "parentId": 0}
    return [context | _ownership(db, rows.get(context["id"]), known, nobody) for context in found]


def _ownership(
    db: sqlite3.Connection, row: Row | None, known: dict[int, dict[str, Any]], nobody: dict[str, Any]
) -> dict[str, Any]:
    owner = known.get(row["reseller_id"], nobody) if row is not None else nobody
    limits = json.loads(row["restrictions"]) if row is not None else {}
    return {
        "customid": row["custom_id"] if row is not None else None,
        "owner": owner,
        "restriction": restrictions.to_wire(db, limits) if limits else [],
        "sid": owner["id"],
    }
