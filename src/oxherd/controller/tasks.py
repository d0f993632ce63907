"""Tasks: calls to endpoints that change something, from the first call to the last poll.

A task is a row before the call is made, so that one which a kill has interrupted is made again. Tasks of a chain go one
after the other; one that has failed holds up those that lean on its resource, or on which that leans. While the
endpoint answers 202, the same call is repeated with the phase `async`.
"""

import json
import sqlite3
import time
from typing import Any

from oxherd.controller import outcomes, records
from oxherd.controller.hub import Hub
from oxherd.controller.outgoing import BROKEN, Answer, Delivery, call
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal

ACCEPTED = 202
RETRY_SECONDS = 30.0
SHORTEST_SECONDS = 0.02
MOST_MISSES = 10
# By what is called: which answers are a success (aps2.md 4.1 in words: all others fail).
SUCCESS = {
    "provision": (200, 201, 204),
    "configure": (200, 204),
    "unprovision": (200, 204, 405),
    "link": (200, 204, 404, 405, 501),
    "unlink": (200, 204, 404, 405, 501),
    "upgrade": (200, 204),
    "operation": (200, 204),
    "enable": (200,),
    "disable": (200,),
    "drop": (200,),
}
MAY_TAKE_LONGER = ("provision", "configure", "unprovision", "operation", "enable", "disable")
WHOLE_RESOURCE = ("provision", "configure", "upgrade")


def run(hub: Hub, task: Row, *, interactive: bool = False) -> Answer:
    """Make the call of a task once, and note what comes of it.

    interactive: somebody waits for the answer, so that what fails leaves nothing behind, except the Refusal.
    A bug of ours is a failed task too, or it would seem to run for ever.
    """
    try:
        return _run(hub, task, interactive=interactive)
    except Refusal:
        raise
    except Exception as bug:
        broken = Answer(BROKEN, sentence=f"The controller itself has failed: {type(bug).__name__}.")
        with hub.store.writing() as db:
            _failed(db, task, broken, interactive=False)
        raise


def _run(hub: Hub, task: Row, *, interactive: bool) -> Answer:
    with hub.store.reading() as db:
        instance = db.execute("SELECT * FROM instances WHERE id = ?", (task["instance"],)).fetchone()
        body = _body(hub, db, task)
    if task["kind"] == "drop":
        answer = Answer(200)
    elif instance is None:
        answer = Answer(410, sentence="The instance of the application is gone.")
    else:
        answer = call(hub, instance, Delivery(task["method"], task["path"], body, task["phase"], task["identity"]))
    with hub.store.writing() as db:
        if answer.status in SUCCESS[task["kind"]]:
            db.execute(
                "UPDATE tasks SET state = 'done', message = '', calls = calls + 1, ended = ? WHERE number = ?",
                (records.now(), task["number"]),
            )
            outcomes.succeeded(hub, db, task, answer)
        elif answer.status == ACCEPTED and task["kind"] in MAY_TAKE_LONGER:
            _accepted(hub, db, task, answer)
        elif answer.broken and task["phase"] == "async" and task["misses"] < MOST_MISSES:
            _put_off(hub, db, task, RETRY_SECONDS)
        else:
            _failed(db, task, answer, interactive=interactive)
    hub.wake()
    if interactive and answer.status not in SUCCESS[task["kind"]] and answer.status != ACCEPTED:
        relayed = 502 if answer.broken else answer.status if answer.status >= 400 else 500  # noqa: PLR2004 - an error
        more = answer.data if isinstance(answer.data, dict) else {}
        raise Refusal(relayed, answer.message, {**more, "code": relayed})
    return answer


def _body(hub: Hub, db: sqlite3.Connection, task: Row) -> Any:
    """The resource as it is now with what is to become of it; or what the caller has sent."""
    body = json.loads(task["body"])
    row = records.find(db, task["resource"])
    if row is None or task["kind"] not in WHOLE_RESOURCE:
        return body
    resource = records.as_json(db, hub.catalogue, row, secrets=True)
    more = dict(body or {})
    resource["aps"] |= more.pop("aps", {})
    return records.merged(resource, more)


def _accepted(hub: Hub, db: sqlite3.Connection, task: Row, answer: Answer) -> None:
    """What the endpoint tells with a 202 is kept, and comes back to it with the next call."""
    told = answer.headers.get("APS-Retry-Timeout", "")
    seconds = float(told) if told.isdecimal() else RETRY_SECONDS
    query = "UPDATE tasks SET info = ?, phase = 'async', misses = 0, calls = calls + 1 WHERE number = ?"
    db.execute(query, (answer.headers.get("APS-Info", ""), task["number"]))
    _again(hub, db, task, seconds)
    outcomes.accepted(hub, db, task, answer)


def _put_off(hub: Hub, db: sqlite3.Connection, task: Row, seconds: float) -> None:
    db.execute("UPDATE tasks SET misses = misses + 1, calls = calls + 1 WHERE number = ?", (task["number"],))
    _again(hub, db, task, seconds)


def _again(hub: Hub, db: sqlite3.Connection, task: Row, seconds: float) -> None:
    due = time.time() + max(SHORTEST_SECONDS, seconds / hub.settings.hurry)
    db.execute("UPDATE tasks SET state = 'waiting', due = ? WHERE number = ?", (due, task["number"]))


def _failed(db: sqlite3.Connection, task: Row, answer: Answer, *, interactive: bool) -> None:
    if interactive:
        db.execute("DELETE FROM tasks WHERE number = ?", (task["number"],))
        if task["kind"] == "provision":
            records.remove(db, task["resource"])
        return
    db.execute(
        "UPDATE tasks SET state = 'failed', message = ?, calls = calls + 1, ended = ? WHERE number = ?",
        (answer.message, records.now(), task["number"]),
    )
