"""Which values a new or changed user may have, and how they are kept."""

import json
import sqlite3
from typing import Any

from oxherd.sandbox import passwords, rules
from oxherd.sandbox.faults import InvalidData, Storage
from oxherd.sandbox.services import Call, cloud_rules
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.store import Row, contexts, users
from oxherd.sandbox.store.mailservers import keep_mail_servers

ADDRESSES = ("primaryEmail", "email1", "email2", "email3", "defaultSenderAddress")
ELSEWHERE = {  # in columns or tables of their own, or only for reading
    *("id", "name", "password", "passwordMech", "password_expired", "contextadmin", "aliases", "userAttributes"),
    *("maxQuota", "usedQuota", "filestoreId", "filestore_name", "default_group", "image1", "image1ContentType"),
    *(f"{protocol}{part}" for protocol in ("imap", "smtp") for part in ("Server", "Port", "Schema", "ServerString")),
}
DEFAULTS = {"language": "en_US", "timezone": "Europe/Berlin", "mailenabled": True}
NO_QUOTA = (
    "Quota cannot be changed for user {user} in context {context} since that user has no file storage set. "
    'See "ALLOW_CHANGING_QUOTA_IF_NO_FILESTORE_SET".'
)


def check_new(call: Call, context_id: int, user: dict[str, Any]) -> None:
    """In the order of the platform, the password first."""
    if not user.get("password"):
        raise InvalidData("Empty password is not allowed.")
    rules.check_mandatory(user)
    if user["primaryEmail"] != user["email1"]:
        raise InvalidData("primarymail must have the same value as email1")
    check_form(user, on_change=False)
    check_name(call.db, context_id, user["name"])
    check_unique(call.db, call.settings, context_id, user, but=0)


def check_form(user: dict[str, Any], *, on_change: bool) -> None:
    rules.check_addresses([*(user.get(name) for name in ADDRESSES), *user.get("aliases", ())])
    rules.check_locale(user, on_change=on_change)
    rules.mechanism(user.get("passwordMech"))


def check_name(db: sqlite3.Connection, context_id: int, name: str) -> None:
    rules.check_user_name(name)
    if users.find_named(db, context_id, name) is not None:
        raise InvalidData(f"User {name} already exists in this context")
    cloud_rules.check_login(db, context_id, name)


def check_unique(
    db: sqlite3.Connection, settings: Settings, context_id: int, user: dict[str, Any], *, but: int
) -> None:
    """Display name and primary address of no other user; aliases are free for all."""
    display_name, address = user.get("display_name"), user.get("primaryEmail")
    if not settings.unique_display_names:
        display_name = None
    if display_name and users.id_with_display_name(db, context_id, display_name, but=but) is not None:
        raise InvalidData("The displayname is already used")
    check_primary_email(db, context_id, address, but=but)


def check_primary_email(db: sqlite3.Connection, context_id: int, address: str | None, *, but: int) -> None:
    """Also asked for resources; the platform does not look at the addresses of resources when a user comes."""
    owner = users.id_with_primary_email(db, context_id, address, but=but) if address else None
    if owner is not None:
        raise InvalidData(
            f'Primary mail address "{address}" already exists in context {context_id} '
            f"(Already assigned to user {owner})."
        )


def insert_user(
    db: sqlite3.Connection, context: Row, user_id: int, user: dict[str, Any], access: int
) -> dict[str, Any]:
    """Keeps a checked user and returns what the platform answers: the object as sent, completed, password and all."""
    sender = user.get("defaultSenderAddress") or user["primaryEmail"]
    user = {
        **DEFAULTS,
        **user,
        "id": user_id,
        "defaultSenderAddress": sender,
        "contextadmin": user_id == contexts.ADMIN,
    }
    user["aliases"] = users.without_doubles([*user.get("aliases", ()), user["primaryEmail"], sender])
    attributes = contexts.merged_attributes("{}", user.get("userAttributes"))
    cloud_rules.check_addresses(db, context["id"], user_id, user["aliases"])
    cloud_rules.check_class_of_service(db, context["id"], attributes)
    fields: dict[str, Any] = {}
    keep_fields(fields, user)
    users.insert(
        db,
        context_id=context["id"],
        id=user_id,
        name=user["name"],
        display_name=user["display_name"],
        primary_email=user["primaryEmail"],
        access=access,
        password=passwords.hashed(user["password"]),
        mechanism=rules.mechanism(user.get("passwordMech")),
        attributes=attributes,
        fields=json.dumps(fields),
        **_own_filestore(context, user_id, user),
    )
    users.replace_aliases(db, context["id"], user_id, user["aliases"])
    keep_photo(db, context["id"], user_id, user)
    return {"imapPort": 143, "smtpPort": 25, **user}


def _own_filestore(context: Row, user_id: int, user: dict[str, Any]) -> dict[str, int]:
    """A quota other than -1 gives the user a file store of its own."""
    quota = user.get("maxQuota")
    if quota is None or quota == -1:
        return {}
    filestore = user.get("filestoreId") or context["filestore_id"]
    return {"max_quota": quota, "filestore_id": filestore, "filestore_owner": user_id}


def keep_fields(fields: dict[str, Any], sent: dict[str, Any]) -> None:
    """Into the fields of a user; an empty text clears."""
    for name, value in sent.items():
        if name in ELSEWHERE or value == {}:
            continue
        if value == "":
            fields.pop(name, None)
        else:
            fields[name] = value
    if group := sent.get("default_group", {}).get("id"):
        fields["default_group"] = group
    keep_mail_servers(fields, sent)


def keep_photo(db: sqlite3.Connection, context_id: int, user_id: int, sent: dict[str, Any]) -> None:
    if "image1" in sent:
        users.set_photo(db, context_id, user_id, sent["image1"], sent.get("image1ContentType") or "image/jpeg")


def quota_columns(row: Row, sent: dict[str, Any]) -> dict[str, int]:
    """Raises Storage for a user without a file store of its own."""
    if "maxQuota" not in sent:
        return {}
    if row["filestore_id"] is None:
        raise Storage(NO_QUOTA.format(user=row["id"], context=row["context_id"]))
    return {"max_quota": sent["maxQuota"]}
