"""Cloud plug-ins (`oxaas/v1/admin`): what users have beside the core, and their sessions."""

import json
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import PLUGINS, Asked, route
from oxherd.sandbox.rest.cloud_forwards import checked_spam_level
from oxherd.sandbox.services.cloud_rules import check_class_of_service, classes_of
from oxherd.sandbox.store import Row, contexts, mailboxes, users

USER = "/contexts/{context}/users/{user}"
NOTES = {"custom": "custom", "msisdn": "msisdn", "oxdeliverystatus": "delivery_status", "oxlegacyref": "legacy_ref"}
ANTI_PHISHING = "com.openexchange.plugins.antiphishing.enabled"


@route(PLUGINS, "GET", f"{USER}/classofservice")
def get_class_of_service(asked: Asked) -> dict[str, list[str]]:
    return {"classofservice": classes_of(_user(asked)["attributes"])}


@route(PLUGINS, "PUT", f"{USER}/classofservice")
def put_class_of_service(asked: Asked) -> None:
    """It is the user attribute `cloud/service`; module access is another matter."""
    row, sent = _user(asked), _sent(asked, "classofservice", list)
    if not all(isinstance(name, str) for name in sent):
        raise CloudRefusal(5)
    entries = [{"key": "service", "value": ",".join(sent)} if sent else {"key": "service"}]
    wanted = {"entries": [{"key": "cloud", "value": {"entries": entries}}]}
    attributes = contexts.merged_attributes(row["attributes"], wanted)
    check_class_of_service(asked.db, row["context_id"], attributes)
    users.update(asked.db, row["context_id"], row["id"], attributes=attributes)


@route(PLUGINS, "GET", f"{USER}/spamlevel")
def get_spam_level(asked: Asked) -> dict[str, str]:
    return {"spamlevel": _mailbox(asked)["spam_level"]}


@route(PLUGINS, "PUT", f"{USER}/spamlevel")
def put_spam_level(asked: Asked) -> None:
    row, level = _user(asked), checked_spam_level(_sent(asked, "spamlevel", str))
    mailboxes.change(asked.db, row["context_id"], row["id"], spam_level=level)


@route(PLUGINS, "GET", f"{USER}/custom")
def get_custom(asked: Asked) -> dict[str, str]:
    custom = _mailbox(asked)["custom"]
    if custom is None:
        raise CloudRefusal(1)
    return {"custom": custom}


@route(PLUGINS, "DELETE", f"{USER}/custom")
def delete_custom(asked: Asked) -> None:
    row = _user(asked)
    mailboxes.change(asked.db, row["context_id"], row["id"], custom=None)


@route(PLUGINS, "PUT", *(f"{USER}/{name}" for name in NOTES))
def put_note(asked: Asked) -> None:
    """A text under the name that the address ends in."""
    row, name = _user(asked), asked.message.path.rstrip("/").rpartition("/")[2]
    text = _sent(asked, name, str)
    mailboxes.change(asked.db, row["context_id"], row["id"], **{NOTES[name]: text})


@route(PLUGINS, "GET", f"{USER}/oxantiphishing")
def get_anti_phishing(asked: Asked) -> dict[str, bool]:
    """What the configuration cascade says of the user."""
    attributes: dict[str, dict[str, str]] = json.loads(_user(asked)["attributes"])
    return {"oxantiphishing": attributes.get("config", {}).get(ANTI_PHISHING) == "true"}


@route(PLUGINS, "DELETE", "/sessions")
def end_sessions(asked: Asked) -> dict[str, int]:
    """Of a context, or of one user in it."""
    query = asked.message.query
    wanted = query.get("contextName") or query.get("contextId")
    if not wanted:
        raise CloudRefusal(4)
    context = asked.named_context(wanted)
    row = users.find_named(asked.db, context["id"], query["userName"]) if query.get("userName") else None
    if query.get("userName") and row is None:
        raise CloudRefusal(1)
    return {"closed": asked.sessions.end_all(context["id"], row["id"] if row is not None else None)}


def _user(asked: Asked) -> Row:
    """By number. Raises CloudRefusal."""
    context, number = asked.named_context(asked.values["context"]), asked.values["user"]
    row = users.find(asked.db, context["id"], int(number)) if number.isdecimal() and len(number) < 10 else None  # noqa: PLR2004 - 32 bits
    if row is None:
        raise CloudRefusal(1)
    return row


def _mailbox(asked: Asked) -> mailboxes.Mailbox:
    row = _user(asked)
    return mailboxes.of_user(asked.db, row["context_id"], row["id"])


def _sent(asked: Asked, name: str, kind: type) -> Any:
    value = asked.body.get(name) if isinstance(asked.body, dict) else None
    if not isinstance(value, kind):
        raise CloudRefusal(5)
    return value
