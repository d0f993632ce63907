"""Rows of users, their aliases and photos."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from oxherd.sandbox.rules import domain_of, folded
from oxherd.sandbox.store import Row, resources
from oxherd.sandbox.store.contexts import ADMIN, DEFAULT_GROUP, attributes_to_wire
from oxherd.sandbox.store.mailservers import mail_servers_to_wire

FOLDED = ("name", "display_name", "primary_email")


def find(db: sqlite3.Connection, context_id: int, user_id: int) -> Row | None:
    query = "SELECT * FROM user WHERE context_id = ? AND id = ?"
    found: Row | None = db.execute(query, (context_id, user_id)).fetchone()
    return found


def find_named(db: sqlite3.Connection, context_id: int, name: str) -> Row | None:
    """User names are compared exactly."""
    found: Row | None = db.execute(
        "SELECT * FROM user WHERE context_id = ? AND name = ?", (context_id, name)
    ).fetchone()
    return found


def id_with_display_name(db: sqlite3.Connection, context_id: int, display_name: str, *, but: int = 0) -> int | None:
    query = "SELECT id FROM user WHERE context_id = ? AND folded_display_name = ? AND id <> ? LIMIT 1"
    row = db.execute(query, (context_id, folded(display_name), but)).fetchone()
    return int(row[0]) if row else None


def id_with_primary_email(db: sqlite3.Connection, context_id: int, address: str, *, but: int = 0) -> int | None:
    query = "SELECT id FROM user WHERE context_id = ? AND folded_primary_email = ? AND id <> ? LIMIT 1"
    row = db.execute(query, (context_id, folded(address), but)).fetchone()
    return int(row[0]) if row else None


def insert(db: sqlite3.Connection, **columns: Any) -> None:
    """Also makes the user a member of the default group, unless it is a guest."""
    columns |= _folded(columns)
    marks = ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO user ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 - names from the code
    if not columns.get("guest"):
        row = (columns["context_id"], DEFAULT_GROUP, columns["id"])
        db.execute("INSERT INTO member (context_id, group_id, user_id) VALUES (?, ?, ?)", row)


def update(db: sqlite3.Connection, context_id: int, user_id: int, **columns: Any) -> None:
    columns |= _folded(columns)
    if columns:
        places = ", ".join(f"{column} = ?" for column in columns)
        values = (*columns.values(), context_id, user_id)
        db.execute(f"UPDATE user SET {places} WHERE context_id = ? AND id = ?", values)  # noqa: S608 - names from the code


def delete(db: sqlite3.Connection, context_id: int, user_id: int) -> None:
    """Memberships, aliases and photo go with it; so do permissions on resources."""
    db.execute("DELETE FROM user WHERE context_id = ? AND id = ?", (context_id, user_id))
    resources.forget_entity(db, context_id, user_id, is_group=False)


def aliases(db: sqlite3.Connection, context_id: int, user_id: int) -> list[str]:
    query = "SELECT address FROM alias WHERE context_id = ? AND user_id = ? ORDER BY position"
    return [row[0] for row in db.execute(query, (context_id, user_id))]


def replace_aliases(db: sqlite3.Connection, context_id: int, user_id: int, addresses: Iterable[str]) -> None:
    """Keyed without regard to case; the spelling that comes first stays."""
    db.execute("DELETE FROM alias WHERE context_id = ? AND user_id = ?", (context_id, user_id))
    query = "INSERT INTO alias (context_id, user_id, position, address, folded, domain) VALUES (?, ?, ?, ?, ?, ?)"
    rows = [
        (context_id, user_id, position, address, folded(address), domain_of(address))
        for position, address in enumerate(without_doubles(addresses))
    ]
    db.executemany(query, rows)


def without_doubles(addresses: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for address in addresses:
        if address:
            kept.setdefault(folded(address), address)
    return list(kept.values())


def photo(db: sqlite3.Connection, context_id: int, user_id: int) -> Row | None:
    query = "SELECT * FROM photo WHERE context_id = ? AND user_id = ?"
    found: Row | None = db.execute(query, (context_id, user_id)).fetchone()
    return found


def set_photo(db: sqlite3.Connection, context_id: int, user_id: int, content: bytes, content_type: str) -> None:
    """An empty photo takes the old one away."""
    db.execute("DELETE FROM photo WHERE context_id = ? AND user_id = ?", (context_id, user_id))
    if content:
        row = (context_id, user_id, content_type, hashlib.sha256(content).hexdigest(), content)
        db.execute("INSERT INTO photo VALUES (?, ?, ?, ?, ?)", row)


def to_wire(db: sqlite3.Connection, row: Row, *, with_photo: bool = True) -> dict[str, Any]:
    """The User that an answer carries: everything but the password."""
    context_id, user_id = row["context_id"], row["id"]
    fields: dict[str, Any] = json.loads(row["fields"])
    picture = photo(db, context_id, user_id) if with_photo else None
    return {
        **fields,
        **mail_servers_to_wire(fields),
        **_filestore(db, row),
        "id": user_id,
        "name": row["name"],
        "aliases": aliases(db, context_id, user_id),
        "passwordMech": row["mechanism"],
        "contextadmin": user_id == ADMIN,
        "default_group": {"id": fields.get("default_group", DEFAULT_GROUP)},
        "userAttributes": attributes_to_wire(json.loads(row["attributes"])),
        "image1": picture["content"] if picture else None,
        "image1ContentType": picture["content_type"] if picture else None,
    }


def _filestore(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    """-1 stands for no file store of one's own as well as for no limit."""
    if row["filestore_id"] is None:
        return {"maxQuota": -1, "usedQuota": -1}
    owner = row["filestore_owner"]
    query = "SELECT used_files FROM mailbox WHERE context_id = ? AND user_id = ?"
    used = db.execute(query, (row["context_id"], owner)).fetchone()
    return {
        "filestoreId": row["filestore_id"],
        "filestore_name": f"{row['context_id']}_ctx_{owner}_user_store",
        "maxQuota": row["max_quota"],
        "usedQuota": used["used_files"] if used is not None else 0,
    }


def _folded(columns: dict[str, Any]) -> dict[str, str]:
    return {f"folded_{name}": folded(columns[name]) for name in FOLDED if name in columns}
