"""What becomes of resources when an endpoint has done, or has accepted, what a task asked."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from oxherd.controller import events, records
from oxherd.controller.hub import Hub, catalogue_of
from oxherd.controller.outgoing import Answer
from oxherd.controller.queue import Plan, add
from oxherd.controller.records import Row


def accepted(hub: Hub, db: sqlite3.Connection, task: Row, answer: Answer) -> None:
    """Its properties are kept, its status tells what goes on."""
    row = records.find(db, task["resource"])
    if row is None:
        return
    status = {"configure": records.CONFIGURING, "unprovision": records.DELETED}.get(task["kind"])
    told = records.only_told(hub.catalogue, row["type"], answer.data) if task["kind"] != "operation" else {}
    records.change(db, row["id"], told, status=status)


def succeeded(hub: Hub, db: sqlite3.Connection, task: Row, answer: Answer) -> None:
    row = records.find(db, task["resource"])
    if row is not None:
        HANDLERS[task["kind"]](hub, db, task, row, answer.data)


def _provisioned(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:
    own = told.get("aps", {}).get("status", "") if isinstance(told, dict) and isinstance(told.get("aps"), dict) else ""
    status = own if own in (records.PROTO, "aps:activating") or (own and not own.startswith("aps:")) else records.READY
    values = records.only_told(hub.catalogue, row["type"], told)
    became_available(hub, db, records.change(db, row["id"], values, status=status), task["identity"])


def became_available(hub: Hub, db: sqlite3.Connection, row: Row, identity: str = "") -> None:
    """Tell both ends of its links, and those who wait for such a resource."""
    catalogue = hub.catalogue
    for relation, target in records.links_of(db, row["id"]):
        other = records.find(db, target)
        if other is not None:
            notify_link(hub, db, row, relation, other, identity=identity)
    events.happened(db, catalogue, events.AVAILABLE, row)


def notify_link(hub: Hub, db: sqlite3.Connection, row: Row, relation: str, other: Row, *, identity: str = "") -> None:
    """Both ends, as far as they belong to an application; the other end first, which has waited."""
    back = hub.catalogue.reverse(row["type"], relation, other["type"])
    if back is not None:
        _tell_link(hub, db, (other, back, row), "link", identity)
        events.happened(db, hub.catalogue, events.LINKED, other, back)
    _tell_link(hub, db, (row, relation, other), "link", identity)
    events.happened(db, hub.catalogue, events.LINKED, row, relation)


def notify_unlink(hub: Hub, db: sqlite3.Connection, row: Row, relation: str, other: Row) -> None:
    back = hub.catalogue.reverse(row["type"], relation, other["type"])
    if back is not None:
        _tell_link(hub, db, (other, back, row), "unlink")
        events.happened(db, hub.catalogue, events.UNLINKED, other, back)
    _tell_link(hub, db, (row, relation, other), "unlink")
    events.happened(db, hub.catalogue, events.UNLINKED, row, relation)


def _tell_link(hub: Hub, db: sqlite3.Connection, ends: tuple[Row, str, Row], kind: str, identity: str = "") -> None:
    near, relation, far = ends
    if not near["instance"] or relation not in hub.catalogue.relations(near["type"]):
        return
    path = f"/{near['service']}/{near['id']}/{relation}"
    if kind == "link":
        body = records.as_json(db, hub.catalogue, far, secrets=far["instance"] == near["instance"])
        add(db, Plan("link", near, f"Link {relation} of {near['service']}", "POST", path, body, identity))
    else:
        title = f"Unlink {relation} of {near['service']}"
        add(db, Plan("unlink", near, title, "DELETE", f"{path}/{far['id']}", identity=identity))


def _configured(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:
    new = json.loads(task["body"]) or {}
    new.pop("aps", None)
    told = records.only_told(hub.catalogue, row["type"], told)
    usage = {name: told[name] for name in records.counters(hub.catalogue, row) if name in new and name in told}
    values = new | told | {name: records.merged(new, usage)[name] for name in usage}
    status = records.READY if row["status"] == records.CONFIGURING else row["status"]
    changed = records.change(db, row["id"], values, status=status)
    events.happened(db, hub.catalogue, events.CHANGED, changed)


def _unprovisioned(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:  # noqa: ARG001 - all alike
    events.happened(db, hub.catalogue, events.REMOVED, row)
    for relation, target in records.links_of(db, row["id"]):
        other = records.find(db, target)
        back = other and hub.catalogue.reverse(row["type"], relation, other["type"])
        if other is not None and back:
            _tell_link(hub, db, (other, back, row), "unlink")
            events.happened(db, hub.catalogue, events.UNLINKED, other, back)
    records.remove(db, row["id"])
    db.execute("DELETE FROM instances WHERE id = ?", (row["id"],))


def _switched(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:
    status = records.READY if task["kind"] == "enable" else records.DISABLED
    changed = records.change(db, row["id"], records.only_told(hub.catalogue, row["type"], told), status=status)
    events.happened(db, hub.catalogue, events.CHANGED, changed)


def _upgraded(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:
    """The instance's resources get the types of the new package, where those are newer versions of theirs."""
    package = (json.loads(task["body"]) or {})["aps"]["package"]["id"]
    db.execute("UPDATE instances SET package = ? WHERE id = ?", (package, row["id"]))
    meta = json.loads(db.execute("SELECT meta FROM packages WHERE id = ?", (package,)).fetchone()["meta"])
    for service, one in meta["services"].items():
        query = "UPDATE resources SET type = ? WHERE instance = ? AND service = ?"
        db.execute(query, (one["type"], row["id"], service))
    values = records.only_told(catalogue_of(db), row["type"], told)
    changed = records.change(db, row["id"], values, status=records.READY)
    events.happened(db, hub.catalogue, events.CHANGED, changed)


def _nothing(hub: Hub, db: sqlite3.Connection, task: Row, row: Row, told: Any) -> None:
    """A custom operation, or the notice of a link."""


Handler = Callable[[Hub, sqlite3.Connection, Row, Row, Any], None]
HANDLERS: dict[str, Handler] = {
    "provision": _provisioned,
    "configure": _configured,
    "unprovision": _unprovisioned,
    "drop": _unprovisioned,
    "enable": _switched,
    "disable": _switched,
    "upgrade": _upgraded,
    "operation": _nothing,
    "link": _nothing,
    "unlink": _nothing,
}
