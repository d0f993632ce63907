"""Pages of the provider: packages and instances, customers and their subscriptions, tasks, events, last calls."""

import json
import re
from collections.abc import Callable
from typing import Any

from oxherd.controller import packages, queue, records, rendering, sales, views
from oxherd.controller.actors import Actor
from oxherd.controller.core_types import ACCOUNT, SUBSCRIPTION, SUBSCRIPTION_SERVICE
from oxherd.controller.hub import Hub, token_for
from oxherd.controller.refusals import Refusal
from oxherd.controller.sales import Sale
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply

SHOWN = 200
STAFF = Actor()


def _overview(hub: Hub, _: Message, error: str = "") -> Reply:
    with hub.store.reading() as db:
        imported = db.execute("SELECT * FROM packages ORDER BY number DESC").fetchall()
        made = packages.instances(db)
        roots = {row["id"]: records.find(db, row["id"]) for row in made}
        applications = sorted({row["application"] for row in imported})
    values = {"packages": imported, "instances": made, "roots": roots, "applications": applications, "error": error}
    return rendering.page("packages.html", status=400 if error else 200, here="packages", hub=hub, **values)


def _import(hub: Hub, message: Message) -> Reply:
    packages.import_package(hub, rendering.upload(message, "package")[1])
    return rendering.see("/")


def _create(hub: Hub, message: Message) -> Reply:
    form = rendering.form(message)
    aps: dict[str, Any] = {"package": {"type": form.get("application")}, "endpoint": form.get("endpoint")}
    if form.get("key") or form.get("secret"):
        aps["auth"] = {"oauth": {"key": form.get("key"), "secret": form.get("secret")}}
    try:
        settings = json.loads(form.get("settings") or "{}")
    except ValueError:
        raise Refusal(400, "Settings: this is no JSON.") from None
    with hub.store.reading() as db:
        rows = packages.of_application(db, form.get("application", ""))
    service = packages.root_service(hub, rows[0]) if rows else "app"
    packages.create_instance(hub, STAFF, {"aps": aps, service: settings})
    return rendering.see("/")


def _instance(hub: Hub, _: Message, instance_id: str) -> Reply:
    with hub.store.writing() as db:
        found = next((row for row in packages.instances(db) if row["id"] == instance_id), None)
        if found is None:
            raise Refusal(404, "There is no such instance.")
        view = next((one for one in views.at(db, views.APPLICATION) if one.application == found["application"]), None)
        context = views.context(hub, db, STAFF, view, {}) if view else None
        root = records.get(db, instance_id)
        shown = {"context": context, "token": token_for(db, "staff", "1")}
    values: dict[str, Any] = {
        "instance": found,
        "root": root,
        "view": view,
        "context": json.dumps(shown) if context else "",
    }
    return rendering.page("instance.html", here="packages", hub=hub, **values)


def _upgrade(hub: Hub, _: Message, instance_id: str) -> Reply:
    packages.upgrade(hub, instance_id)
    return rendering.see(f"/provider/instances/{instance_id}")


def _types(hub: Hub, _: Message) -> Reply:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM types ORDER BY application = '', number").fetchall()
        counts = dict(db.execute("SELECT type, COUNT(*) FROM resources GROUP BY type").fetchall())
    return rendering.page("types.html", here="types", hub=hub, types=rows, counts=counts)


def _customers(hub: Hub, _: Message, error: str = "") -> Reply:
    with hub.store.reading() as db:
        accounts = [(row, records.properties(row)) for row in records.of_types(db, {ACCOUNT})][1:]
        subscriptions = [
            (row, records.properties(row), sales.tenants_of(hub, db, row["id"]), sales.sold(hub, db, row))
            for row in records.of_types(db, {SUBSCRIPTION})
        ]
        offers = [row for row in records.every(db) if row["instance"] and not row["subscription"]]
        named = [(row, records.properties(row)) for row in offers if not hub.catalogue.is_root(row["type"])]
    values = {"accounts": accounts, "subscriptions": subscriptions, "offers": named, "counters": _counters(hub)}
    status = 400 if error else 200
    return rendering.page("customers.html", status=status, here="customers", hub=hub, error=error, **values)


