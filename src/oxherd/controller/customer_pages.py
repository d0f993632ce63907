"""Pages of a customer: users with the wizard for new ones, domains, and the views of applications."""

import base64
import json
import re
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from oxherd.controller import lifecycle, queue, records, rendering, sales, views
from oxherd.controller.actors import Actor
from oxherd.controller.core_types import ACCOUNT, SERVICE_USER, ZONE
from oxherd.controller.hub import Hub, token_for
from oxherd.controller.lifecycle import Wish
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, as_json

PHOTO_BYTES = 4 * 1024 * 1024
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SHORTEST_PASSWORD = 6
BROKEN = ("error", "failed")  # as applications call the status of what does not work
LOGIN = re.compile(r"[A-Za-z0-9._+-]{1,64}")


def _choose(hub: Hub, _: Message) -> Reply:
    with hub.store.reading() as db:
        accounts = [(row, records.properties(row)) for row in records.of_types(db, {ACCOUNT})][1:]
    return rendering.page("choose.html", here="choose", hub=hub, accounts=accounts)


def _page(hub: Hub, db: sqlite3.Connection, template: str, account: str, **values: Any) -> Reply:
    """status may be among the values."""
    row = records.get(db, account)
    tabs: dict[str, str] = {}
    for view in views.at(db, views.CUSTOMER):
        tabs.setdefault(view.heading, view.id)
    names = {"account": row, "company": records.properties(row).get("companyName", ""), "headings": tabs}
    return rendering.page(template, hub=hub, **names, **values)


def _actor(db: sqlite3.Connection, account: str) -> Actor:
    return Actor(account=account, user=sales.administrator_of(db, account))


def _users(hub: Hub, _: Message, account: str) -> Reply:
    with hub.store.reading() as db:
        users = [
            (row, records.properties(row), _services_of(db, row))
            for row in records.of_types(db, {SERVICE_USER})
            if row["owner"] == account
        ]
        return _page(hub, db, "users.html", account, tab="Users", users=users)


def _services_of(db: sqlite3.Connection, user: Row) -> list[dict[str, Any]]:
    """What each application has for this user, and how far it is."""
    found = []
    for service in records.linked(db, user["id"], "services"):
        row = records.get(db, service)
        task = db.execute(
            "SELECT number, state, info, message FROM tasks WHERE resource = ?"
            " AND kind IN ('provision', 'configure', 'unprovision') ORDER BY number DESC LIMIT 1",
            (service,),
        ).fetchone()
        package = db.execute(
            "SELECT packages.name FROM instances JOIN packages ON packages.id = instances.package"
            " WHERE instances.id = ?",
            (row["instance"],),
        ).fetchone()
        held = records.properties(row)
        again = task["number"] if task is not None and task["state"] == "failed" else 0
        is_open = task is not None and (again or row["status"] != records.READY)
        told = (task["message"] or task["info"]) if is_open else ""
        state = "failed" if again or held.get("status") in BROKEN else row["status"]
        shown = {"state": state, "told": told or str(held.get("problem") or ""), "again": again}
        found.append({"name": package["name"] if package else "", **shown})
    return found


def _again(hub: Hub, _: Message, account: str, user: str, number: str) -> Reply:
    """A task of one of the customer's own that has failed."""
    with hub.store.reading() as db:
        Actor(account=account).find(db, queue.get(db, int(number))["resource"])
    queue.run_again(hub, int(number))
    return rendering.see(f"/customers/{account}/users/{user}")


def _new_user(
    hub: Hub, _: Message, account: str, *, form: dict[str, str] | None = None, wrong: tuple[str, str] = ("", "")
) -> Reply:
    with hub.store.reading() as db:
        step = views.at(db, views.WIZARD)
        zones = [records.properties(row)["name"] for row in records.of_types(db, {ZONE}) if row["owner"] == account]
        values = {"form": form or {}, "wrong": wrong[0], "sentence": wrong[1], "status": 422 if wrong[1] else 200}
        return _page(hub, db, "new_user.html", account, tab="Users", domains=zones, services=step, **values)


