"""What the stand-in holds, for its page and for tests. Everything in pages, so that 100,000 users do no harm."""

import json
import sqlite3
from typing import Any

from oxherd.sandbox import access, passwords, rules
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, contexts, users

SAFE_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
CONTEXT_MATCHES = (
    "(:search = '' OR folded_name LIKE :like ESCAPE '\\' OR CAST(id AS TEXT) = :search OR EXISTS (SELECT 1 "
    "FROM login_mapping WHERE context_id = context.id AND folded LIKE :like ESCAPE '\\'))"
)
USER_MATCHES = (
    "(:search = '' OR folded_name LIKE :like ESCAPE '\\' OR folded_display_name LIKE :like ESCAPE '\\' "
    "OR folded_primary_email LIKE :like ESCAPE '\\' OR EXISTS (SELECT 1 FROM alias "
    "WHERE alias.context_id = user.context_id AND user_id = user.id AND folded LIKE :like ESCAPE '\\'))"
)


def count_contexts(db: sqlite3.Connection, search: str) -> int:
    query = f"SELECT count(*) FROM context WHERE {CONTEXT_MATCHES}"  # noqa: S608 - a condition from the code
    return int(db.execute(query, _searched(search)).fetchone()[0])


def contexts_page(db: sqlite3.Connection, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    query = f"SELECT * FROM context WHERE {CONTEXT_MATCHES} ORDER BY id LIMIT :limit OFFSET :offset"  # noqa: S608 - as above
    values = {**_searched(search), "limit": limit, "offset": offset}
    return [_context(db, row) for row in db.execute(query, values).fetchall()]


def context(db: sqlite3.Connection, context_id: int) -> dict[str, Any]:
    """Raises LookupError if there is none."""
    row = contexts.find(db, context_id)
    if row is None:
        raise LookupError(context_id)
    return _context(db, row)


def _context(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    held = _set(contexts.to_wire(db, row))
    return held | {
        "userAttributes": json.loads(row["attributes"]),
        "capabilities": json.loads(row["capabilities"]),
        "quotas": json.loads(row["quotas"]),
        "users": count_users(db, row["id"], ""),
    }


def count_users(db: sqlite3.Connection, context_id: int, search: str) -> int:
    query = f"SELECT count(*) FROM user WHERE context_id = :context AND {USER_MATCHES}"  # noqa: S608 - a condition from the code
    return int(db.execute(query, {**_searched(search), "context": context_id}).fetchone()[0])


def users_page(db: sqlite3.Connection, context_id: int, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    query = (
        f"SELECT * FROM user WHERE context_id = :context AND {USER_MATCHES} "  # noqa: S608 - a condition from the code
        "ORDER BY id LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "limit": limit, "offset": offset}
    return [_user(db, row) for row in db.execute(query, values).fetchall()]


def user(db: sqlite3.Connection, context_id: int, user_id: int) -> dict[str, Any]:
    """Every field that is set, under its name on the wire. Raises LookupError if there is no such user."""
    row = users.find(db, context_id, user_id)
    if row is None:
        raise LookupError(user_id)
    return _user(db, row)


def _user(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    context_id, user_id = row["context_id"], row["id"]
    query = "SELECT sha256, content_type FROM photo WHERE context_id = ? AND user_id = ?"
    picture = db.execute(query, (context_id, user_id)).fetchone()
    groups = db.execute("SELECT group_id FROM member WHERE context_id = ? AND user_id = ?", (context_id, user_id))
    return _set(users.to_wire(db, row, with_photo=False)) | {
        "userAttributes": json.loads(row["attributes"]),
        "capabilities": json.loads(row["capabilities"]),
        "personal": row["personal"],
        "guest": bool(row["guest"]),
        "groups": [group[0] for group in groups],
        "access": access.to_flags(row["access"]),
        "combination": access.combination_name(row["access"]),
        "image_sha256": picture["sha256"] if picture else None,
        "image_content_type": picture["content_type"] if picture else None,
    }


def photo(db: sqlite3.Connection, context_id: int, user_id: int) -> tuple[bytes, str]:
    """Content and type. Raises LookupError if there is none."""
    row = users.photo(db, context_id, user_id)
    if row is None:
        raise LookupError(user_id)
    return row["content"], row["content_type"]


def invite_guest(db: sqlite3.Connection, context_id: int, address: str) -> int:
    """Guests come by sharing, not by provisioning. Raises LookupError if there is no such context."""
    context(db, context_id)
    user_id = contexts.take_id(db, context_id)
    fields = {"display_name": address, "primaryEmail": address, "email1": address, "mailenabled": True}
    users.insert(
        db,
        context_id=context_id,
        id=user_id,
        name=f"guest-{user_id}",
        display_name=address,
        primary_email=f"guest-{user_id}:{address}",
        guest=1,
        access=0,
        password="",
        mechanism=rules.DEFAULT_MECHANISM,
        fields=json.dumps(fields),
    )
    return user_id


def why_no_sign_in(db: sqlite3.Connection, context_id: int, name: str, password: str) -> str | None:
    """Whether App Suite would let somebody in: None, or the reason why not."""
    row, home = users.find_named(db, context_id, name), contexts.find(db, context_id)
    if row is None or home is None or row["guest"] or not passwords.matches(row["password"], password):
        return "wrong name or password"
    if not home["enabled"]:
        return "the context is disabled"
    return None if json.loads(row["fields"]).get("mailenabled", True) else "the user is disabled"


def _searched(search: str) -> dict[str, str]:
    """Part of a name or address; here an underscore is just that."""
    literal = rules.folded(search).replace("_", r"\_")
    return {"search": search, "like": f"%{as_like(literal)}%"}


def _set(held: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if value is not None}
