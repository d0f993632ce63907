"""Rows of contexts, their login mappings, and the databases and file stores they can lie on."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from oxherd.sandbox.rules import folded
from oxherd.sandbox.store import Row

DEFAULT_GROUP = 1
ADMIN = 2


def find(db: sqlite3.Connection, context_id: int) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM context WHERE id = ?", (context_id,)).fetchone()
    return found


def find_named(db: sqlite3.Connection, name: str) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM context WHERE folded_name = ?", (folded(name),)).fetchone()
    return found


def insert(db: sqlite3.Connection, **columns: Any) -> None:
    columns["folded_name"] = folded(columns["name"])
    marks = ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO context ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 - names from the code


def update(db: sqlite3.Connection, context_id: int, **columns: Any) -> None:
    if "name" in columns:
        columns["folded_name"] = folded(columns["name"])
    if columns:
        places = ", ".join(f"{column} = ?" for column in columns)
        db.execute(f"UPDATE context SET {places} WHERE id = ?", (*columns.values(), context_id))  # noqa: S608 - names from the code


def delete(db: sqlite3.Connection, context_id: int) -> None:
    db.execute("DELETE FROM context WHERE id = ?", (context_id,))


def take_id(db: sqlite3.Connection, context_id: int) -> int:
    """The next id of the one sequence from which users, groups and resources of a context draw."""
    row = db.execute("UPDATE context SET next_id = next_id + 1 WHERE id = ? RETURNING next_id - 1", (context_id,))
    return int(row.fetchone()[0])


def new_id(db: sqlite3.Connection) -> int:
    """For a context whose id the server makes: one that no context has or had of the server."""
    while True:
        row = db.execute("UPDATE counter SET value = value + 1 WHERE name = 'context' RETURNING value").fetchone()
        if find(db, row[0]) is None:
            return int(row[0])


def add_job(db: sqlite3.Connection, context_id: int, kind: str) -> int:
    number = db.execute("UPDATE counter SET value = value + 1 WHERE name = 'job' RETURNING value").fetchone()[0]
    db.execute("INSERT INTO job (id, context_id, kind) VALUES (?, ?, ?)", (number, context_id, kind))
    return int(number)


def mappings(db: sqlite3.Connection, context_id: int) -> list[str]:
    query = "SELECT login FROM login_mapping WHERE context_id = ? ORDER BY folded"
    return [row[0] for row in db.execute(query, (context_id,))]


def mapping_owner(db: sqlite3.Connection, login: str) -> int | None:
    row = db.execute("SELECT context_id FROM login_mapping WHERE folded = ?", (folded(login),)).fetchone()
    return int(row[0]) if row else None


def replace_mappings(db: sqlite3.Connection, context_id: int, logins: Iterable[str]) -> None:
    db.execute("DELETE FROM login_mapping WHERE context_id = ?", (context_id,))
    rows = {folded(login): login for login in logins}
    query = "INSERT INTO login_mapping (folded, login, context_id) VALUES (?, ?, ?)"
    db.executemany(query, [(key, login, context_id) for key, login in rows.items()])


def filestore(db: sqlite3.Connection, filestore_id: int) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM filestore WHERE id = ?", (filestore_id,)).fetchone()
    return found


def database(db: sqlite3.Connection, database_id: int | None, name: str | None) -> Row | None:
    """By id, or else by name."""
    key = ("id", database_id) if database_id else ("name", name)
    found: Row | None = db.execute(f"SELECT * FROM database WHERE {key[0]} = ?", (key[1],)).fetchone()  # noqa: S608 - one of two names
    return found


def to_wire(db: sqlite3.Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The Contexts that an answer carries, by two queries however many they are."""
    schemas = {row["id"]: _schema(row) for row in db.execute("SELECT * FROM database")}
    logins = _logins(db, rows)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "enabled": bool(row["enabled"]),
            "filestoreId": row["filestore_id"],
            "filestore_name": f"{row['id']}_ctx_store",
            "loginMappings": logins[row["id"]],
            "maxQuota": row["max_quota"],
            "usedQuota": 0,
            "readDatabase": schemas[row["database_id"]],
            "writeDatabase": {**schemas[row["database_id"]], "master": True},
            "userAttributes": attributes_to_wire(json.loads(row["attributes"])),
            "gabMode": row["gab_mode"],
        }
        for row in rows
    ]


def _schema(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"], "url": row["url"], "scheme": f"{row['name']}_{row['id']}"}


def _logins(db: sqlite3.Connection, rows: Sequence[Row]) -> dict[int, list[str]]:
    logins: dict[int, list[str]] = defaultdict(list)
    query = (
        "SELECT context_id, login FROM login_mapping WHERE context_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY context_id, folded"
    )
    for context_id, login in db.execute(query, (json.dumps([row["id"] for row in rows]),)):
        logins[context_id].append(login)
    return logins


def attributes_to_wire(attributes: dict[str, dict[str, str]]) -> dict[str, Any] | None:
    """Namespace, name and value as the nested maps of the wire; None when there is nothing."""
    if not attributes:
        return None
    entries = [{"key": outer, "value": map_to_wire(inner)} for outer, inner in attributes.items()]
    return {"entries": entries}


def map_to_wire(values: dict[str, str]) -> dict[str, Any]:
    return {"entries": [{"key": key, "value": value} for key, value in values.items()]}


def merged_attributes(stored: str, sent: dict[str, Any] | None) -> str:
    """Merged key by key: an entry with nil or no value deletes its key, keys not sent stay."""
    attributes: dict[str, dict[str, str]] = json.loads(stored)
    for outer in (sent or {}).get("entries", []):
        values = attributes.setdefault(outer.get("key", ""), {})
        for entry in outer.get("value", {}).get("entries", []):
            if "value" in entry:
                values[entry.get("key", "")] = entry["value"]
            else:
                values.pop(entry.get("key", ""), None)
    return json.dumps({outer: values for outer, values in attributes.items() if values})
