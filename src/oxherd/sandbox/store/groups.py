"""Rows of groups and their members. Members are read and written by a few statements, however many they are."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from oxherd.sandbox.store import Row, resources


def find(db: sqlite3.Connection, context_id: int, group_id: int) -> Row | None:
    query = "SELECT * FROM groups WHERE context_id = ? AND id = ?"
    found: Row | None = db.execute(query, (context_id, group_id)).fetchone()
    return found


def find_named(db: sqlite3.Connection, context_id: int, name: str) -> Row | None:
    query = "SELECT * FROM groups WHERE context_id = ? AND name = ? COLLATE NOCASE"
    found: Row | None = db.execute(query, (context_id, name)).fetchone()
    return found


def insert(db: sqlite3.Connection, context_id: int, group_id: int, name: str, display_name: str) -> None:
    row = (context_id, group_id, name, display_name)
    db.execute("INSERT INTO groups (context_id, id, name, display_name) VALUES (?, ?, ?, ?)", row)


def rename(db: sqlite3.Connection, context_id: int, group_id: int, name: str, display_name: str) -> None:
    query = "UPDATE groups SET name = ?, display_name = ? WHERE context_id = ? AND id = ?"
    db.execute(query, (name, display_name, context_id, group_id))


def delete(db: sqlite3.Connection, context_id: int, group_id: int) -> None:
    """Memberships go with it; so do permissions on resources."""
    db.execute("DELETE FROM groups WHERE context_id = ? AND id = ?", (context_id, group_id))
    resources.forget_entity(db, context_id, group_id, is_group=True)


def of_user(db: sqlite3.Connection, context_id: int, user_id: int) -> list[Row]:
    query = (
        "SELECT groups.* FROM member JOIN groups ON groups.context_id = member.context_id AND groups.id = group_id "
        "WHERE member.context_id = ? AND user_id = ? ORDER BY group_id"
    )
    return db.execute(query, (context_id, user_id)).fetchall()


def count_members(db: sqlite3.Connection, context_id: int, group_id: int) -> int:
    query = "SELECT count(*) FROM member WHERE context_id = ? AND group_id = ?"
    return int(db.execute(query, (context_id, group_id)).fetchone()[0])


def have_any_of(db: sqlite3.Connection, context_id: int, group_id: int, user_ids: Iterable[int]) -> bool:
    query = (
        "SELECT 1 FROM member WHERE context_id = ? AND group_id = ? "
        "AND user_id IN (SELECT value FROM json_each(?)) LIMIT 1"
    )
    return db.execute(query, (context_id, group_id, json.dumps(list(user_ids)))).fetchone() is not None


def add_members(db: sqlite3.Connection, context_id: int, group_id: int, user_ids: Iterable[int]) -> None:
    query = "INSERT INTO member (context_id, group_id, user_id) SELECT ?, ?, value FROM json_each(?)"
    db.execute(query, (context_id, group_id, json.dumps(list(user_ids))))


def remove_members(db: sqlite3.Connection, context_id: int, group_id: int, user_ids: Iterable[int]) -> None:
    query = "DELETE FROM member WHERE context_id = ? AND group_id = ? AND user_id IN (SELECT value FROM json_each(?))"
    db.execute(query, (context_id, group_id, json.dumps(list(user_ids))))


def replace_members(db: sqlite3.Connection, context_id: int, group_id: int, user_ids: Iterable[int]) -> None:
    db.execute("DELETE FROM member WHERE context_id = ? AND group_id = ?", (context_id, group_id))
    add_members(db, context_id, group_id, user_ids)


def to_wire(db: sqlite3.Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The Groups that an answer carries. All rows are of one context."""
    members = _members(db, rows)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "displayname": row["display_name"],
            "members": members[row["id"]],
        }
        for row in rows
    ]


def _members(db: sqlite3.Connection, rows: Sequence[Row]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    if rows:
        query = (
            "SELECT group_id, user_id FROM member WHERE context_id = ? "
            "AND group_id IN (SELECT value FROM json_each(?)) ORDER BY group_id, user_id"
        )
        ids = json.dumps([row["id"] for row in rows])
        for group_id, user_id in db.execute(query, (rows[0]["context_id"], ids)):
            members[group_id].append(user_id)
    return members
