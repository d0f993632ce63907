"""The bus: /aps and all below it that speaks JSON."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oxherd.controller import bus_applications, bus_platform, events, lifecycle, reading, records
from oxherd.controller.actors import CHANGING, SEEING, Actor, may
from oxherd.controller.authentication import Door
from oxherd.controller.hub import Hub
from oxherd.controller.lifecycle import Wish
from oxherd.controller.outgoing import Answer
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, as_json

PREFIX = "/aps"


@dataclass(frozen=True)
class Asked:
    """One request to the bus, and who has sent it."""

    hub: Hub
    actor: Actor
    message: Message

    @property
    def subscription(self) -> str:
        return self.message.headers.get("aps-subscription-id", "")

    def object(self) -> dict[str, Any]:
        """The body. Raises Refusal 400 for what is no JSON object."""
        try:
            found = json.loads(self.message.body or b"{}")
        except ValueError:
            raise Refusal(400, "The body is no JSON.") from None
        if not isinstance(found, dict):
            raise Refusal(400, "The body has to be a JSON object.")
        return found


def answer(hub: Hub, door: Door, message: Message) -> Reply:
    path = message.path.rstrip("/")
    if path == PREFIX:
        return as_json({"versions": [{"version": "2.0", "href": "/aps/2"}]})
    try:
        return _routed(Asked(hub, door.actor(message), message), path)
    except Refusal as refusal:
        return refusal.reply()


def _routed(asked: Asked, path: str) -> Reply:
    for verb, pattern, work in ROUTES:
        match = pattern.fullmatch(path)
        if match and verb in (asked.message.method, "ANY"):
            return work(asked, *match.groups())
    raise Refusal(404, f"There is no {asked.message.method} {path} on this bus.")


def _list(asked: Asked) -> Reply:
    with asked.hub.store.reading() as db:
        return reading.listed(asked.hub, db, asked.actor, asked.message.raw_query)


def _provision(asked: Asked) -> Reply:
    return _provisioned(asked, Wish(asked.object(), asked.subscription))


def _provisioned(asked: Asked, wish: Wish) -> Reply:
    row, called = lifecycle.provision(asked.hub, asked.actor, wish)
    with asked.hub.store.reading() as db:
        row = records.find(db, row["id"]) or row
        shown = records.as_json(db, asked.hub.catalogue, row, secrets=asked.actor.sees_secrets(row))
    reply = as_json(shown, called.status if called and called.status == 202 else 201)  # noqa: PLR2004 - accepted
    if called and (info := called.headers.get("APS-Info")):
        reply.headers["APS-Info"] = info
    return reply


def _retrieve(asked: Asked, resource_id: str) -> Reply:
    with asked.hub.store.reading() as db:
        row, role = asked.actor.find(db, resource_id)
        may(asked.hub.catalogue, row, role, SEEING)
        shown = records.as_json(db, asked.hub.catalogue, row, secrets=asked.actor.sees_secrets(row))
    return as_json(shown)


def _configure(asked: Asked, resource_id: str = "") -> Reply:
    body = asked.object()
    chosen = resource_id or str((body.get("aps") or {}).get("id") or "")
    lifecycle.configure(asked.hub, asked.actor, chosen, body)
    return _retrieve(asked, chosen)


def _unprovision(asked: Asked, resource_id: str) -> Reply:
    return _relayed(lifecycle.unprovision(asked.hub, asked.actor, resource_id))


def _links(asked: Asked, resource_id: str) -> Reply:
    with asked.hub.store.reading() as db:
        asked.actor.find(db, resource_id)
        found = [{"relation": name, "id": target} for name, target in records.links_of(db, resource_id)]
    return as_json(found)


def _subscriptions(asked: Asked, resource_id: str) -> Reply:
    with asked.hub.store.writing() as db:
        row, role = asked.actor.find(db, resource_id)
        if asked.message.method == "GET":
            return as_json(events.subscriptions_of(db, resource_id))
        may(asked.hub.catalogue, row, role, CHANGING)
        return as_json(events.subscribe(db, asked.hub.catalogue, row, asked.object()), 201)


def _unsubscribe(asked: Asked, resource_id: str, subscription: str) -> Reply:
    with asked.hub.store.writing() as db:
        row, role = asked.actor.find(db, resource_id)
        may(asked.hub.catalogue, row, role, CHANGING)
        events.unsubscribe(db, resource_id, subscription)
    return Reply(204, b"")


def _below(asked: Asked, resource_id: str, rest: str) -> Reply:
    """A relation, or an operation; by the names that the type has."""
    with asked.hub.store.reading() as db:
        row, _ = asked.actor.find(db, resource_id)
    relation, _, target = rest.partition("/")
    if relation in asked.hub.catalogue.relations(row["type"]) and "/" not in target:
        return _relation(asked, resource_id, relation, target)
    if not row["instance"]:
        return bus_platform.operation(asked.hub, asked.actor, row, asked.message, rest)
    body = json.loads(asked.message.body) if asked.message.body else None
    return _relayed(
        lifecycle.operate(
            *(asked.hub, asked.actor, resource_id, asked.message.method, rest),
            query=asked.message.raw_query,
            body=body,
        )
    )


def _relation(asked: Asked, resource_id: str, relation: str, target: str) -> Reply:
    hub, actor, method = asked.hub, asked.actor, asked.message.method
    if method == "GET":
        with hub.store.reading() as db:
            if target and target not in records.linked(db, resource_id, relation):
                raise Refusal(404, f"{relation} does not lead to {target}.")
            if not target:
                among = records.linked(db, resource_id, relation)
                return reading.listed(hub, db, actor, asked.message.raw_query, among=among)
        return _retrieve(asked, target)
    if method == "POST":
        body = asked.object() if not target else {}
        named = target or (body.get("aps") or {}).get("id")
        if not named or (body.get("aps", {}).get("type") and not _is_there(asked, named)):
            return _provisioned(asked, Wish(body, asked.subscription, (resource_id, relation)))
        lifecycle.link(hub, actor, resource_id, relation, named)
        return _retrieve(asked, named)
    if method == "DELETE" and target:
        lifecycle.unlink(hub, actor, resource_id, relation, target)
        return Reply(204, b"")
    raise Refusal(405, f"{method} is nothing that a relation does.")


def _is_there(asked: Asked, resource_id: str) -> bool:
    with asked.hub.store.reading() as db:
        return records.find(db, resource_id) is not None


def _relayed(found: Answer) -> Reply:
    """What the endpoint has answered, as it is."""
    if found.status == 204 or found.data is None:  # noqa: PLR2004 - no content
        return Reply(204 if found.status in (200, 204, 405) else found.status, b"")
    reply = as_json(found.data, found.status)
    for name in ("APS-Info", "APS-Retry-Timeout"):
        if name in found.headers:
            reply.headers[name] = found.headers[name]
    return reply


ID = "([0-9a-f-]{36})"
Work = Callable[..., Reply]
PLACES: list[tuple[str, str, Work]] = [
    ("GET", "resources", _list),
    ("POST", "resources", _provision),
    ("PUT", "resources", _configure),
    ("GET", f"resources/{ID}", _retrieve),
    ("PUT", f"resources/{ID}", _configure),
    ("DELETE", f"resources/{ID}", _unprovision),
    ("GET", f"resources/{ID}/aps/links", _links),
    ("GET", f"resources/{ID}/aps/subscriptions", _subscriptions),
    ("POST", f"resources/{ID}/aps/subscriptions", _subscriptions),
    ("DELETE", f"resources/{ID}/aps/subscriptions/{ID}", _unsubscribe),
    ("ANY", f"resources/{ID}/(.+)", _below),
    *bus_applications.ROUTES,
    *bus_platform.ROUTES,
]
ROUTES = [(verb, re.compile(f"/aps/2/{path}"), work) for verb, path, work in PLACES]
