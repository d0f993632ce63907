"""The rows of resources and links, and resources as JSON."""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oxherd.controller.catalogue import Catalogue, is_counter
from oxherd.controller.refusals import Refusal

Row = sqlite3.Row
READY, PROVISIONING, CONFIGURING = "aps:ready", "aps:provisioning", "aps:configuring"
UNPROVISIONING, DELETED, UPGRADING, PROTO = "aps:unprovisioning", "aps:deleted", "aps:upgrading", "aps:proto"
DISABLED = "aps:disabled"
RESOURCES = "/aps/2/resources"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def new_id() -> str:
    return str(uuid.uuid4())


def is_id(value: Any) -> bool:
    try:
        return str(uuid.UUID(value)) == str(value)
    except (AttributeError, TypeError, ValueError):
        return False


def find(db: sqlite3.Connection, resource_id: str) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM resources WHERE id = ?", (resource_id,)).fetchone()
    return found


def get(db: sqlite3.Connection, resource_id: str) -> Row:
    found = find(db, resource_id)
    if found is None:
        raise Refusal(404, f"There is no resource {resource_id}.")
    return found


def of_types(db: sqlite3.Connection, types: set[str]) -> list[Row]:
    marks = ", ".join("?" for _ in types)
    return db.execute(f"SELECT * FROM resources WHERE type IN ({marks}) ORDER BY number", sorted(types)).fetchall()  # noqa: S608 - question marks


def every(db: sqlite3.Connection) -> list[Row]:
    return db.execute("SELECT * FROM resources ORDER BY number").fetchall()


