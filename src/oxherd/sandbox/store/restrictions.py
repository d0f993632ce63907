"""The names that limits of resellers and contexts may have, each with its number."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from oxherd.sandbox.contract import access

MAX_CONTEXT = "Subadmin.MaxContext"
MAX_CONTEXT_QUOTA = "Subadmin.MaxOverallContextQuota"
MAX_OVERALL_USER = "Subadmin.MaxOverallUser"
MAX_OVERALL_USER_BY_ACCESS = "Subadmin.MaxOverallUserByModuleaccess_"
CAN_CREATE_SUBADMIN = "Subadmin.CanCreateSubadmin"
MAX_SUBADMIN = "Subadmin.MaxSubadmin"
MAX_USER = "Context.MaxUser"
MAX_USER_BY_ACCESS = "Context.MaxUserByModuleaccess_"
PLAIN = (MAX_CONTEXT, MAX_CONTEXT_QUOTA, MAX_OVERALL_USER, CAN_CREATE_SUBADMIN, MAX_SUBADMIN, MAX_USER)
BY_ACCESS = (MAX_OVERALL_USER_BY_ACCESS, MAX_USER_BY_ACCESS)


def by_access() -> list[str]:
    """One per named combination, for resellers and for contexts."""
    return [f"{prefix}{name}" for name in access().combinations for prefix in BY_ACCESS]


def prepare(db: sqlite3.Connection) -> None:
    """Once in the life of the file: `removeDatabaseRestrictions` may take them all away for good."""
    if db.execute("INSERT OR IGNORE INTO counter VALUES ('restrictions', 1)").rowcount:
        add(db, [*PLAIN, *by_access()])


def add(db: sqlite3.Connection, names: Iterable[str]) -> None:
    """Those that are there already keep their numbers."""
    db.executemany("INSERT OR IGNORE INTO restriction (name) VALUES (?)", [(name,) for name in names])


def remove(db: sqlite3.Connection, names: Iterable[str]) -> None:
    db.execute("DELETE FROM restriction WHERE name IN (SELECT value FROM json_each(?))", (json.dumps(list(names)),))


def known(db: sqlite3.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT name, id FROM restriction ORDER BY id").fetchall())


def in_use(db: sqlite3.Connection) -> set[str]:
    """Set for some reseller or context."""
    query = (
        "SELECT key FROM reseller, json_each(reseller.restrictions) "
        "UNION SELECT key FROM ownership, json_each(ownership.restrictions)"
    )
    return {row[0] for row in db.execute(query)}


def to_wire(db: sqlite3.Connection, limits: Mapping[str, str]) -> list[dict[str, Any]]:
    numbers = known(db) if limits else {}
    return [{"name": name, "value": value, "id": numbers.get(name)} for name, value in limits.items()]
