"""What can be done with resources: provision, configure, unprovision, link, unlink, operations of the application."""

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from oxherd.controller import events, outcomes, queue, records, sold, tasks
from oxherd.controller.actors import CHANGING, Actor, may
from oxherd.controller.catalogue import Catalogue
from oxherd.controller.core_types import ACCOUNT, SUBSCRIPTION, Schema
from oxherd.controller.hub import Hub
from oxherd.controller.outgoing import Answer
from oxherd.controller.queue import Plan
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal
from oxherd.controller.values import checked


@dataclass(frozen=True)
class Wish:
    """A new resource. `parent`: a resource and the relation below which it was sent. `instance`: of which application.

    `later`: nobody waits, so that the call is a task in the background, in `chain`. `quietly`: the application tells
    us, and is not called. `extra`: members of `aps` for the endpoint's eyes alone.
    """

    body: dict[str, Any]
    subscription: str = ""
    parent: tuple[str, str] | None = None
    instance: str = ""
    later: bool = False
    chain: int = 0
    quietly: bool = False
    extra: dict[str, Any] | None = None


def provision(hub: Hub, actor: Actor, wish: Wish) -> tuple[Row, Answer | None]:
    """The new resource, and the endpoint's answer if it was called. Raises Refusal."""
    with hub.store.writing() as db:
        row, task = begin(hub, db, actor, wish)
    if task is None or wish.later:
        hub.wake()
        return row, None
    answer = tasks.run(hub, task, interactive=True)
    with hub.store.reading() as db:
        return records.get(db, row["id"]), answer


def begin(hub: Hub, db: sqlite3.Connection, actor: Actor, wish: Wish) -> tuple[Row, Row | None]:
    """The new resource, and the task that tells the endpoint; None where there is nobody to tell. Raises Refusal."""
    row = record(hub, db, actor, wish)
    if wish.quietly or not row["instance"]:
        row = records.change(db, row["id"], status=records.READY)
        if wish.quietly:
            events.happened(db, hub.catalogue, events.AVAILABLE, row)
        else:
            outcomes.became_available(hub, db, row)
        return row, None
    body = {"aps": wish.extra} if wish.extra else None
    plan = Plan(
        "provision", row, f"Provision {row['service']}", "POST", f"/{row['service']}", body=body, identity=actor.user
    )
    return row, queue.add(db, plan, chain=wish.chain, state="waiting" if wish.later else "running")


def record(hub: Hub, db: sqlite3.Connection, actor: Actor, wish: Wish) -> Row:
    """The row with its links, in `aps:provisioning`; nothing is told to anybody yet."""
    catalogue = hub.catalogue
    aps = wish.body.get("aps") or {}
    type_id = catalogue.known(str(aps.get("type", "")))
    if type_id is None:
        raise Refusal(400, f"aps.type: nobody knows the type {aps.get('type')!r}.")
    if actor.is_customer:
        sold.check_type(catalogue, type_id)
    relations = catalogue.relations(type_id)
    values = {name: value for name, value in wish.body.items() if name != "aps" and name not in relations}
    kept = checked(catalogue, type_id, values, None, by_application=wish.quietly)
    targets = _targets(db, catalogue, actor, wish, type_id)
    subscription = wish.subscription or str(aps.get("subscription") or "") or _inherited(targets, "subscription")
    owner = _owner(db, actor, targets, subscription)
    instance = wish.instance or _instance(hub, db, type_id, targets)
    targets = _satisfied(hub, db, relations, targets, (owner, subscription, instance))
    if actor.is_customer and instance:
        sold.check(catalogue, db, type_id, subscription, instance)
    service = catalogue.services.get(type_id, ("", ""))[1]
    chosen = aps.get("id")
    if chosen is not None and (not records.is_id(chosen) or records.find(db, chosen) is not None):
        raise Refusal(409, f"aps.id: {chosen} is taken, or is no UUID in lower case.")
    row = records.add(
        db,
        id=chosen or records.new_id(),
        type=type_id,
        status=records.PROVISIONING,
        owner=owner,
        subscription=subscription,
        instance=instance,
        service=service,
        properties=kept,
    )
    if not owner:
        db.execute("UPDATE resources SET owner = id WHERE id = ?", (row["id"],))
    for relation, target in targets:
        records.link(db, catalogue, row, relation, target)
    return records.get(db, row["id"])


Targets = list[tuple[str, Row]]


