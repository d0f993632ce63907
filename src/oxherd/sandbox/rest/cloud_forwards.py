"""Cloud API: addresses that forward to others."""

import sqlite3
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, route
from oxherd.sandbox.rules import domain_of, is_address
from oxherd.sandbox.services import cloud_rules
from oxherd.sandbox.store import Row, forwards
from oxherd.sandbox.store.mailboxes import SPAM_LEVELS

# How many the real one allows is a matter of its configuration, which is not published.
MOST_EXTERNAL = 20
MOST_INTERNAL = 500
DEFAULT_SPAM_LEVEL = "high"


@route(CLOUD, "GET", "/mail/forwards")
def list_forwards(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"address": each["address"], "forwardTo": each["recipients"], "spamLevel": each["spam_level"]}
        for each in forwards.of_context(asked.db, asked.context()["id"])
    ]


@route(CLOUD, "POST", "/mail/forwards")
def create(asked: Asked) -> None:
    context, sent = asked.context(), asked.body
    spam_level = checked_spam_level(sent.get("spamLevel") or DEFAULT_SPAM_LEVEL)
    add(asked.db, context["id"], sent["address"], sent["forwardTo"], spam_level=spam_level)


def add(db: sqlite3.Connection, context_id: int, address: str, recipients: list[str], *, spam_level: str) -> None:
    """Raises CloudRefusal for an address that is not free, malformed, or of a domain of others."""
    check_address(address)
    cloud_rules.check_forward_is_free(db, address)
    cloud_rules.check_domains(db, context_id, [domain_of(address)])
    forwards.insert(db, context_id, address, spam_level)
    add_recipients(db, address, recipients)


def add_recipients(db: sqlite3.Connection, address: str, added: list[str]) -> None:
    """Raises CloudRefusal when there are none, or too many."""
    if not added:
        raise CloudRefusal(18, "recipients")
    for each in added:
        check_address(each)
    forwards.add_recipients(db, address, added)
    everybody = forwards.recipients(db, address)
    local = forwards.count_local(db, everybody)
    if len(everybody) - local > MOST_EXTERNAL:
        raise CloudRefusal(25)
    if local > MOST_INTERNAL:
        raise CloudRefusal(26)


@route(CLOUD, "DELETE", "/mail/forwards")
def delete_all(asked: Asked) -> None:
    forwards.delete_all(asked.db, asked.context()["id"])


@route(CLOUD, "GET", "/mail/forwards/{address}", "/mail/forwards/{address}/recipients")
def list_recipients(asked: Asked) -> list[str]:
    return forwards.recipients(asked.db, _existing(asked)["address"])


@route(CLOUD, "PUT", "/mail/forwards/{address}", "/mail/forwards/{address}/recipients")
def put_recipients(asked: Asked) -> None:
    """They are added to those it has."""
    add_recipients(asked.db, _existing(asked)["address"], asked.body)


@route(CLOUD, "DELETE", "/mail/forwards/{address}")
def delete(asked: Asked) -> None:
    forwards.delete(asked.db, _existing(asked)["address"])


@route(CLOUD, "HEAD", "/mail/forwards/{address}/exists")
def exists(asked: Asked) -> None:
    _existing(asked)


@route(CLOUD, "GET", "/mail/forwards/{address}/spamlevel")
def get_spam_level(asked: Asked) -> dict[str, str]:
    return {"spamlevel": _existing(asked)["spam_level"]}


@route(CLOUD, "PUT", "/mail/forwards/{address}/spamlevel/{spamlevel}")
def change_spam_level(asked: Asked) -> None:
    row = _existing(asked)
    forwards.set_spam_level(asked.db, row["address"], checked_spam_level(asked.values["spamlevel"]))


@route(CLOUD, "DELETE", "/mail/forwards/{address}/{recipient}")
def remove_recipient(asked: Asked) -> None:
    """With the last one goes the forward."""
    row = _existing(asked)
    if not forwards.remove_recipient(asked.db, row["address"], asked.values["recipient"]):
        raise CloudRefusal(23, asked.values["recipient"])
    if not forwards.recipients(asked.db, row["address"]):
        forwards.delete(asked.db, row["address"])


@route(CLOUD, "HEAD", "/mail/forwards/{address}/{recipient}/exists")
def recipient_exists(asked: Asked) -> None:
    wanted = asked.values["recipient"].casefold()
    if wanted not in (each.casefold() for each in forwards.recipients(asked.db, _existing(asked)["address"])):
        raise CloudRefusal(22, asked.values["recipient"])


def _existing(asked: Asked) -> Row:
    """Raises CloudRefusal for a forward of another context as for none."""
    context, row = asked.context(), forwards.find(asked.db, asked.values["address"])
    if row is None or row["context_id"] != context["id"]:
        raise CloudRefusal(22, asked.values["address"])
    return row


def check_address(address: str) -> None:
    if not is_address(address):
        raise CloudRefusal(24, address)


def checked_spam_level(level: str) -> str:
    if level not in SPAM_LEVELS:
        raise CloudRefusal(36, level)
    return level