def _counters(hub: Hub) -> list[tuple[str, str]]:
    """Name and title, of all tenants' types."""
    return [
        (name, one.get("title", name))
        for type_id in hub.catalogue.services
        if hub.catalogue.implements(type_id, SUBSCRIPTION_SERVICE)
        for name, one in hub.catalogue.properties(type_id).items()
        if str(one.get("type", "")).endswith("#Counter")
    ]


def _add_account(hub: Hub, message: Message) -> Reply:
    name = rendering.form(message).get("name", "")
    if not name:
        raise Refusal(400, "Name: this is required.")
    sales.add_account(hub, name)
    return rendering.see("/provider/customers")


def _subscribe(hub: Hub, message: Message) -> Reply:
    form = rendering.form(message)
    offers = tuple(name.removeprefix("offer-") for name in form if name.startswith("offer-"))
    sale = Sale(form.get("name") or "Subscription", offers, _limits_of(hub, form))
    sales.subscribe(hub, form.get("account", ""), sale)
    return rendering.see("/provider/customers")


def _limits_of(hub: Hub, form: dict[str, str]) -> dict[str, int]:
    found = {}
    for name, title in _counters(hub):
        if value := form.get(f"limit-{name}"):
            if not value.isdecimal():
                raise Refusal(400, f"{title}: {value} is no number.")
            found[name] = int(value)
    return found


def _change_limits(hub: Hub, message: Message, subscription: str) -> Reply:
    form = rendering.form(message)
    new = _limits_of(hub, form)
    taken: dict[str, int | None] = {name: None for name, _ in _counters(hub) if form.get(f"limit-{name}") == ""}
    sales.change_limits(hub, subscription, {**taken, **new})
    return rendering.see("/provider/customers")


def _switch(hub: Hub, _: Message, subscription: str, word: str) -> Reply:
    if word == "cancel":
        sales.cancel(hub, subscription)
    elif word == "usage":
        sales.synchronize_usage(hub)
    else:
        sales.switch(hub, subscription, on=word == "resume")
    return rendering.see("/provider/customers")


def _tasks(hub: Hub, _: Message) -> Reply:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM tasks ORDER BY number DESC LIMIT ?", (SHOWN,)).fetchall()
    return rendering.page("tasks.html", here="tasks", hub=hub, tasks=rows)


def _again(hub: Hub, _: Message, number: str) -> Reply:
    queue.run_again(hub, int(number))
    return rendering.see("/provider/tasks")


def _events(hub: Hub, _: Message) -> Reply:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM deliveries ORDER BY serial DESC LIMIT ?", (SHOWN,)).fetchall()
        wishes = db.execute("SELECT * FROM event_subscriptions ORDER BY rowid").fetchall()
    return rendering.page("events.html", here="events", hub=hub, events=rows, wishes=wishes)


def _calls(hub: Hub, _: Message) -> Reply:
    return rendering.page("calls.html", here="calls", hub=hub, entries=hub.journal.last(SHOWN))


ID = "([0-9a-f-]{36})"
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
    (verb, re.compile(path), work)
    for verb, path, work in (
        ("GET", "/", _overview),
        ("POST", "/provider/packages", _import),
        ("POST", "/provider/instances", _create),
        ("GET", f"/provider/instances/{ID}", _instance),
        ("POST", f"/provider/instances/{ID}/upgrade", _upgrade),
        ("GET", "/provider/types", _types),
        ("GET", "/provider/customers", _customers),
        ("POST", "/provider/accounts", _add_account),
        ("POST", "/provider/subscriptions", _subscribe),
        ("POST", f"/provider/subscriptions/{ID}/limits", _change_limits),
        ("POST", f"/provider/subscriptions/{ID}/(suspend|resume|cancel|usage)", _switch),
        ("GET", "/provider/tasks", _tasks),
        ("POST", "/provider/tasks/([0-9]{1,9})/again", _again),
        ("GET", "/provider/events", _events),
        ("GET", "/provider/calls", _calls),
    )
]
FALLBACKS = {"/provider/packages": _overview, "/provider/instances": _overview}
FALLBACKS |= {"/provider/accounts": _customers, "/provider/subscriptions": _customers}
