"""Lists of resources, as the query language asks for them."""

import sqlite3
from typing import Any

from oxherd.controller import records, rql
from oxherd.controller.actors import Actor
from oxherd.controller.hub import Hub
from oxherd.controller.records import Row
from oxherd.sandbox.replies import Reply, as_json


def listed(
    hub: Hub, db: sqlite3.Connection, actor: Actor, query: str, *, among: list[str] | None = None, kind: str = ""
) -> Reply:
    """among: only these, by id. kind: only those that implement it. 206 tells that there are more."""
    calls = rql.parse(query)
    shown = rql.window(calls)
    found = []
    for row in _candidates(hub, db, calls, among, kind):
        if actor.role(db, row) is None:
            continue
        resource = records.as_json(db, hub.catalogue, row, secrets=actor.sees_secrets(row))
        if all(rql.holds(call, resource, hub.catalogue.implements) for call in calls):
            found.append(resource)
    found = rql.in_order(found, shown.sort)
    page = found[shown.offset : shown.offset + shown.count]
    if shown.select:
        page = [_selected(hub, db, actor, resource, shown.select) for resource in page]
    reply = as_json(page, 200 if len(page) == len(found) else 206)
    last = shown.offset + max(len(page) - 1, 0)
    reply.headers["Content-Range"] = f"items {shown.offset}-{last}/{len(found)}"
    return reply


def _candidates(
    hub: Hub, db: sqlite3.Connection, calls: list[rql.Call], among: list[str] | None, kind: str
) -> list[Row]:
    if among is not None:
        return [row for row in (records.find(db, each) for each in among) if row is not None]
    wanted = [str(call.arguments[0]) for call in calls if call.name == "implementing" and call.arguments]
    if kind:
        wanted.append(kind)
    if not wanted:
        return records.every(db)
    types = set.intersection(
        *({each for each in hub.catalogue.schemas if hub.catalogue.implements(each, one)} for one in wanted)
    )
    return records.of_types(db, types)


def _selected(
    hub: Hub, db: sqlite3.Connection, actor: Actor, resource: dict[str, Any], wishes: tuple[str, ...]
) -> dict[str, Any]:
    """A relation that is named is shown with what it leads to; without the names of properties, all of them stay."""
    relations = hub.catalogue.relations(resource["aps"]["type"])
    names = {wish.partition(".")[0] for wish in wishes}
    result = dict(resource)
    if names - set(relations):
        result = {name: value for name, value in resource.items() if name in names or name == "aps"}
    for name in names & set(relations):
        rows = [records.find(db, each) for each in records.linked(db, resource["aps"]["id"], name)]
        expanded = [
            records.as_json(db, hub.catalogue, row, secrets=actor.sees_secrets(row))
            for row in rows
            if row is not None and actor.role(db, row)
        ]
        if relations[name].get("collection"):
            result[name] = expanded
        elif expanded:
            result[name] = expanded[0]
    return result