def _targets(db: sqlite3.Connection, catalogue: Catalogue, actor: Actor, wish: Wish, type_id: str) -> Targets:
    """What the body, and the address it was sent to, say about links."""
    relations = catalogue.relations(type_id)
    found: Targets = []
    for relation in relations:
        value = wish.body.get(relation)
        for one in value if isinstance(value, list) else [value]:
            target = one.get("aps", {}).get("id") if isinstance(one, dict) else None
            if target:
                found.append((relation, actor.find(db, target)[0]))
    if wish.parent is not None:
        parent, below = wish.parent
        row = actor.find(db, parent)[0]
        if below not in catalogue.relations(row["type"]):
            raise Refusal(404, f"{row['type']} has no relation {below}.")
        back = catalogue.reverse(row["type"], below, type_id)
        if back is not None and row["id"] not in [target["id"] for name, target in found if name == back]:
            found.append((back, row))
    return found


def _inherited(targets: Targets, column: str) -> str:
    for _, target in targets:
        if target["type"] == SUBSCRIPTION and column == "subscription":
            return str(target["id"])
    return next((str(target[column]) for _, target in targets if target[column] and target["subscription"]), "")


def _owner(db: sqlite3.Connection, actor: Actor, targets: Targets, subscription: str) -> str:
    """The customer's account where there is one: by the subscription, the account linked, or the parent."""
    if subscription:
        held = records.find(db, subscription)
        if held is None or (actor.account and held["owner"] != actor.account):
            raise Refusal(400, f"There is no subscription {subscription}.")
        return str(held["owner"])
    account = next((target["id"] for _, target in targets if target["type"] == ACCOUNT), "")
    return str(account) or _inherited(targets, "owner") or actor.owner_of_new(db)


def _instance(hub: Hub, db: sqlite3.Connection, type_id: str, targets: Targets) -> str:
    """That of the resources it is linked with; else the only one of the application."""
    if type_id not in hub.catalogue.services:
        return ""
    application = hub.catalogue.services[type_id][0]
    rows = db.execute(
        "SELECT instances.id FROM instances JOIN packages ON packages.id = instances.package"
        " WHERE packages.application = ?",
        (application,),
    ).fetchall()
    known = [row["id"] for row in rows]
    linked = [target["instance"] for _, target in targets if target["instance"] in known]
    if linked:
        return str(linked[0])
    if len(known) != 1:
        many = f"{len(known)} instances" if known else "no instance"
        raise Refusal(400, f"The application has {many}, and no link tells which is meant.")
    return str(known[0])


def _satisfied(
    hub: Hub, db: sqlite3.Connection, relations: dict[str, Schema], targets: Targets, ours: tuple[str, str, str]
) -> Targets:
    """With those links which are required and go without saying: the account, the application, the only offer."""
    owner, subscription, instance = ours
    found = list(targets)
    for name, relation in relations.items():
        if not relation.get("required") or name in [each for each, _ in found]:
            continue
        offered = db.execute("SELECT resource FROM offers WHERE subscription = ?", (subscription,)).fetchall()
        candidates = [owner, subscription, instance] + ([row["resource"] for row in offered] if subscription else [])
        rows = [row for row in map(lambda each: records.find(db, each), candidates) if row is not None]  # noqa: C417
        fitting = [row for row in rows if hub.catalogue.implements(row["type"], relation["type"])]
        if len(fitting) != 1:
            raise Refusal(400, f"{name}: a link to {relation['type']} is required.")
        found.append((name, fitting[0]))
    return found


def configure(hub: Hub, actor: Actor, resource_id: str, body: dict[str, Any], *, later: bool = False) -> Row:
    """New values. Raises Refusal, also the endpoint's; then nothing has changed."""
    catalogue = hub.catalogue
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        may(catalogue, row, role, CHANGING)
        if row["status"] in (records.PROVISIONING, records.DELETED, records.UNPROVISIONING):
            raise Refusal(409, f"This {row['service'] or 'resource'} is {row['status']}; wait until that is over.")
        relations = catalogue.relations(row["type"])
        told = {name: value for name, value in body.items() if name != "aps" and name not in relations}
        new = checked(catalogue, row["type"], told, records.properties(row), by_application=False)
        new |= {name: None for name, value in told.items() if value is None}
        if not row["instance"]:
            changed = records.change(db, row["id"], new)
            events.happened(db, catalogue, events.CHANGED, changed)
            hub.wake()
            return changed
        path = f"/{row['service']}/{row['id']}"
        plan = Plan("configure", row, f"Configure {row['service']}", "PUT", path, new, actor.user)
        task = queue.add(db, plan, state="waiting" if later else "running")
    if later:
        hub.wake()
        return row
    tasks.run(hub, task, interactive=True)
    with hub.store.reading() as db:
        return records.get(db, resource_id)


