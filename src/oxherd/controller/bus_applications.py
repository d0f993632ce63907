"""Packages, types and instances on the bus; and what an application tells of its own resources without being called."""

import json
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oxherd.controller import events, lifecycle, packages, records
from oxherd.controller.lifecycle import Wish
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal
from oxherd.controller.values import checked
from oxherd.sandbox.replies import Reply, as_json

if TYPE_CHECKING:
    from oxherd.controller.rest import Asked

ID = "([0-9a-f-]{36})"


def _packages(asked: "Asked") -> Reply:
    with asked.hub.store.reading() as db:
        rows = db.execute("SELECT * FROM packages ORDER BY number").fetchall()
    return as_json([packages.as_json(row) for row in rows])


def _package(asked: "Asked", package_id: str) -> Reply:
    with asked.hub.store.reading() as db:
        row = packages.get(db, package_id)
    if asked.message.headers.get("accept", "") == "application/aps":
        return Reply(200, row["archive"], "application/aps")
    return as_json(packages.as_json(row))


def _types(asked: "Asked") -> Reply:
    wanted = asked.message.query.get("id")
    with asked.hub.store.reading() as db:
        rows = db.execute("SELECT * FROM types ORDER BY number").fetchall()
    return as_json([_type(row) for row in rows if wanted in (None, row["id"])])


def _type(row: Row) -> dict[str, Any]:
    return {"aps": {"href": f"/aps/2/types/{row['number']}"}, **json.loads(row["schema"])}


def _one_type(asked: "Asked", number: str) -> Reply:
    with asked.hub.store.reading() as db:
        row = db.execute("SELECT * FROM types WHERE number = ?", (int(number),)).fetchone()
    if row is None:
        raise Refusal(404, f"There is no type {number}.")
    return as_json(json.loads(row["schema"]))


def _instances(asked: "Asked") -> Reply:
    _staff_only(asked)
    with asked.hub.store.reading() as db:
        found = [_instance_json(asked, db, row) for row in packages.instances(db)]
    return as_json(found)


