"""What the stand-in holds, for its page and for tests. Everything in pages, so that 100,000 users do no harm."""

import json
import sqlite3
from typing import Any

from oxherd.sandbox import access, brands, passwords, rules
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, contexts, groups, resources, users

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


MEMBER = "id IN (SELECT user_id FROM member WHERE context_id = :context AND group_id = :group)"
GROUP_MATCHES = (
    "(:search = '' OR name LIKE :like ESCAPE '\\' OR folded(display_name) LIKE :like ESCAPE '\\' "
    "OR CAST(id AS TEXT) = :search)"
)
RESOURCE_MATCHES = (
    "(:search = '' OR name LIKE :like ESCAPE '\\' OR folded(display_name) LIKE :like ESCAPE '\\' "
    "OR folded_email LIKE :like ESCAPE '\\')"
)


def count_contexts(db: sqlite3.Connection, search: str) -> int:
    query = f"SELECT count(*) FROM context WHERE {CONTEXT_MATCHES}"  # noqa: S608 - a condition from the code
    return int(db.execute(query, _searched(search)).fetchone()[0])


def contexts_page(db: sqlite3.Connection, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    query = f"SELECT * FROM context WHERE {CONTEXT_MATCHES} ORDER BY id LIMIT :limit OFFSET :offset"  # noqa: S608 - as above
    values = {**_searched(search), "limit": limit, "offset": offset}
    return _contexts(db, db.execute(query, values).fetchall())


def context(db: sqlite3.Connection, context_id: int) -> dict[str, Any]:
    """Raises LookupError if there is none."""
    row = contexts.find(db, context_id)
    if row is None:
        raise LookupError(context_id)
    return _contexts(db, [row])[0]


def _contexts(db: sqlite3.Connection, rows: list[Row]) -> list[dict[str, Any]]:
    return [_set(held) | _contents(db, row) for held, row in zip(contexts.to_wire(db, rows), rows, strict=True)]


def _contents(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    return {
        "userAttributes": json.loads(row["attributes"]),
        "capabilities": json.loads(row["capabilities"]),
        "quotas": json.loads(row["quotas"]),
        **brands.of_context(db, row["id"]),
        "users": count_users(db, row["id"], ""),
        "groups": count_groups(db, row["id"], ""),
        "resources": count_resources(db, row["id"], ""),
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
    memberships = db.execute("SELECT group_id FROM member WHERE context_id = ? AND user_id = ?", (context_id, user_id))
    return _set(users.to_wire(db, row, with_photo=False)) | {
        "userAttributes": json.loads(row["attributes"]),
        "capabilities": json.loads(row["capabilities"]),
        "personal": row["personal"],
        "guest": bool(row["guest"]),
        "groups": [membership[0] for membership in memberships],
        "access": access.to_flags(row["access"]),
        "combination": access.combination_name(row["access"]),
        "mailbox": brands.of_user(db, row),
        "image_sha256": picture["sha256"] if picture else None,
        "image_content_type": picture["content_type"] if picture else None,
    }


def count_groups(db: sqlite3.Connection, context_id: int, search: str) -> int:
    query = f"SELECT count(*) FROM groups WHERE context_id = :context AND {GROUP_MATCHES}"  # noqa: S608 - a condition from the code
    return int(db.execute(query, {**_searched(search), "context": context_id}).fetchone()[0])


def groups_page(db: sqlite3.Connection, context_id: int, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Without members, of whom one group may have thousands."""
    query = (
        "SELECT id, name, display_name AS displayname, (SELECT count(*) FROM member "  # noqa: S608 - a condition from the code
        "WHERE member.context_id = groups.context_id AND group_id = groups.id) AS member_count "
        f"FROM groups WHERE context_id = :context AND {GROUP_MATCHES} ORDER BY id LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "limit": limit, "offset": offset}
    return [dict(row) for row in db.execute(query, values)]


def groups_with_members(
    db: sqlite3.Connection, context_id: int, search: str, limit: int, offset: int
) -> list[dict[str, Any]]:
    """As an answer of the platform carries them."""
    query = (
        f"SELECT * FROM groups WHERE context_id = :context AND {GROUP_MATCHES} "  # noqa: S608 - a condition from the code
        "ORDER BY id LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "limit": limit, "offset": offset}
    return groups.to_wire(db, db.execute(query, values).fetchall())


def group(db: sqlite3.Connection, context_id: int, group_id: int) -> dict[str, Any]:
    """With its members. Raises LookupError if there is no such group."""
    return groups.to_wire(db, [group_row(db, context_id, group_id)])[0]


def group_row(db: sqlite3.Connection, context_id: int, group_id: int) -> Row:
    """Raises LookupError if there is no such group."""
    row = groups.find(db, context_id, group_id)
    if row is None:
        raise LookupError(group_id)
    return row


def groups_of(db: sqlite3.Connection, context_id: int, user_id: int) -> list[Row]:
    return groups.of_user(db, context_id, user_id)


def count_members(db: sqlite3.Connection, context_id: int, group_id: int, search: str) -> int:
    query = f"SELECT count(*) FROM user WHERE context_id = :context AND {MEMBER} AND {USER_MATCHES}"  # noqa: S608 - conditions from the code
    return int(db.execute(query, {**_searched(search), "context": context_id, "group": group_id}).fetchone()[0])


def members_page(
    db: sqlite3.Connection, context_id: int, group_id: int, search: str, *, limit: int, offset: int
) -> list[Row]:
    query = (
        "SELECT id, name, display_name, primary_email FROM user "  # noqa: S608 - conditions from the code
        f"WHERE context_id = :context AND {MEMBER} AND {USER_MATCHES} ORDER BY id LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "group": group_id, "limit": limit, "offset": offset}
    return db.execute(query, values).fetchall()


def count_resources(db: sqlite3.Connection, context_id: int, search: str) -> int:
    query = f"SELECT count(*) FROM resource WHERE context_id = :context AND {RESOURCE_MATCHES}"  # noqa: S608 - as above
    return int(db.execute(query, {**_searched(search), "context": context_id}).fetchone()[0])


def resources_page(
    db: sqlite3.Connection, context_id: int, search: str, limit: int, offset: int
) -> list[dict[str, Any]]:
    query = (
        f"SELECT * FROM resource WHERE context_id = :context AND {RESOURCE_MATCHES} "  # noqa: S608 - as above
        "ORDER BY id LIMIT :limit OFFSET :offset"
    )
    values = {**_searched(search), "context": context_id, "limit": limit, "offset": offset}
    return resources.to_wire(db, db.execute(query, values).fetchall())


def names_of_entities(
    db: sqlite3.Connection, context_id: int, found: list[dict[str, Any]]
) -> dict[tuple[bool, int], str]:
    """What to call the groups (True) and users (False) who have permissions on these resources."""
    permissions = [permission for each in found for permission in each["permissions"]]
    names = {(True, 0): "everybody"}
    for is_group, table, word in ((True, "groups", "group"), (False, "user", "user")):
        ids = json.dumps([each["entity"] for each in permissions if each["group"] is is_group])
        query = f"SELECT id, name FROM {table} WHERE context_id = ? AND id IN (SELECT value FROM json_each(?))"  # noqa: S608 - one of two names
        names |= {(is_group, row["id"]): f"{word} {row['name']}" for row in db.execute(query, (context_id, ids))}
    return names


def resource(db: sqlite3.Connection, context_id: int, resource_id: int) -> dict[str, Any]:
    """Raises LookupError if there is no such resource."""
    row = resources.find(db, context_id, resource_id)
    if row is None:
        raise LookupError(resource_id)
    return resources.to_wire(db, [row])[0]


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
