"""Events: who wants to hear of what, and the queue of what is to be told."""

import sqlite3
import time
from typing import Any

from oxherd.controller import records
from oxherd.controller.catalogue import Catalogue
from oxherd.controller.hub import Hub
from oxherd.controller.outgoing import Delivery, call
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal

CORE_EVENTS = "http://aps-standard.org/core/events"
AVAILABLE, CHANGED, REMOVED = f"{CORE_EVENTS}/available", f"{CORE_EVENTS}/changed", f"{CORE_EVENTS}/removed"
LINKED, UNLINKED = f"{CORE_EVENTS}/linked", f"{CORE_EVENTS}/unlinked"
LIMITS_CHANGED = "http://parallels.com/aps/events/pa/subscription/limits/changed"
MOST_TRIES = 10
PAUSE_SECONDS = 30.0


def subscribe(db: sqlite3.Connection, catalogue: Catalogue, subscriber: Row, wish: dict[str, Any]) -> dict[str, Any]:
    """Asked again for the same, the answer is the same subscription. Raises Refusal."""
    source = wish.get("source")
    if not isinstance(source, dict) or not (source.get("type") or source.get("id")):
        raise Refusal(400, "source: say the type of the resources, or the id of one.")
    if not wish.get("event") or not wish.get("handler"):
        raise Refusal(400, "A subscription needs event and handler.")
    handler = str(wish["handler"]).strip("/")
    operations = catalogue.operations(subscriber["type"]).values()
    if not any(one["verb"] == "POST" and one["path"].strip("/") == handler for one in operations):
        raise Refusal(400, f"handler: {subscriber['type']} declares no POST operation {handler}.")
    if source.get("type"):
        catalogue.get(source["type"])
    values = (
        subscriber["id"],
        wish["event"],
        source.get("type") or "",
        source.get("id") or "",
        wish.get("relation") or "",
        handler,
    )
    names = "subscriber, event, source_type, source_id, relation, handler"
    condition = " AND ".join(f"{name.strip()} = ?" for name in names.split(","))
    found = db.execute(f"SELECT * FROM event_subscriptions WHERE {condition}", values).fetchone()  # noqa: S608 - our names
    if found is None:
        new = records.new_id()
        db.execute(f"INSERT INTO event_subscriptions (id, {names}) VALUES (?, ?, ?, ?, ?, ?, ?)", (new, *values))  # noqa: S608
        found = db.execute("SELECT * FROM event_subscriptions WHERE id = ?", (new,)).fetchone()
    return as_json(found)


def as_json(row: Row) -> dict[str, Any]:
    source = {"type": row["source_type"]} if row["source_type"] else {"id": row["source_id"]}
    more = {"relation": row["relation"]} if row["relation"] else {}
    return {"id": row["id"], "event": row["event"], "source": source, "handler": row["handler"], **more}


def subscriptions_of(db: sqlite3.Connection, subscriber: str) -> list[dict[str, Any]]:
    rows = db.execute("SELECT * FROM event_subscriptions WHERE subscriber = ? ORDER BY rowid", (subscriber,))
    return [as_json(row) for row in rows]


def unsubscribe(db: sqlite3.Connection, subscriber: str, subscription: str) -> None:
    query = "DELETE FROM event_subscriptions WHERE subscriber = ? AND id = ?"
    if not db.execute(query, (subscriber, subscription)).rowcount:
        raise Refusal(404, f"There is no event subscription {subscription}.")


def happened(db: sqlite3.Connection, catalogue: Catalogue, event: str, source: Row, relation: str = "") -> None:
    """Queue it for everybody who has subscribed and may see the source."""
    for wish in db.execute("SELECT * FROM event_subscriptions WHERE event = ?", (event,)).fetchall():
        if wish["source_id"] not in ("", source["id"]) or wish["relation"] not in ("", relation):
            continue
        if wish["source_type"] and not catalogue.implements(source["type"], wish["source_type"]):
            continue
        subscriber = records.find(db, wish["subscriber"])
        if subscriber is not None and _may_hear(db, subscriber, source):
            db.execute(
                "INSERT INTO deliveries (subscription, subscriber, handler, event, time, source_id, source_type, due)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(wish["id"], subscriber["id"], wish["handler"], event, records.now()),
                    *(source["id"], source["type"], time.time()),
                ),
            )


def _may_hear(db: sqlite3.Connection, subscriber: Row, source: Row) -> bool:
    if subscriber["owner"] == source["owner"] or subscriber["id"] == source["id"]:
        return True
    query = "SELECT 1 FROM links WHERE (source = ? AND target = ?) OR (source = ? AND target = ?)"
    pair = (subscriber["id"], source["id"])
    return db.execute(query, (*pair, *reversed(pair))).fetchone() is not None


def due(db: sqlite3.Connection) -> Row | None:
    """The next to tell, which is marked so that nobody else takes it."""
    found: Row | None = db.execute(
        "SELECT * FROM deliveries WHERE state = 'waiting' AND due <= ? ORDER BY due LIMIT 1", (time.time(),)
    ).fetchone()
    if found is not None:
        db.execute("UPDATE deliveries SET state = 'running' WHERE serial = ?", (found["serial"],))
    return found


def notification(row: Row) -> dict[str, Any]:
    return {
        "event": row["event"],
        "time": row["time"],
        "serial": row["serial"],
        "subscription": row["subscription"],
        "source": {"id": row["source_id"], "type": row["source_type"]},
    }


def deliver(hub: Hub, row: Row) -> None:
    """200 and 204 are the end; 202 means: later, however often; all else is tried ten times."""
    with hub.store.reading() as db:
        subscriber = records.find(db, row["subscriber"])
        instance = (
            subscriber and db.execute("SELECT * FROM instances WHERE id = ?", (subscriber["instance"],)).fetchone()
        )
    if not subscriber or not instance:
        _note(hub, row, "dropped", row["tries"], "The subscriber is gone.")
        return
    path = f"/{subscriber['service']}/{subscriber['id']}/{row['handler']}"
    answer = call(hub, instance, Delivery("POST", path, notification(row)))
    for _ in range(hub.faults.redeliver):
        answer = call(hub, instance, Delivery("POST", path, notification(row)))
    if answer.status in (200, 204):
        _note(hub, row, "done", row["tries"] + 1, "")
    elif answer.status == 202:  # noqa: PLR2004 - accepted
        _note(hub, row, "waiting", row["tries"], answer.headers.get("APS-Info", ""))
    else:
        tries = row["tries"] + 1
        _note(hub, row, "dropped" if tries >= MOST_TRIES else "waiting", tries, answer.message)


def _note(hub: Hub, row: Row, state: str, tries: int, message: str) -> None:
    due = time.time() + PAUSE_SECONDS / hub.settings.hurry
    with hub.store.writing() as db:
        db.execute(
            "UPDATE deliveries SET state = ?, tries = ?, message = ?, due = ? WHERE serial = ?",
            (state, tries, message, due, row["serial"]),
        )