def add(db: sqlite3.Connection, **columns: Any) -> Row:
    """columns: those of the table; `properties` as a dict."""
    values = {"id": new_id(), "status": READY, "modified": now(), **columns}
    values["properties"] = json.dumps(values.get("properties") or {})
    names, marks = ", ".join(values), ", ".join("?" for _ in values)
    db.execute(f"INSERT INTO resources ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608 - our names
    return get(db, values["id"])


def change(
    db: sqlite3.Connection, resource_id: str, new: Mapping[str, Any] | None = None, *, status: str | None = None
) -> Row:
    """new: properties; a counter keeps what is not told of it, and None takes a property away."""
    row = get(db, resource_id)
    held = merged(json.loads(row["properties"]), new or {})
    db.execute(
        "UPDATE resources SET properties = ?, status = ?, revision = revision + 1, modified = ? WHERE id = ?",
        (json.dumps(held), status or row["status"], now(), resource_id),
    )
    return get(db, resource_id)


def merged(held: dict[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(held)
    for name, value in news.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(held.get(name), dict) and set(value) <= {"usage", "limit"}:
            result[name] = held[name] | value
        else:
            result[name] = value
    return result


def remove(db: sqlite3.Connection, resource_id: str) -> None:
    db.execute("DELETE FROM resources WHERE id = ?", (resource_id,))


def properties(row: Row) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(row["properties"])
    return held


def link(db: sqlite3.Connection, catalogue: Catalogue, source: Row, relation: str, target: Row) -> bool:
    """Both ends. False if they were linked before. Raises Refusal where the types do not go together."""
    definition = catalogue.relations(source["type"]).get(relation)
    if definition is None:
        raise Refusal(404, f"{source['type']} has no relation {relation}.")
    if not catalogue.implements(target["type"], definition["type"]):
        raise Refusal(400, f"{relation} leads to {definition['type']}, and not to {target['type']}.")
    if target["id"] in linked(db, source["id"], relation):
        return False
    _put(db, catalogue, source, relation, target["id"])
    back = catalogue.reverse(source["type"], relation, target["type"])
    if back is not None:
        _put(db, catalogue, target, back, source["id"])
    return True


def _put(db: sqlite3.Connection, catalogue: Catalogue, source: Row, relation: str, target_id: str) -> None:
    """A relation that is no collection leads to the new one alone, and the old other end no more back."""
    if not catalogue.relations(source["type"])[relation].get("collection"):
        for old in linked(db, source["id"], relation):
            other = find(db, old)
            if other is not None:
                unlink(db, catalogue, source, relation, other)
    db.execute("INSERT OR IGNORE INTO links VALUES (?, ?, ?)", (source["id"], relation, target_id))


def unlink(db: sqlite3.Connection, catalogue: Catalogue, source: Row, relation: str, target: Row) -> bool:
    """Both ends. False if they were not linked."""
    query = "DELETE FROM links WHERE source = ? AND relation = ? AND target = ?"
    gone = db.execute(query, (source["id"], relation, target["id"])).rowcount
    back = catalogue.reverse(source["type"], relation, target["type"])
    if back is not None:
        db.execute(query, (target["id"], back, source["id"]))
    return bool(gone)


def linked(db: sqlite3.Connection, resource_id: str, relation: str) -> list[str]:
    rows = db.execute(
        "SELECT target FROM links WHERE source = ? AND relation = ? ORDER BY rowid", (resource_id, relation)
    )
    return [row["target"] for row in rows]


def links_of(db: sqlite3.Connection, resource_id: str) -> list[tuple[str, str]]:
    """Relation and the other end, from this end."""
    rows = db.execute("SELECT relation, target FROM links WHERE source = ? ORDER BY rowid", (resource_id,))
    return [(row["relation"], row["target"]) for row in rows]


def leaning_on(db: sqlite3.Connection, catalogue: Catalogue, row: Row) -> list[Row]:
    """Those which cannot be without this one, as they are linked with it by a relation that is required."""
    found = []
    for source, relation in db.execute("SELECT source, relation FROM links WHERE target = ?", (row["id"],)).fetchall():
        other = get(db, source)
        if catalogue.relations(other["type"]).get(relation, {}).get("required"):
            found.append(other)
    return found


def as_json(db: sqlite3.Connection, catalogue: Catalogue, row: Row, *, secrets: bool) -> dict[str, Any]:
    """secrets: also what is encrypted, which the application alone gets to see."""
    aps: dict[str, Any] = {name: row[name] for name in ("id", "type", "status", "revision", "modified")}
    if row["subscription"]:
        aps["subscription"] = row["subscription"]
    aps |= _origin(db, row)
    result: dict[str, Any] = {"aps": aps}
    for name, definition in catalogue.relations(row["type"]).items():
        targets = linked(db, row["id"], name)
        if definition.get("collection"):
            result[name] = {"aps": {"link": "collection", "href": f"{RESOURCES}/{row['id']}/{name}"}}
        elif targets:
            kind = "strong" if definition.get("required") else "weak"
            result[name] = {"aps": {"link": kind, "id": targets[0], "href": f"{RESOURCES}/{targets[0]}"}}
    known = catalogue.properties(row["type"])
    open_to_all = {name for name, one in known.items() if not one.get("encrypted")}
    return result | {name: value for name, value in properties(row).items() if secrets or name in open_to_all}


def _origin(db: sqlite3.Connection, row: Row) -> dict[str, Any]:
    """Where the schema is, and the package of an application's resource."""
    found: dict[str, Any] = {}
    known = db.execute("SELECT number FROM types WHERE id = ?", (row["type"],)).fetchone()
    if known is not None:
        found["schema"] = f"/aps/2/types/{known['number']}"
    package = db.execute("SELECT package FROM instances WHERE id = ?", (row["instance"],)).fetchone()
    if package is not None:
        found["package"] = {"id": package["package"], "href": f"/aps/2/packages/{package['package']}"}
    return found


def only_told(catalogue: Catalogue, type_id: str, answer: Any) -> dict[str, Any]:
    """What of an endpoint's answer is kept: everything except `aps`, links, and limits, which are not its to set."""
    if not isinstance(answer, dict):
        return {}
    relations, known = catalogue.relations(type_id), catalogue.properties(type_id)
    found = {name: value for name, value in answer.items() if name != "aps" and name not in relations}
    for name, value in list(found.items()):
        if is_counter(known.get(name, {})) and isinstance(value, dict) and "limit" in value:
            found[name] = {each: number for each, number in value.items() if each != "limit"}
    return {name: value for name, value in found.items() if value != {} or answer[name] == {}}


def counters(catalogue: Catalogue, row: Row) -> dict[str, dict[str, int]]:
    known = catalogue.properties(row["type"])
    return {
        name: value
        for name, value in properties(row).items()
        if is_counter(known.get(name, {})) and isinstance(value, dict)
    }