def _begin(hub: Hub, message: Message, account: str) -> Reply:
    form = rendering.form(message)
    kind, photo = rendering.upload(message, "photo")
    wrong = _what_is_wrong(hub, account, form, kind, photo)
    if wrong:
        return _new_user(hub, message, account, form=form, wrong=wrong)
    user = {
        "displayName": form["display_name"],
        "fullName": form["display_name"],
        "login": f"{form['login']}@{form['domain']}".lower(),
        "password": form["password"],
        "photo": f"data:{kind};base64,{base64.b64encode(photo).decode()}" if photo else "",
    }
    draft = secrets.token_hex(16)
    chosen = [name.removeprefix("service-") for name in form if name.startswith("service-")]
    hub.drafts[draft] = {"account": account, "user": user, "services": chosen, "objects": [], "attribute": "user"}
    return rendering.see(f"/customers/{account}/users/new/{draft}/{'service' if chosen else 'summary'}")


def _what_is_wrong(hub: Hub, account: str, form: dict[str, str], kind: str, photo: bytes) -> tuple[str, str] | None:
    """The field and a sentence; None if all is well."""
    login = f"{form.get('login', '')}@{form.get('domain', '')}".lower()
    with hub.store.reading() as db:
        users = records.of_types(db, {SERVICE_USER})
        taken = any(records.properties(row).get("login") == login for row in users)
        zones = [records.properties(row)["name"] for row in records.of_types(db, {ZONE}) if row["owner"] == account]
    password = form.get("password", "")
    conditions = (
        (photo and (kind not in PICTURES or len(photo) > PHOTO_BYTES), "photo", "Choose a picture of at most 4 MB."),
        (not form.get("display_name"), "display_name", "Enter a display name."),
        (not LOGIN.fullmatch(form.get("login", "")), "login", "Enter letters, digits and . _ + - only."),
        (form.get("domain") not in zones, "login", "Choose a domain; add one on the page Domains first."),
        (taken, "login", f"{login} is there already."),
        (len(password) < SHORTEST_PASSWORD, "password", f"Enter at least {SHORTEST_PASSWORD} characters."),
        (password != form.get("confirm"), "confirm", "The two passwords are not the same."),
    )
    return next(((field, sentence) for is_wrong, field, sentence in conditions if is_wrong), None)


def _draft(hub: Hub, account: str, draft: str) -> dict[str, Any]:
    found = hub.drafts.get(draft)
    if found is None or found["account"] != account:
        raise Refusal(404, "This wizard is over; begin again.")
    return found


def _step(hub: Hub, _: Message, account: str, draft: str, step: str) -> Reply:
    """The application's part of the wizard, or the summary with the application's own."""
    held = _draft(hub, account, draft)
    socket = views.WIZARD if step == "service" else views.WIZARD_SUMMARY
    shown = {name: value for name, value in held["user"].items() if name not in ("password", "photo")}
    params = {"user": shown, "objects": held["objects"]}
    with hub.store.writing() as db:
        found = [one for one in views.at(db, socket) if held["services"] and one.application in held["services"]]
        frame = _frame(hub, db, account, found[0], params) if found and (held["objects"] or step == "service") else None
        template = "new_user_service.html" if step == "service" else "new_user_summary.html"
        return _page(hub, db, template, account, tab="Users", draft=draft, user=held["user"], frame=frame)


def _frame(
    hub: Hub, db: sqlite3.Connection, account: str, view: views.View, params: dict[str, Any]
) -> dict[str, Any] | None:
    """What the template needs; None where the view cannot be opened yet."""
    actor = _actor(db, account)
    context = views.context(hub, db, actor, view, params)
    if context is None:
        return None
    shown = {"context": context, "token": token_for(db, "user", actor.user)}
    return {"view": view, "context": json.dumps(shown)}


