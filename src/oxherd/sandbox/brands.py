"""What the stand-in holds of brands, and of mail domains and mailboxes, for its pages and for tests. In pages, too."""

import json
import sqlite3
from typing import Any

from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import mail_permissions
from oxherd.sandbox.services.cloud_rules import classes_of
from oxherd.sandbox.services.limits import OWNED
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, mailboxes, maildomains, resellers, themes
from oxherd.sandbox.store.restrictions import (
    MAX_CONTEXT,
    MAX_CONTEXT_QUOTA,
    MAX_OVERALL_USER,
    MAX_SUBADMIN,
)

MATCHES = (
    "(:search = '' OR reseller.name LIKE :like ESCAPE '\\' OR folded(reseller.display_name) LIKE :like ESCAPE '\\')"
)
FORWARD_MATCHES = (
    "(:search = '' OR folded LIKE :like ESCAPE '\\' OR EXISTS (SELECT 1 FROM forward_recipient "
    "WHERE forward = forward.folded AND forward_recipient.folded LIKE :like ESCAPE '\\'))"
)
# How a limit's present figure is counted.
USED = {
    MAX_CONTEXT: "SELECT count(*) FROM ownership WHERE reseller_id = :reseller",
    MAX_CONTEXT_QUOTA: f"SELECT total(max_quota) FROM context WHERE id IN ({OWNED})",  # noqa: S608 - a condition from the code
    MAX_OVERALL_USER: f"SELECT count(*) FROM user WHERE context_id IN ({OWNED})",  # noqa: S608 - as above
    MAX_SUBADMIN: "SELECT count(*) FROM reseller WHERE parent_id = :reseller",
}


def count_brands(db: sqlite3.Connection, search: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM reseller WHERE {MATCHES}", _searched(search)).fetchone()[0])  # noqa: S608 - a condition from the code


def brands_page(db: sqlite3.Connection, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Each with its parent, its limits, and how many contexts and users it has."""
    query = (
        "SELECT reseller.*, parent.name AS parent, "  # noqa: S608 - conditions from the code
        "(SELECT count(*) FROM ownership WHERE reseller_id = reseller.id) AS contexts, "
        "(SELECT count(*) FROM ownership JOIN user USING (context_id) WHERE reseller_id = reseller.id) AS users "
        "FROM reseller LEFT JOIN reseller AS parent ON parent.id = reseller.parent_id "
        f"WHERE {MATCHES} ORDER BY reseller.id LIMIT :limit OFFSET :offset"
    )
    return [_brand(db, row) for row in db.execute(query, {**_searched(search), "limit": limit, "offset": offset})]


def brand(db: sqlite3.Connection, brand_id: int) -> dict[str, Any]:
    """With what it has beside contexts. Raises LookupError if there is none."""
    query = (
        "SELECT reseller.*, parent.name AS parent, "
        "(SELECT count(*) FROM ownership WHERE reseller_id = reseller.id) AS contexts, "
        "(SELECT count(*) FROM ownership JOIN user USING (context_id) WHERE reseller_id = reseller.id) AS users "
        "FROM reseller LEFT JOIN reseller AS parent ON parent.id = reseller.parent_id WHERE reseller.id = ?"
    )
    row = db.execute(query, (brand_id,)).fetchone()
    if row is None:
        raise LookupError(brand_id)
    announcements = db.execute("SELECT count(*) FROM announcement WHERE reseller_id = ?", (brand_id,)).fetchone()[0]
    return _brand(db, row) | {
        "used": {name: int(db.execute(query, {"reseller": brand_id}).fetchone()[0]) for name, query in USED.items()},
        "capabilities": json.loads(row["capabilities"]),
        "taxonomies": json.loads(row["taxonomies"]),
        "configuration": json.loads(row["configuration"]),
        "theme": themes.of(db, "reseller_id", [brand_id]).get(brand_id, {}),
        "shared_domains": maildomains.shared_of(db, brand_id),
        "announcements": announcements,
    }


def _brand(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "display_name": row["display_name"],
        "parent_id": row["parent_id"],
        "parent": row["parent"],
        "limits": resellers.limits_of(db, row),
        "contexts": row["contexts"],
        "users": row["users"],
    }


def contexts_of(db: sqlite3.Connection, brand_id: int, limit: int, offset: int) -> list[Row]:
    query = (
        "SELECT context.*, (SELECT count(*) FROM user WHERE context_id = context.id) AS users "
        "FROM ownership JOIN context ON context.id = context_id "
        "WHERE reseller_id = ? ORDER BY context_id LIMIT ? OFFSET ?"
    )
    return db.execute(query, (brand_id, limit, offset)).fetchall()


def of_context(db: sqlite3.Connection, context_id: int) -> dict[str, Any]:
    """Who owns it, its limits, and how many catch-alls and forwards it has."""
    owner = resellers.owner_of(db, context_id)
    row = db.execute("SELECT custom_id FROM ownership WHERE context_id = ?", (context_id,)).fetchone()
    counts = (
        db.execute(f"SELECT count(*) FROM {table} WHERE context_id = ?", (context_id,)).fetchone()[0]  # noqa: S608 - one of two names
        for table in ("catchall", "forward")
    )
    return {
        "brand": {"id": owner["id"], "name": owner["name"]} if owner is not None else None,
        "custom_id": row["custom_id"] if row is not None else None,
        "limits": resellers.limits_of_context(db, context_id),
        **dict(zip(("catchalls", "forwards"), counts, strict=True)),
    }


def of_user(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    """The mailbox, permissions and all."""
    mailbox = mailboxes.of_user(db, row["context_id"], row["id"])
    kept = {name: value for name, value in mailbox.items() if name not in ("context_id", "user_id")}
    service = classes_of(row["attributes"])
    return {**kept, "class_of_service": service, "permissions": mail_permissions.held(row, mailbox)}


def count_forwards(db: sqlite3.Connection, context_id: int, search: str) -> int:
    query = f"SELECT count(*) FROM forward WHERE context_id = :context AND {FORWARD_MATCHES}"  # noqa: S608 - a condition from the code
    return int(db.execute(query, {**_searched(search), "context": context_id}).fetchone()[0])


def forwards_page(
    db: sqlite3.Connection, context_id: int, search: str, limit: int, offset: int
) -> list[dict[str, Any]]:
    query = (
        "SELECT *, (SELECT json_group_array(address) FROM (SELECT address FROM forward_recipient "  # noqa: S608 - a condition from the code
        "WHERE forward = forward.folded ORDER BY position)) AS recipients "
        f"FROM forward WHERE context_id = :context AND {FORWARD_MATCHES} ORDER BY folded LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "limit": limit, "offset": offset}
    return [
        {"address": row["address"], "recipients": json.loads(row["recipients"]), "spam_level": row["spam_level"]}
        for row in db.execute(query, values)
    ]


def _searched(search: str) -> dict[str, str]:
    literal = folded(search).replace("_", r"\_")
    return {"search": search, "like": f"%{as_like(literal)}%"}