def unprovision(hub: Hub, actor: Actor, resource_id: str) -> Answer:
    """One resource on which nothing leans. Raises Refusal."""
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        may(hub.catalogue, row, role, CHANGING)
        leaning = [each for each in records.leaning_on(db, hub.catalogue, row) if each["status"] != records.DELETED]
        if leaning:
            kinds = ", ".join(sorted({each["service"] or each["type"] for each in leaning}))
            raise Refusal(409, f"Still linked with it: {len(leaning)} ({kinds}). Remove those first.")
        task = queue.add(db, removal(row, actor), state="running")
    return tasks.run(hub, task, interactive=True)


def removal(row: Row, actor: Actor) -> Plan:
    if not row["instance"]:
        return Plan("drop", row, "Remove from the panel")
    path = f"/{row['service']}/{row['id']}"
    return Plan("unprovision", row, f"Unprovision {row['service']}", "DELETE", path, identity=actor.user)


def remove_with_all(hub: Hub, actor: Actor, resource_id: str) -> None:
    """Tasks for what leans on it first, and for itself at last; one after the other, in the background."""
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        may(hub.catalogue, row, role, CHANGING)
        chain = queue.new_chain(db)
        for each in _last_leaf_first(hub, db, row, []):
            if each["instance"]:
                db.execute("UPDATE resources SET status = ? WHERE id = ?", (records.UNPROVISIONING, each["id"]))
            queue.add(db, removal(each, actor), chain=chain)
    hub.wake()


def _last_leaf_first(hub: Hub, db: sqlite3.Connection, row: Row, seen: list[str]) -> list[Row]:
    seen.append(row["id"])
    found: list[Row] = []
    for each in records.leaning_on(db, hub.catalogue, row):
        if each["id"] not in seen:
            found += _last_leaf_first(hub, db, each, seen)
    return [*found, row]


def link(hub: Hub, actor: Actor, resource_id: str, relation: str, target_id: str, *, quietly: bool = False) -> None:
    """quietly: as the application tells, which is not told back."""
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        may(hub.catalogue, row, role, CHANGING)
        other = actor.find(db, target_id)[0]
        if records.link(db, hub.catalogue, row, relation, other) and not quietly:
            outcomes.notify_link(hub, db, row, relation, other, identity=actor.user)
    hub.wake()


def unlink(hub: Hub, actor: Actor, resource_id: str, relation: str, target_id: str, *, quietly: bool = False) -> None:
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        may(hub.catalogue, row, role, CHANGING)
        other = actor.find(db, target_id)[0]
        definition = hub.catalogue.relations(row["type"]).get(relation, {})
        if definition.get("required"):
            raise Refusal(409, f"{relation} is required, so the link stays as long as the resource.")
        if not records.unlink(db, hub.catalogue, row, relation, other):
            raise Refusal(404, f"{relation} does not lead to {target_id}.")
        if not quietly:
            outcomes.notify_unlink(hub, db, row, relation, other)
    hub.wake()


def operation_of(hub: Hub, row: Row, verb: str, path: str) -> tuple[str, Schema] | None:
    """The operation whose verb and path these are; `path` without a slash at its ends."""
    for name, one in hub.catalogue.operations(row["type"]).items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one["path"].strip("/")))
        if one["verb"] == verb and re.fullmatch(pattern, path):
            return name, one
    return None


def operate(
    hub: Hub, actor: Actor, resource_id: str, verb: str, path: str, *, query: str = "", body: Any = None
) -> Answer:
    """An operation that the application declares; its answer is passed on as it is."""
    with hub.store.writing() as db:
        row, role = actor.find(db, resource_id)
        found = operation_of(hub, row, verb, path)
        if found is None:
            raise Refusal(404, f"{row['type']} has no operation {verb} /{path}.")
        name, definition = found
        may(hub.catalogue, row, role, CHANGING, definition)
        below = f"/{row['service']}/{row['id']}/{path}" + (f"?{query}" if query else "")
        kind = name if name in ("enable", "disable") else "operation"
        plan = Plan(kind, row, f"{name} of {row['service']}", verb, below, body, actor.user)
        task = queue.add(db, plan, state="running")
    return tasks.run(hub, task, interactive=True)
