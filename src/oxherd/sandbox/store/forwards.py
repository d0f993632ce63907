"""Addresses that forward to others, of this platform or not."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from oxherd.sandbox.rules import domain_of, folded
from oxherd.sandbox.store import Row


def find(db: sqlite3.Connection, address: str) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM forward WHERE folded = ?", (folded(address),)).fetchone()
    return found


def insert(db: sqlite3.Connection, context_id: int, address: str, spam_level: str) -> None:
    row = (folded(address), address, domain_of(address), context_id, spam_level)
    db.execute("INSERT INTO forward (folded, address, domain, context_id, spam_level) VALUES (?, ?, ?, ?, ?)", row)


def delete(db: sqlite3.Connection, address: str) -> None:
    db.execute("DELETE FROM forward WHERE folded = ?", (folded(address),))


def delete_all(db: sqlite3.Connection, context_id: int) -> None:
    db.execute("DELETE FROM forward WHERE context_id = ?", (context_id,))


def set_spam_level(db: sqlite3.Connection, address: str, spam_level: str) -> None:
    db.execute("UPDATE forward SET spam_level = ? WHERE folded = ?", (spam_level, folded(address)))


def recipients(db: sqlite3.Connection, address: str) -> list[str]:
    query = "SELECT address FROM forward_recipient WHERE forward = ? ORDER BY position, folded"
    return [row[0] for row in db.execute(query, (folded(address),))]


def add_recipients(db: sqlite3.Connection, address: str, added: Iterable[str]) -> None:
    """Who is one already stays where it is."""
    query = (
        "INSERT OR IGNORE INTO forward_recipient (forward, folded, position, address) VALUES (:forward, :folded, "
        "(SELECT ifnull(max(position), 0) + 1 FROM forward_recipient WHERE forward = :forward), :address)"
    )
    rows = [{"forward": folded(address), "folded": folded(each), "address": each} for each in added]
    db.executemany(query, rows)


def remove_recipient(db: sqlite3.Connection, address: str, recipient: str) -> bool:
    """Whether it was one."""
    query = "DELETE FROM forward_recipient WHERE forward = ? AND folded = ?"
    return db.execute(query, (folded(address), folded(recipient))).rowcount > 0


def of_context(db: sqlite3.Connection, context_id: int) -> list[dict[str, Any]]:
    """Address, recipients and spam level of each, by two queries."""
    query = (
        "SELECT forward, forward_recipient.address FROM forward_recipient JOIN forward ON forward.folded = forward "
        "WHERE context_id = ? ORDER BY forward, position, forward_recipient.folded"
    )
    reached: dict[str, list[str]] = defaultdict(list)
    for key, address in db.execute(query, (context_id,)):
        reached[key].append(address)
    rows = db.execute("SELECT * FROM forward WHERE context_id = ? ORDER BY folded", (context_id,))
    return [
        {"address": row["address"], "recipients": reached[row["folded"]], "spam_level": row["spam_level"]}
        for row in rows
    ]


def count_local(db: sqlite3.Connection, addresses: Iterable[str]) -> int:
    """How many of them are addresses of users or forwards of this platform."""
    query = (
        "SELECT count(*) FROM json_each(?) WHERE EXISTS (SELECT 1 FROM alias WHERE alias.folded = value) "
        "OR EXISTS (SELECT 1 FROM forward WHERE forward.folded = value)"
    )
    return int(db.execute(query, (json.dumps([folded(each) for each in addresses]),)).fetchone()[0])
