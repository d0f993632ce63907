"""The interface for tests and demonstrations: what the pages do, as JSON. Without protection: it is for one machine."""

import json
import re
from collections.abc import Callable
from typing import Any

from oxherd.controller import packages, queue, records, sales
from oxherd.controller.core_types import ACCOUNT, SERVICE_USER, SUBSCRIPTION
from oxherd.controller.hub import Hub, token_for
from oxherd.controller.refusals import Refusal
from oxherd.controller.sales import Sale
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, as_json

PREFIX = "/controller/api/"


def answer(hub: Hub, message: Message) -> Reply:
    try:
        for verb, pattern, work in ROUTES:
            match = pattern.fullmatch(message.path.removeprefix(PREFIX).rstrip("/"))
            if match and verb == message.method:
                return as_json(work(hub, message, *match.groups()))
    except Refusal as refusal:
        return refusal.reply()
    return Refusal(404, f"There is no {message.method} {message.path}.").reply()


def _object(message: Message) -> dict[str, Any]:
    try:
        found = json.loads(message.body or b"{}")
    except ValueError:
        raise Refusal(400, "The body is no JSON.") from None
    if not isinstance(found, dict):
        raise Refusal(400, "The body has to be a JSON object.")
    return found


def _text(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise Refusal(400, f"{name}: this is required.")
    return str(body[name])


def _member(body: dict[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise Refusal(400, f"{name}: this has to be a JSON object.")
    return found


def _health(hub: Hub, _: Message) -> Any:
    with hub.store.reading() as db:
        waiting, failed = (
            db.execute("SELECT COUNT(*) FROM tasks WHERE state IN (?, ?)", states).fetchone()[0]
            for states in (("waiting", "running"), ("failed", "failed"))
        )
        events = db.execute("SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'running')").fetchone()[0]
    return {"status": "ok", "tasks_open": waiting, "tasks_failed": failed, "events_open": events}


def _token(hub: Hub, message: Message) -> Any:
    """For /aps/2/: of the staff, or with ?account= of a customer's administrator."""
    account = message.query.get("account", "")
    with hub.store.writing() as db:
        if account:
            return {"token": token_for(db, "user", sales.administrator_of(db, account))}
        return {"token": token_for(db, "staff", "1")}


def _import(hub: Hub, message: Message) -> Any:
    """With ?replace=yes also another file of a release that is there."""
    replace = message.query.get("replace") == "yes"
    return packages.as_json(packages.import_package(hub, message.body, replace=replace))


def _accounts(hub: Hub, _: Message) -> Any:
    with hub.store.reading() as db:
        rows = records.of_types(db, {ACCOUNT})
        return [{"id": row["id"], "name": records.properties(row)["companyName"]} for row in rows]


def _add_account(hub: Hub, message: Message) -> Any:
    return {"id": sales.add_account(hub, _text(_object(message), "name"))["id"]}


def _add_domain(hub: Hub, message: Message, account: str) -> Any:
    return {"id": sales.add_domain(hub, account, _text(_object(message), "name"))["id"]}


def _add_user(hub: Hub, message: Message, account: str) -> Any:
    values = _object(message)
    login = _text(values, "login")
    known = set(hub.catalogue.properties(SERVICE_USER)) - {"login"}
    values = {name: value for name, value in values.items() if name in known}
    return {"id": sales.add_user(hub, account, login, **values)["id"]}


def _subscriptions(hub: Hub, _: Message) -> Any:
    with hub.store.reading() as db:
        return [
            {
                "id": row["id"],
                "account": row["owner"],
                "name": records.properties(row).get("name", ""),
                "tenants": [
                    {"id": one["id"], "service": one["service"], "status": one["status"]}
                    for one in sales.tenants_of(hub, db, row["id"])
                ],
            }
            for row in records.of_types(db, {SUBSCRIPTION})
        ]


def _subscribe(hub: Hub, message: Message) -> Any:
    """account, name; offers: ids of brands and profiles; limits: by counter; settings: properties of the tenant."""
    body = _object(message)
    offers = body.get("offers") or []
    if not isinstance(offers, list) or not all(isinstance(one, str) for one in offers):
        raise Refusal(400, "offers: this has to be a list of ids.")
    services = body.get("services")
    sale = Sale(
        _text(body, "name"),
        tuple(offers),
        _member(body, "limits"),
        None if services is None else _member(body, "services"),
        _member(body, "settings"),
    )
    return {"id": sales.subscribe(hub, _text(body, "account"), sale)["id"]}


def _limits(hub: Hub, message: Message, subscription: str) -> Any:
    sales.change_limits(hub, subscription, _object(message))
    return {}


def _switch(hub: Hub, _: Message, subscription: str, word: str) -> Any:
    if word == "cancel":
        sales.cancel(hub, subscription)
    else:
        sales.switch(hub, subscription, on=word == "resume")
    return {}


def _usage(hub: Hub, _: Message) -> Any:
    return {"answered": sales.synchronize_usage(hub)}


def _upgrade(hub: Hub, _: Message, instance: str) -> Any:
    packages.upgrade(hub, instance)
    return {}


def _tasks(hub: Hub, _: Message) -> Any:
    hidden = ("body",)
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM tasks ORDER BY number DESC LIMIT 1000").fetchall()
    return [{name: row[name] for name in row.keys() if name not in hidden} for row in rows]  # noqa: SIM118 - sqlite3.Row


def _again(hub: Hub, _: Message, number: str) -> Any:
    queue.run_again(hub, int(number))
    return {}


def _events(hub: Hub, _: Message) -> Any:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM deliveries ORDER BY serial DESC LIMIT 1000").fetchall()
    return [dict(row) for row in rows]


def _faults(hub: Hub, message: Message) -> Any:
    if message.method == "DELETE":
        hub.faults.clear()
    elif message.method == "PUT":
        try:
            hub.faults.change(_object(message))
        except ValueError as wrong:
            raise Refusal(400, str(wrong)) from None
    return hub.faults.as_dict()


def _log(hub: Hub, message: Message) -> Any:
    if message.method == "DELETE":
        hub.journal.reset()
    return hub.journal.last()


ID = "([0-9a-f-]{36})"
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
    (verb, re.compile(path), work)
    for verb, path, work in (
        ("GET", "health", _health),
        ("GET", "token", _token),
        ("POST", "packages", _import),
        ("GET", "accounts", _accounts),
        ("POST", "accounts", _add_account),
        ("POST", f"accounts/{ID}/domains", _add_domain),
        ("POST", f"accounts/{ID}/users", _add_user),
        ("GET", "subscriptions", _subscriptions),
        ("POST", "subscriptions", _subscribe),
        ("PUT", f"subscriptions/{ID}/limits", _limits),
        ("POST", f"subscriptions/{ID}/(suspend|resume|cancel)", _switch),
        ("POST", "usage", _usage),
        ("POST", f"instances/{ID}/upgrade", _upgrade),
        ("GET", "tasks", _tasks),
        ("POST", "tasks/([0-9]{1,9})/again", _again),
        ("GET", "events", _events),
        ("GET", "faults", _faults),
        ("PUT", "faults", _faults),
        ("DELETE", "faults", _faults),
        ("GET", "log", _log),
        ("DELETE", "log", _log),
    )
]
