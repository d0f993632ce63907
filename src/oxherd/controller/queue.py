"""The rows of tasks: what is to be called, in which order, and how far it is."""

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from oxherd.controller import records
from oxherd.controller.catalogue import Catalogue, is_counter
from oxherd.controller.hub import Hub, next_number
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal


@dataclass(frozen=True)
class Plan:
    """`path` is below the endpoint. A `drop` is made here alone: it takes away a resource of our own."""

    kind: str
    resource: Row
    title: str
    method: str = ""
    path: str = ""
    body: Any = None
    identity: str = ""


def add(db: sqlite3.Connection, plan: Plan, *, chain: int = 0, state: str = "waiting") -> Row:
    row = plan.resource
    number = db.execute(
        "INSERT INTO tasks (kind, resource, instance, title, method, path, body, identity, state, due, chain, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(plan.kind, row["id"], row["instance"], plan.title, plan.method, plan.path),
            *(json.dumps(plan.body), plan.identity, state, time.time(), chain, records.now()),
        ),
    ).lastrowid
    return get(db, number or 0)


def new_chain(db: sqlite3.Connection) -> int:
    return next_number(db, "chain")


def get(db: sqlite3.Connection, number: int) -> Row:
    found: Row | None = db.execute("SELECT * FROM tasks WHERE number = ?", (number,)).fetchone()
    if found is None:
        raise Refusal(404, f"There is no task {number}.")
    return found


def due(db: sqlite3.Connection, catalogue: Catalogue) -> Row | None:
    """The next to go on with, which is marked so that nobody else takes it."""
    turns: dict[int, int | None] = {}
    query = "SELECT * FROM tasks WHERE state = 'waiting' AND due <= ? ORDER BY due, number"
    for task in db.execute(query, (time.time(),)):
        chain = task["chain"]
        if chain and chain not in turns:
            turns[chain] = _whose_turn(db, catalogue, chain)
        if not chain or turns[chain] == task["number"]:
            db.execute("UPDATE tasks SET state = 'running' WHERE number = ?", (task["number"],))
            found: Row = task
            return found
    return None


def _whose_turn(db: sqlite3.Connection, catalogue: Catalogue, chain: int) -> int | None:
    """One after the other; what has failed holds up what cannot be without it, and nothing else."""
    held_up: list[str] = []
    for task in db.execute("SELECT * FROM tasks WHERE chain = ? AND state != 'done' ORDER BY number", (chain,)):
        if task["state"] != "failed" and not _is_tied(db, catalogue, task["resource"], held_up):
            return int(task["number"])
        held_up.append(task["resource"])
    return None


def _is_tied(db: sqlite3.Connection, catalogue: Catalogue, resource_id: str, others: list[str]) -> bool:
    """Whether it leans on one of the others, or one of them on it."""
    row = records.find(db, resource_id) if others else None
    if row is None:
        return False
    ties = {one["id"] for one in records.leaning_on(db, catalogue, row)}
    required = [name for name, one in catalogue.relations(row["type"]).items() if one.get("required")]
    ties.update(target for name in required for target in records.linked(db, resource_id, name))
    return resource_id in others or not ties.isdisjoint(others)


def run_again(hub: Hub, number: int) -> None:
    """A failed task, from its beginning. Limits are told as they are now, which may have changed since."""
    with hub.store.writing() as db:
        task = get(db, number)
        if task["state"] != "failed":
            raise Refusal(409, "Only a task that has failed can be run again.")
        query = (
            "UPDATE tasks SET state = 'waiting', phase = 'sync', message = '', misses = 0, due = ?, body = ?"
            " WHERE number = ?"
        )
        db.execute(query, (time.time(), json.dumps(_with_limits_of_now(hub, db, task)), number))
    hub.wake()


def _with_limits_of_now(hub: Hub, db: sqlite3.Connection, task: Row) -> Any:
    """What the task tells; where there are counters among it, with all limits of the subscription."""
    body = json.loads(task["body"])
    row = records.find(db, task["resource"])
    if row is None or task["kind"] != "configure":
        return body
    counters = {name for name, one in hub.catalogue.properties(row["type"]).items() if is_counter(one)}
    told = counters & set(body or {})
    if not told:
        return body
    subscription = records.find(db, row["subscription"])
    limits = (records.properties(subscription).get("limits") or {}) if subscription else {}
    return body | {name: {"limit": limits.get(name, -1)} for name in told | (counters & set(limits))}
