"""Cloud API: users come, change and go. The work is that of the SOAP operations, with what the API adds around it."""

from typing import Any

from oxherd.sandbox import access
from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, quotas, route
from oxherd.sandbox.rest.bodies import image_of
from oxherd.sandbox.rest.cloud_forwards import DEFAULT_SPAM_LEVEL, checked_spam_level
from oxherd.sandbox.rest.cloud_users_read import User, existing, one
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import cloud_rules, mail_permissions, users_change
from oxherd.sandbox.services.users_create import create_user
from oxherd.sandbox.services.users_delete import delete_users
from oxherd.sandbox.store import Row, contexts, mailboxes, users

FIELDS = {
    "password": "password",
    "givenName": "given_name",
    "surName": "sur_name",
    "displayName": "display_name",
    "language": "language",
    "timezone": "timezone",
}
DEFAULT_CLASS = ["cloud_pim"]
TO_ADMIN = "%CONTEXTADMIN%"
# A user without limit has a file store all the same: it is made with a quota that is taken away again.
FIRST_QUOTA = 1


@route(CLOUD, "POST", "/users")
def create(asked: Asked) -> User:
    context, sent = asked.context(), asked.body
    if cloud_rules.login_exists(asked.db, sent["name"]):
        raise CloudRefusal(32, sent["name"])
    quotas.check(sent)
    service = sent.get("classOfService") or DEFAULT_CLASS
    user = _fields(sent) | {"name": sent["name"], "maxQuota": quotas.of_files(sent, FIRST_QUOTA)}
    user.setdefault("display_name", f"{sent['givenName']} {sent['surName']}")
    user["aliases"] = _with_mail(sent.get("aliases") or [sent["mail"]], sent["mail"])
    user["userAttributes"] = _attributes(service, unified="unifiedQuota" in sent)
    made = create_user(asked.with_arguments(usrdata=user), _access(service))
    if quotas.of_files(sent, quotas.UNLIMITED_FILES) == quotas.UNLIMITED_FILES:
        users.update(asked.db, context["id"], made["id"], max_quota=quotas.UNLIMITED_FILES)
    mailboxes.change(asked.db, context["id"], made["id"], **_mailbox(sent, {"spamLevel": DEFAULT_SPAM_LEVEL}))
    _change_permissions(asked, made["id"], sent)
    wanted = {"includeid"} if asked.flag("includeid") else set()
    return one(asked, context, _row(asked, made["id"]), wanted, with_usage=False)


@route(CLOUD, "PUT", "/users/{login}")
def change(asked: Asked) -> None:
    """What is absent or null stays as it is."""
    asked.context()
    row, sent = existing(asked), asked.body
    if row["guest"]:
        raise CloudRefusal(5)
    quotas.check(sent)
    user = {"id": row["id"], **_fields(sent), **_changed_addresses(asked, row, sent)}
    user |= {"name": sent["newName"]} if sent.get("newName") else {}
    user |= {"userAttributes": _changed_attributes(sent)}
    call = asked.with_arguments(usrdata=user)
    users_change.change(call)
    if service := sent.get("classOfService"):
        users_change.change_access(call, row, _access(service) | row["access"] & access.EDIT_PASSWORD)
    _change_quota(asked, row, sent)
    mailboxes.change(asked.db, row["context_id"], row["id"], **_mailbox(sent, {}))
    _change_permissions(asked, row["id"], sent)


@route(CLOUD, "DELETE", "/users/{login}")
def delete(asked: Asked) -> None:
    """Without `reassignuser` what the user shared is deleted too."""
    context = asked.context()
    row, heir = existing(asked), asked.message.query.get("reassignuser")
    reassign = None if heir == TO_ADMIN else 0 if not heir else _heir(asked, context["id"], heir)
    delete_users(asked.with_arguments(reassign=reassign), [{"id": row["id"]}])


def _heir(asked: Asked, context_id: int, login: str) -> int | None:
    """The context admin inherits under its own login too."""
    found = users.find_named(asked.db, context_id, login)
    if found is None:
        raise CloudRefusal(19, login)
    return None if found["id"] == contexts.ADMIN else int(found["id"])


@route(CLOUD, "PUT", "/users/{login}/permissions")
def put_permissions(asked: Asked) -> None:
    asked.context()
    _change_permissions(asked, existing(asked)["id"], {"userPermissions": asked.body})


