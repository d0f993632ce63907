"""What OX Cloud keeps of a user beside the core: the mailbox with its quota, permissions and notes."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

SPAM_LEVELS = ("low", "medium", "high")
UNTOUCHED: dict[str, Any] = {
    "quota": 0,
    "used": 0,
    "used_files": 0,
    "spam_level": "high",
    "send": 1,
    "receive": 1,
    "maillogin": 1,
    "user_admin": 0,
    "email_backup": 0,
    "custom": None,
    "msisdn": None,
    "delivery_status": None,
    "legacy_ref": None,
}
Mailbox = dict[str, Any]


def of_user(db: sqlite3.Connection, context_id: int, user_id: int) -> Mailbox:
    query = "SELECT * FROM mailbox WHERE context_id = ? AND user_id = ?"
    row = db.execute(query, (context_id, user_id)).fetchone()
    return dict(row) if row is not None else dict(UNTOUCHED)


def of_users(db: sqlite3.Connection, context_id: int, user_ids: Iterable[int]) -> dict[int, Mailbox]:
    """Only those that were ever touched."""
    query = "SELECT * FROM mailbox WHERE context_id = ? AND user_id IN (SELECT value FROM json_each(?))"
    rows = db.execute(query, (context_id, json.dumps(list(user_ids))))
    return {row["user_id"]: dict(row) for row in rows}


def change(db: sqlite3.Connection, context_id: int, user_id: int, **columns: Any) -> None:
    if columns:
        db.execute("INSERT OR IGNORE INTO mailbox (context_id, user_id) VALUES (?, ?)", (context_id, user_id))
        places = ", ".join(f"{column} = ?" for column in columns)
        values = (*columns.values(), context_id, user_id)
        db.execute(f"UPDATE mailbox SET {places} WHERE context_id = ? AND user_id = ?", values)  # noqa: S608 - names from the code


def used_in_context(db: sqlite3.Connection, context_id: int) -> int:
    """KiB in all its mailboxes."""
    return int(db.execute("SELECT total(used) FROM mailbox WHERE context_id = ?", (context_id,)).fetchone()[0])