def _objects(hub: Hub, message: Message, account: str, draft: str) -> Reply:
    """From the application's step: what to provision for the user, and by which relation it leads to the user."""
    held = _draft(hub, account, draft)
    body = json.loads(message.body or b"{}")
    held["objects"] = [one for one in body.get("objects") or [] if isinstance(one, dict)]
    held["attribute"] = str(body.get("userAttr") or "user")
    return as_json({"next": f"/customers/{account}/users/new/{draft}/summary"})


def _finish(hub: Hub, _: Message, account: str, draft: str) -> Reply:
    """The user at once; what applications have for the user by tasks."""
    held = _draft(hub, account, draft)
    values = dict(held["user"])
    user = sales.add_user(hub, account, values.pop("login"), **values)
    with hub.store.writing() as db:
        actor = _actor(db, account)
        chain = queue.new_chain(db)
    for one in held["objects"]:
        body = {**one, held["attribute"]: {"aps": {"id": user["id"]}}}
        lifecycle.provision(hub, actor, Wish(body, later=True, chain=chain))
    del hub.drafts[draft]
    return rendering.see(f"/customers/{account}/users")


def _user(hub: Hub, _: Message, account: str, user: str) -> Reply:
    with hub.store.writing() as db:
        row, _role = Actor(account=account).find(db, user)
        shown = records.as_json(db, hub.catalogue, row, secrets=False)
        tabs = views.at(db, views.SERVICE_TAB)
        frame = _frame(hub, db, account, tabs[0], {"user": shown}) if tabs else None
        services = _services_of(db, row)
        return _page(hub, db, "user.html", account, tab="Users", user=shown, services=services, frame=frame)


def _remove_user(hub: Hub, _: Message, account: str, user: str) -> Reply:
    with hub.store.reading() as db:
        actor = _actor(db, account)
    lifecycle.remove_with_all(hub, actor, user)
    return rendering.see(f"/customers/{account}/users")


def _domains(hub: Hub, _: Message, account: str, sentence: str = "") -> Reply:
    with hub.store.reading() as db:
        zones = [records.properties(row)["name"] for row in records.of_types(db, {ZONE}) if row["owner"] == account]
        values = {"zones": zones, "sentence": sentence, "status": 422 if sentence else 200}
        return _page(hub, db, "domains.html", account, tab="Domains", **values)


def _add_domain(hub: Hub, message: Message, account: str) -> Reply:
    try:
        sales.add_domain(hub, account, rendering.form(message).get("name", ""))
    except Refusal as refusal:
        return _domains(hub, message, account, refusal.sentence)
    return rendering.see(f"/customers/{account}/domains")


def _view(hub: Hub, _: Message, account: str, view_id: str) -> Reply:
    with hub.store.writing() as db:
        all_views = views.at(db, views.CUSTOMER)
        chosen = next((one for one in all_views if one.id == view_id), None)
        if chosen is None:
            raise Refusal(404, "There is no such view.")
        beside = [one for one in all_views if one.application == chosen.application]
        frame = _frame(hub, db, account, chosen, {})
        return _page(hub, db, "view.html", account, tab=chosen.heading, view=chosen, beside=beside, frame=frame)


ID = "([0-9a-f-]{36})"
DRAFT = "([0-9a-f]{32})"
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
    (verb, re.compile(f"/customers{path}"), work)
    for verb, path, work in (
        ("GET", "", _choose),
        ("GET", f"/{ID}/users", _users),
        ("GET", f"/{ID}/users/new", _new_user),
        ("POST", f"/{ID}/users/new", _begin),
        ("GET", f"/{ID}/users/new/{DRAFT}/(service|summary)", _step),
        ("POST", f"/{ID}/users/new/{DRAFT}/objects", _objects),
        ("POST", f"/{ID}/users/new/{DRAFT}/finish", _finish),
        ("GET", f"/{ID}/users/{ID}", _user),
        ("POST", f"/{ID}/users/{ID}/remove", _remove_user),
        ("POST", f"/{ID}/users/{ID}/tasks/([0-9]{{1,9}})/again", _again),
        ("GET", f"/{ID}/domains", _domains),
        ("POST", f"/{ID}/domains", _add_domain),
        ("GET", f"/{ID}/views/([\\w.-]+)", _view),
    )
]