def _fields(sent: dict[str, Any]) -> dict[str, Any]:
    fields = {name: sent[key] for key, name in FIELDS.items() if key in sent}
    if mail := sent.get("mail"):
        fields |= {"primaryEmail": mail, "email1": mail}
    if image := sent.get("userImage"):
        fields |= {"image1": image_of(image), "image1ContentType": f"image/{image['type'].removeprefix('image/')}"}
    return fields


def _with_mail(aliases: list[str], mail: str) -> list[str]:
    """Raises CloudRefusal for a list without it."""
    if folded(mail) not in (folded(alias) for alias in aliases):
        raise CloudRefusal(37)
    return aliases


def _changed_addresses(asked: Asked, row: Row, sent: dict[str, Any]) -> dict[str, Any]:
    """The sender address goes along; without a list of aliases the old addresses stay, the old mail among them."""
    if "mail" not in sent and "aliases" not in sent:
        return {}
    mail = sent.get("mail") or row["primary_email"]
    held = users.aliases(asked.db, row["context_id"], row["id"])
    aliases = _with_mail(sent["aliases"], mail) if "aliases" in sent else [*held, mail]
    return {"primaryEmail": mail, "email1": mail, "defaultSenderAddress": mail, "aliases": aliases}


def _attributes(service: list[str], *, unified: bool) -> dict[str, Any]:
    return _entries({"cloud": {"service": ",".join(service)}, "config": {quotas.PROPERTY: str(unified).lower()}})


def _changed_attributes(sent: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, dict[str, str]] = {}
    if service := sent.get("classOfService"):
        values["cloud"] = {"service": ",".join(service)}
    if any(name in sent for name in quotas.NAMES):
        values["config"] = {quotas.PROPERTY: str("unifiedQuota" in sent).lower()}
    return _entries(values)


def _entries(values: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "entries": [
            {"key": outer, "value": {"entries": [{"key": key, "value": value} for key, value in inner.items()]}}
            for outer, inner in values.items()
        ]
    }


def _access(service: list[str]) -> int:
    """The flags of all of them together. Raises CloudRefusal for what is no class of service."""
    if wrong := [name for name in service if name not in cloud_rules.CLASSES]:
        raise CloudRefusal(13, ", ".join(wrong))
    bits = [access.from_combination(name) for name in service if name.startswith("cloud_")]
    together = 0
    for each in bits or [access.from_combination(DEFAULT_CLASS[0])]:
        together |= each
    return together


def _change_quota(asked: Asked, row: Row, sent: dict[str, Any]) -> None:
    """A user who had no file store of its own gets one with the first quota."""
    if not any(name in sent for name in ("unifiedQuota", "fileQuota")):
        return
    columns: dict[str, Any] = {"max_quota": quotas.of_files(sent, quotas.UNLIMITED_FILES)}
    if row["filestore_id"] is None:
        context = contexts.find(asked.db, row["context_id"])
        store = context["filestore_id"] if context is not None else None
        columns |= {"filestore_id": store, "filestore_owner": row["id"]}
    users.update(asked.db, row["context_id"], row["id"], **columns)


def _mailbox(sent: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if level := sent.get("spamLevel") or usual.get("spamLevel"):
        columns["spam_level"] = checked_spam_level(level)
    if any(name in sent for name in ("unifiedQuota", "mailQuota")):
        columns["quota"] = quotas.of_mail(sent, quotas.UNLIMITED_MAIL)
    for key, column in (("userAdminEnabled", "user_admin"), ("emailBackupEnabled", "email_backup")):
        columns |= {column: int(sent[key])} if key in sent else {}
    return columns


def _change_permissions(asked: Asked, user_id: int, sent: dict[str, Any]) -> None:
    """Who has no mailbox cannot be given one this way."""
    row, wanted = _row(asked, user_id), dict(sent.get("userPermissions") or {})
    if not cloud_rules.has_mailbox(row):
        wanted = {name: is_on for name, is_on in wanted.items() if name not in mail_permissions.OF_MAILBOX}
    mail_permissions.change(asked.db, row, wanted)


def _row(asked: Asked, user_id: int) -> Row:
    row = users.find(asked.db, asked.call.context_id, user_id)
    if row is None:
        raise CloudRefusal(1)
    return row
