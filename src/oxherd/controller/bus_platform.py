"""What the platform itself offers on the bus: collections by their short names, its services, its own operations."""

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oxherd.controller import reading, sales
from oxherd.controller.actors import Actor
from oxherd.controller.core_types import ACCOUNT, CONNECT, HUB, PA, SERVICE_USER, SUBSCRIPTION, ZONE
from oxherd.controller.hub import Hub, set_fact
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, as_json

if TYPE_CHECKING:
    from oxherd.controller.rest import Asked

COLLECTIONS = {
    "pa-service-users": SERVICE_USER,
    "pa-users": f"{PA}/user/1.2",
    "pa-accounts": ACCOUNT,
    "accounts": ACCOUNT,
    "subscriptions": SUBSCRIPTION,
    "domains": ZONE,
    "dns-zones": ZONE,
    "hubs": HUB,
}


def _collection(asked: "Asked", alias: str) -> Reply:
    if alias not in COLLECTIONS:
        raise Refusal(404, f"There is no collection {alias}.")
    with asked.hub.store.reading() as db:
        return reading.listed(asked.hub, db, asked.actor, asked.message.raw_query, kind=COLLECTIONS[alias])


def _resource_types(asked: "Asked", number: str = "") -> Reply:
    with asked.hub.store.reading() as db:
        rows = db.execute("SELECT * FROM sold ORDER BY number").fetchall()
    found = [sold_json(row) for row in rows if number in ("", str(row["number"]))]
    if number and not found:
        raise Refusal(404, f"There is no resource type {number}.")
    return as_json(found[0] if number else found)


def sold_json(row: Row) -> dict[str, Any]:
    parameters = [{"name": name, "value": value} for name, value in json.loads(row["parameters"]).items()]
    return {"id": row["number"], "resclass": row["class"], "name": row["name"], "activationParameters": parameters}


def _manager(_: "Asked") -> Reply:
    return as_json({"aps": {"type": "http://parallels.com/aps/types/pa/resource-type-manager/1.0"}})


def _periodic(asked: "Asked") -> Reply:
    """Taken note of, and never run: who needs its work calls the operation himself."""
    body = asked.object()
    body["taskUuid"] = body.get("taskUuid") or secrets.token_hex(16)
    with asked.hub.store.writing() as db:
        set_fact(db, f"periodic {body['taskUuid']}", json.dumps(body))
    return as_json(body, 201)


def operation(hub: Hub, actor: Actor, row: Row, message: Message, path: str) -> Reply:
    """Those of the platform's own types. Raises Refusal for all others."""
    if row["type"] == SUBSCRIPTION and (message.method, path) == ("GET", "resources"):
        with hub.store.reading() as db:
            return as_json(sales.sold(hub, db, row))
    if row["type"] == CONNECT and (message.method, path) == ("POST", "connectionsInfo"):
        if not actor.is_staff:
            raise Refusal(403, "This is for the staff of the provider.")
        return as_json({"id": secrets.token_hex(8), "product": json.loads(message.body or b"{}").get("product", "")})
    raise Refusal(404, f"{row['type']} has no relation and no operation {message.method} /{path}.")


ROUTES: list[tuple[str, str, Callable[..., Reply]]] = [
    ("GET", r"collections/([\w-]+)", _collection),
    ("GET", "services/resource-type-manager", _manager),
    ("GET", "services/resource-type-manager/resourceTypes", _resource_types),
    ("GET", "services/resource-type-manager/resourceTypes/([0-9]{1,9})", _resource_types),
    ("POST", "services/periodic-task-manager/tasks", _periodic),
]
