"""Colours and contact of a brand or of a context: names and texts."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

TABLES = {"reseller_id": "brand_theme", "context_id": "context_theme"}
Theme = dict[str, str]


def of(db: sqlite3.Connection, owner: str, ids: Iterable[int]) -> dict[int, Theme]:
    """`owner` is `reseller_id` or `context_id`; those without a theme are left out."""
    query = f"SELECT * FROM {TABLES[owner]} WHERE {owner} IN (SELECT value FROM json_each(?))"  # noqa: S608 - names from the code
    return {row[owner]: json.loads(row["content"]) for row in db.execute(query, (json.dumps(list(ids)),))}


def change(db: sqlite3.Connection, owner: str, owner_id: int, theme: Mapping[str, str]) -> None:
    """Replaces the old one; an empty theme is none."""
    db.execute(f"DELETE FROM {TABLES[owner]} WHERE {owner} = ?", (owner_id,))  # noqa: S608 - as above
    if theme:
        query = f"INSERT INTO {TABLES[owner]} ({owner}, content) VALUES (?, ?)"  # noqa: S608 - as above
        db.execute(query, (owner_id, json.dumps(theme)))
