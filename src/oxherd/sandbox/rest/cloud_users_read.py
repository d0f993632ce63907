"""Cloud API: reading users. Whatever a list needs comes by a handful of queries, for 100,000 users too."""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, quotas, route
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import mail_permissions
from oxherd.sandbox.services.cloud_rules import classes_of, has_mailbox, login_exists
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, contexts, mailboxes, users

INCLUDES = ("includeid", "includewebloginenabled", "includeimage", "includepermissions", "includeuseradminenabled")
User = dict[str, Any]


@route(CLOUD, "GET", "/users")
def list_users(asked: Asked) -> list[User]:
    """The pattern is matched with login or display name, without regard to case."""
    context = asked.context()
    wanted = {name for name in INCLUDES if asked.flag(name) and name != "includepermissions"}
    return told(asked, context, _rows(asked), wanted)


@route(CLOUD, "GET", "/users/count")
def count_users(asked: Asked) -> dict[str, int]:
    """As many as the list has."""
    context = asked.context()
    query = "SELECT count(*) FROM user WHERE context_id = ? AND guest <= ?"
    return {"count": asked.db.execute(query, (context["id"], asked.flag("includeguests"))).fetchone()[0]}


@route(CLOUD, "GET", "/users/{login}")
def get_user(asked: Asked) -> User:
    context, row = asked.context(), existing(asked)
    return one(asked, context, row, {name for name in INCLUDES if asked.flag(name)})


def one(asked: Asked, context: Row, row: Row, wanted: set[str], *, with_usage: bool = True) -> User:
    """With what a list does not tell."""
    mailbox = mailboxes.of_user(asked.db, context["id"], row["id"])
    backup = {"emailBackupEnabled": bool(mailbox["email_backup"])}
    return told(asked, context, [row], wanted, with_usage=with_usage)[0] | backup


@route(CLOUD, "HEAD", "/users/{login}/exists")
def user_exists(asked: Asked) -> None:
    """In whichever context."""
    if not login_exists(asked.db, asked.values["login"]):
        raise CloudRefusal(20, asked.values["login"])


@route(CLOUD, "GET", "/users/{login}/permissions")
def get_permissions(asked: Asked) -> dict[str, bool]:
    asked.context()
    row = existing(asked)
    return permissions_of(row, mailboxes.of_user(asked.db, row["context_id"], row["id"]))


def existing(asked: Asked) -> Row:
    """By login, or a guest by its number. Raises CloudRefusal."""
    context_id, login = asked.call.context_id, asked.values["login"]
    row = users.find_named(asked.db, context_id, login)
    if row is None and login.isdecimal() and len(login) < 10:  # noqa: PLR2004 - a number of 32 bits
        guest = users.find(asked.db, context_id, int(login))
        row = guest if guest is not None and guest["guest"] else None
    if row is None:
        raise CloudRefusal(1)
    return row


def permissions_of(row: Row, mailbox: mailboxes.Mailbox) -> dict[str, bool]:
    """Who has no mailbox may neither send nor receive."""
    nothing = {} if has_mailbox(row) else dict.fromkeys(mail_permissions.OF_MAILBOX, False)
    return mail_permissions.held(row, mailbox) | nothing


def _rows(asked: Asked) -> list[Row]:
    like = as_like(folded(asked.message.query.get("pattern") or "*"))
    query = (
        "SELECT * FROM user WHERE context_id = :context AND guest <= :guests AND (:like = '%' "
        "OR folded_name LIKE :like ESCAPE '\\' OR folded_display_name LIKE :like ESCAPE '\\') ORDER BY id"
    )
    values = {"context": asked.call.context_id, "guests": asked.flag("includeguests"), "like": like}
    return asked.db.execute(query, values).fetchall()


def told(asked: Asked, context: Row, rows: list[Row], wanted: set[str], *, with_usage: bool = True) -> list[User]:
    ids = [row["id"] for row in rows]
    aliases = _aliases(asked, ids)
    boxes = mailboxes.of_users(asked.db, context["id"], ids)
    images = _images(asked, ids) if "includeimage" in wanted else {}
    untouched = dict(mailboxes.UNTOUCHED)
    found = []
    for row in rows:
        mailbox = boxes.get(row["id"], untouched)
        found.append(
            _user(row, aliases[row["id"]], mailbox)
            | {"contextName": context["name"]}
            | quotas.told(row, mailbox, with_usage=with_usage)
            | _included(row, mailbox, wanted)
            | ({"userImage": images[row["id"]]} if row["id"] in images else {})
        )
    return found


def _user(row: Row, aliases: list[str], mailbox: mailboxes.Mailbox) -> User:
    fields: dict[str, Any] = json.loads(row["fields"])
    return {
        "name": row["name"],
        "givenName": fields.get("given_name", ""),
        "surName": fields.get("sur_name", ""),
        "mail": fields.get("primaryEmail", ""),
        "displayName": row["display_name"],
        "isContextAdmin": row["id"] == contexts.ADMIN,
        "classOfService": classes_of(row["attributes"]),
        "language": fields.get("language"),
        "aliases": aliases,
        "timezone": fields.get("timezone"),
        "spamLevel": mailbox["spam_level"],
    } | ({"guestId": row["id"]} if row["guest"] else {})


def _included(row: Row, mailbox: mailboxes.Mailbox, wanted: set[str]) -> User:
    return {key: tell(row, mailbox) for name, (key, tell) in INCLUDED.items() if name in wanted}


INCLUDED: dict[str, tuple[str, Callable[[Row, mailboxes.Mailbox], Any]]] = {
    "includeid": ("uid", lambda row, _: row["id"]),
    "includewebloginenabled": ("webLoginEnabled", lambda row, mailbox: permissions_of(row, mailbox)["weblogin"]),
    "includepermissions": ("userPermissions", permissions_of),
    "includeuseradminenabled": ("userAdminEnabled", lambda _, mailbox: bool(mailbox["user_admin"])),
}


def _aliases(asked: Asked, ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        "SELECT user_id, address FROM alias WHERE context_id = ? AND user_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY user_id, position"
    )
    for user_id, address in asked.db.execute(query, (asked.call.context_id, json.dumps(list(ids)))):
        found[user_id].append(address)
    return found


def _images(asked: Asked, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    query = "SELECT * FROM photo WHERE context_id = ? AND user_id IN (SELECT value FROM json_each(?))"
    return {
        row["user_id"]: {
            "image": base64.b64encode(row["content"]).decode("ascii"),
            "type": row["content_type"].removeprefix("image/"),
        }
        for row in asked.db.execute(query, (asked.call.context_id, json.dumps(list(ids))))
    }
