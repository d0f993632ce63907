"""The rows of tasks: what is to be called, in which order, and how far it is."""

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from oxherd.controller import records
from oxherd.controller.catalogue import is_counter
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


def due(db: sqlite3.Connection) -> Row | None:
    """The next to go on with, which is marked so that nobody else takes it."""
    found: Row | None = db.execute(
        "SELECT * FROM tasks AS task WHERE state = 'waiting' AND due <= ? AND (chain = 0 OR NOT EXISTS ("
        " SELECT 1 FROM tasks AS before WHERE before.chain = task.chain AND before.number < task.number"
        " AND before.state != 'done')) ORDER BY due, number LIMIT 1",
        (time.time(),),
    ).fetchone()
    if found is not None:
        db.execute("UPDATE tasks SET state = 'running' WHERE number = ?", (found["number"],))
    return found


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
