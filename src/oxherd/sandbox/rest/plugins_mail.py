"""Cloud plug-ins (`oxaas/v1/admin`): shared domains, forwards and announcements."""

import json
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import PLUGINS, Answer, Asked, route
from oxherd.sandbox.rest.cloud_forwards import DEFAULT_SPAM_LEVEL, add
from oxherd.sandbox.rest.cloud_mail import own_shared_domain
from oxherd.sandbox.services import catchalls
from oxherd.sandbox.store import Row, forwards, maildomains

ALL = "*"


@route(PLUGINS, "GET", "/sharedmaildomains/{domain}")
def list_shared_domains(asked: Asked) -> list[str]:
    if asked.values["domain"] != ALL:
        raise CloudRefusal(27, asked.values["domain"])
    return maildomains.shared_of(asked.db, asked.brand["id"])


@route(PLUGINS, "POST", "/sharedmaildomains/{domain}")
def share_domain(asked: Asked) -> None:
    catchalls.share(asked.call, asked.values["domain"])


@route(PLUGINS, "DELETE", "/sharedmaildomains/{domain}")
def unshare_domain(asked: Asked) -> None:
    maildomains.unshare(asked.db, own_shared_domain(asked, asked.values["domain"]))


@route(PLUGINS, "GET", "/forwards/{context}")
def list_forwards(asked: Asked) -> dict[str, list[str]]:
    context = asked.named_context(asked.values["context"])
    return {each["address"]: each["recipients"] for each in forwards.of_context(asked.db, context["id"])}


@route(PLUGINS, "POST", "/forwards/{context}/{address}")
def create_forward(asked: Asked) -> Answer:
    """One that exists already stays as it is."""
    context, recipients = asked.named_context(asked.values["context"]), asked.body
    if not isinstance(recipients, list) or not all(isinstance(each, str) for each in recipients):
        raise CloudRefusal(5)
    if forwards.find(asked.db, asked.values["address"]) is not None:
        _own_forward(asked, context)
        return Answer(204)
    add(asked.db, context["id"], asked.values["address"], recipients, spam_level=DEFAULT_SPAM_LEVEL)
    return Answer(201)


@route(PLUGINS, "DELETE", "/forwards/{context}/{address}")
def delete_forward(asked: Asked) -> None:
    row = _own_forward(asked, asked.named_context(asked.values["context"]))
    forwards.delete(asked.db, row["address"])


@route(PLUGINS, "DELETE", "/forwards/{context}")
def delete_forwards(asked: Asked) -> None:
    forwards.delete_all(asked.db, asked.named_context(asked.values["context"])["id"])


def _own_forward(asked: Asked, context: Row) -> Row:
    row = forwards.find(asked.db, asked.values["address"])
    if row is None or row["context_id"] != context["id"]:
        raise CloudRefusal(22, asked.values["address"])
    return row


@route(PLUGINS, "GET", "/announcements/{number}")
def list_announcements(asked: Asked) -> list[dict[str, Any]]:
    if asked.values["number"] != ALL:
        raise CloudRefusal(5)
    query = "SELECT * FROM announcement WHERE reseller_id = ? ORDER BY id"
    rows = asked.db.execute(query, (asked.brand["id"],))
    return [{**json.loads(row["content"]), "id": row["id"], "enabled": bool(row["enabled"])} for row in rows]


@route(PLUGINS, "POST", "/announcements")
def create_announcement(asked: Asked) -> dict[str, int]:
    """What an announcement holds is not published: any object will do."""
    if not isinstance(asked.body, dict):
        raise CloudRefusal(5)
    query = "INSERT INTO announcement (reseller_id, content) VALUES (?, ?) RETURNING id"
    made = asked.db.execute(query, (asked.brand["id"], json.dumps(asked.body))).fetchone()
    return {"id": made[0]}


@route(PLUGINS, "DELETE", "/announcements/{number}")
def delete_announcement(asked: Asked) -> None:
    _changed(asked, "DELETE FROM announcement")


@route(PLUGINS, "PUT", "/announcements/enable/{number}")
def enable_announcement(asked: Asked) -> None:
    _changed(asked, "UPDATE announcement SET enabled = 1")


@route(PLUGINS, "PUT", "/announcements/disable/{number}")
def disable_announcement(asked: Asked) -> None:
    _changed(asked, "UPDATE announcement SET enabled = 0")


def _changed(asked: Asked, statement: str) -> None:
    """Raises CloudRefusal for one of another brand as for none; only its status matters here."""
    values = (asked.values["number"], asked.brand["id"])
    if not asked.db.execute(f"{statement} WHERE CAST(id AS TEXT) = ? AND reseller_id = ?", values).rowcount:
        raise CloudRefusal(1)