def _instance_json(asked: "Asked", db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    package = packages.get(db, row["package"])
    service = packages.root_service(asked.hub, package)
    root = records.as_json(db, asked.hub.catalogue, records.get(db, row["id"]), secrets=False)
    origin = {"id": package["id"], "type": row["application"], "version": row["version"], "release": row["release"]}
    return {"aps": {"id": row["id"], "package": origin, "endpoint": row["endpoint"]}, service: root}


def _create(asked: "Asked") -> Reply:
    _staff_only(asked)
    service, row = packages.create_instance(asked.hub, asked.actor, asked.object())
    with asked.hub.store.reading() as db:
        shown = records.as_json(db, asked.hub.catalogue, records.get(db, row["id"]), secrets=False)
    return as_json({service: shown}, 201)


def _instance(asked: "Asked", instance_id: str) -> Reply:
    _staff_only(asked)
    with asked.hub.store.reading() as db:
        row = next((each for each in packages.instances(db) if each["id"] == instance_id), None)
        if row is None:
            raise Refusal(404, f"There is no instance {instance_id}.")
        if asked.message.method == "GET":
            return as_json(_instance_json(asked, db, row))
    if asked.message.method == "DELETE":
        packages.remove_instance(asked.hub, asked.actor, instance_id)
        return Reply(204, b"")
    service = packages.root_service(asked.hub, packages_of(asked, row["package"]))
    body = asked.object()
    lifecycle.configure(asked.hub, asked.actor, instance_id, body.get(service) or body)
    return _instance_after(asked, instance_id)


def packages_of(asked: "Asked", package_id: str) -> Row:
    with asked.hub.store.reading() as db:
        return packages.get(db, package_id)


def _instance_after(asked: "Asked", instance_id: str) -> Reply:
    with asked.hub.store.reading() as db:
        row = next(each for each in packages.instances(db) if each["id"] == instance_id)
        return as_json(_instance_json(asked, db, row))


def _staff_only(asked: "Asked") -> None:
    if not asked.actor.is_staff:
        raise Refusal(403, "Instances are the provider's to manage.")


def _own(asked: "Asked") -> Reply:
    """The calling application: per service, where its schema is."""
    with asked.hub.store.reading() as db:
        package = _package_of_caller(asked, db, "")
        services = json.loads(package["meta"])["services"]
        numbers = {row["id"]: row["number"] for row in db.execute("SELECT id, number FROM types")}
    return as_json({name: {"schema": f"/aps/2/types/{numbers[one['type']]}"} for name, one in services.items()})


def _package_of_caller(asked: "Asked", db: sqlite3.Connection, instance_id: str) -> Row:
    """instance_id: as the address says it, empty where it does not. Raises Refusal for what is not the caller's."""
    chosen = instance_id or asked.actor.instance
    row = db.execute("SELECT * FROM instances WHERE id = ?", (chosen,)).fetchone()
    if row is None or (not asked.actor.is_staff and chosen != asked.actor.instance):
        raise Refusal(403, "This is for the application itself to call.")
    return packages.get(db, row["package"])


def _register(asked: "Asked", instance_id: str, service: str) -> Reply:
    """A resource that is there already. With the id of one that is known, it is updated."""
    hub = asked.hub
    body = asked.object()
    with hub.store.reading() as db:
        services = json.loads(_package_of_caller(asked, db, instance_id)["meta"])["services"]
        known = records.find(db, str((body.get("aps") or {}).get("id") or ""))
    if service not in services:
        raise Refusal(404, f"The application has no service {service}.")
    if known is not None:
        return _update(asked, instance_id, service, known["id"])
    body["aps"] = {**(body.get("aps") or {}), "type": services[service]["type"]}
    wish = Wish(body, asked.subscription, instance=instance_id or asked.actor.instance, quietly=True)
    row, _ = lifecycle.provision(hub, asked.actor, wish)
    return _shown(asked, row["id"], 201)


def _shown(asked: "Asked", resource_id: str, status: int = 200) -> Reply:
    with asked.hub.store.reading() as db:
        shown = records.as_json(db, asked.hub.catalogue, records.get(db, resource_id), secrets=True)
    return as_json(shown, status)


def _mine(asked: "Asked", db: sqlite3.Connection, instance_id: str, service: str, resource_id: str) -> Row:
    _package_of_caller(asked, db, instance_id)
    row = records.find(db, resource_id)
    if row is None or row["instance"] != (instance_id or asked.actor.instance) or row["service"] != service:
        raise Refusal(404, f"There is no {service} {resource_id} of this application.")
    return row


def _update(asked: "Asked", instance_id: str, service: str, resource_id: str) -> Reply:
    hub, catalogue, body = asked.hub, asked.hub.catalogue, asked.object()
    with hub.store.writing() as db:
        row = _mine(asked, db, instance_id, service, resource_id)
        relations = catalogue.relations(row["type"])
        told = {name: value for name, value in body.items() if name != "aps" and name not in relations}
        new = checked(catalogue, row["type"], told, records.properties(row), by_application=True)
        new |= {name: None for name, value in told.items() if value is None}
        status = str((body.get("aps") or {}).get("status") or row["status"])
        if status != row["status"] and status.startswith("aps:") and status not in (records.READY, "aps:activating"):
            status = row["status"]  # the others are the controller's to set
        changed = records.change(db, row["id"], new, status=status)
        for relation in relations:
            _relink(asked, db, changed, relation, body.get(relation))
        events.happened(db, catalogue, events.CHANGED, changed)
    hub.wake()
    return _shown(asked, resource_id)


def _relink(asked: "Asked", db: sqlite3.Connection, row: Row, relation: str, value: Any) -> None:
    """A list says all that a collection leads to; a collection's stub says nothing."""
    catalogue = asked.hub.catalogue
    ids = [each["aps"]["id"] for each in (value if isinstance(value, list) else [value]) if _names_one(each)]
    if isinstance(value, list):
        for old in set(records.linked(db, row["id"], relation)) - set(ids):
            records.unlink(db, catalogue, row, relation, records.get(db, old))
    for each in ids:
        records.link(db, catalogue, row, relation, asked.actor.find(db, each)[0])


def _names_one(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("aps"), dict) and bool(value["aps"].get("id"))


def _unregister(asked: "Asked", instance_id: str, service: str, resource_id: str) -> Reply:
    with asked.hub.store.writing() as db:
        row = _mine(asked, db, instance_id, service, resource_id)
        events.happened(db, asked.hub.catalogue, events.REMOVED, row)
        records.remove(db, row["id"])
    asked.hub.wake()
    return Reply(204, b"")


def _relate(asked: "Asked", instance_id: str, service: str, *link: str) -> Reply:
    """link: the resource, the relation, the other resource."""
    resource_id, relation, target = link
    with asked.hub.store.reading() as db:
        _mine(asked, db, instance_id, service, resource_id)
    work = lifecycle.unlink if asked.message.method == "DELETE" else lifecycle.link
    work(asked.hub, asked.actor, resource_id, relation, target, quietly=True)
    return Reply(204, b"")


def _without_instance(work: Callable[..., Reply]) -> Callable[..., Reply]:
    return lambda asked, *rest: work(asked, "", *rest)


def _told(place: str, wrap: Callable[[Callable[..., Reply]], Callable[..., Reply]]) -> list[tuple[str, str, Any]]:
    service = r"([\w-]+)"
    return [
        ("POST", f"{place}/{service}", wrap(_register)),
        ("PUT", f"{place}/{service}/{ID}", wrap(_update)),
        ("DELETE", f"{place}/{service}/{ID}", wrap(_unregister)),
        ("POST", f"{place}/{service}/{ID}/(\\w+)/{ID}", wrap(_relate)),
        ("DELETE", f"{place}/{service}/{ID}/(\\w+)/{ID}", wrap(_relate)),
    ]


ROUTES: list[tuple[str, str, Callable[..., Reply]]] = [
    ("GET", "packages", _packages),
    ("GET", f"packages/{ID}", _package),
    ("GET", "types", _types),
    ("GET", "types/([0-9]{1,9})", _one_type),
    ("GET", "applications", _instances),
    ("POST", "applications", _create),
    ("ANY", f"applications/{ID}", _instance),
    *_told(f"applications/{ID}", lambda work: work),
    ("GET", "application", _own),
    *_told("application", _without_instance),
]
