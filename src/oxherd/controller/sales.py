"""What the provider does with customers: accounts, subscriptions and their limits, users, domains, usage."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oxherd.controller import events, lifecycle, packages, queue, records
from oxherd.controller.actors import Actor
from oxherd.controller.core_types import (
    ACCOUNT,
    PANEL_USER,
    SERVICE_USER,
    SUBSCRIPTION,
    SUBSCRIPTION_SERVICE,
    SUSPENDABLE,
    ZONE,
)
from oxherd.controller.hub import Hub, next_number
from oxherd.controller.lifecycle import Wish
from oxherd.controller.outgoing import Delivery, call
from oxherd.controller.queue import Plan
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal

STAFF = Actor()


@dataclass(frozen=True)
class Sale:
    """`offers`: resources that are sold by reference, as brands and profiles. `limits`: of counters, by name.

    `services`: how many resources of each may be had, -1 for any number; None: whatever the customer likes.
    """

    name: str
    offers: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


def add_account(hub: Hub, name: str, **address: str) -> Row:
    """A customer, with an administrator. address: parts of the postal one, by the standard's names."""
    with hub.store.writing() as db:
        number = next_number(db, "account")
    body = {"aps": {"type": ACCOUNT}, "companyName": name, "addressPostal": address, "id": number}
    with hub.store.writing() as db:
        row = lifecycle.record(hub, db, STAFF, Wish(body))
        db.execute("UPDATE resources SET owner = id WHERE id = ?", (row["id"],))
        row = records.change(db, row["id"], status=records.READY)
    administrator = {
        "aps": {"type": PANEL_USER},
        "login": f"admin-{number}",
        "displayName": f"Administrator of {name}",
        "isAccountAdmin": True,
        "organization": {"aps": {"id": row["id"]}},
    }
    lifecycle.provision(hub, STAFF, Wish(administrator))
    return row


def administrator_of(db: sqlite3.Connection, account: str) -> str:
    """The user as whom the pages of a customer work."""
    query = "SELECT id FROM resources WHERE owner = ? AND type = ? ORDER BY number"
    row = db.execute(query, (account, PANEL_USER)).fetchone()
    if row is None:
        raise Refusal(404, f"There is no account {account}.")
    return str(row["id"])


def add_domain(hub: Hub, account: str, name: str) -> Row:
    """A DNS zone, as every customer of a panel has them. Raises Refusal."""
    name = name.strip().lower().rstrip(".")
    if "." not in name or " " in name:
        raise Refusal(400, f"{name} is no name of a domain.")
    with hub.store.reading() as db:
        taken = [records.properties(row)["name"] for row in records.of_types(db, {ZONE})]
    if name in taken:
        raise Refusal(409, f"The domain {name} is there already.")
    body = {"aps": {"type": ZONE}, "name": name, "account": {"aps": {"id": account}}}
    return lifecycle.provision(hub, STAFF, Wish(body))[0]


def add_user(hub: Hub, account: str, login: str, **values: Any) -> Row:
    """A service user of the panel. values: of the type, such as password, displayName, photo. Raises Refusal."""
    with hub.store.writing() as db:
        for row in records.of_types(db, {SERVICE_USER}):
            if records.properties(row).get("login") == login:
                raise Refusal(409, f"The login {login} is taken.")
        number = next_number(db, "user")
    given = {name: value for name, value in values.items() if value}
    body = {
        "aps": {"type": SERVICE_USER},
        "login": login,
        "email": login,
        "userId": number,
        "memberId": number,
        "organization": {"aps": {"id": account}},
        **given,
    }
    return lifecycle.provision(hub, STAFF, Wish(body))[0]


def subscribe(hub: Hub, account: str, sale: Sale) -> Row:
    """A subscription; each application with a subscription service gets its resource, by tasks. Raises Refusal."""
    check_numbers("limits", sale.limits)
    check_numbers("services", sale.services or {})
    numbers = {name: number for name, number in sale.limits.items() if number is not None}
    with hub.store.writing() as db:
        number = next_number(db, "subscription")
        limits = {"limits": numbers} | ({} if sale.services is None else {"offered": dict(sale.services)})
        body = {
            "aps": {"type": SUBSCRIPTION},
            "name": sale.name,
            "subscriptionId": number,
            "account": {"aps": {"id": account}},
            **limits,
        }
        row = lifecycle.record(hub, db, STAFF, Wish(body))
        db.execute("UPDATE resources SET subscription = id, status = ? WHERE id = ?", (records.READY, row["id"]))
        for offered in dict.fromkeys(sale.offers):
            records.get(db, offered)
            db.execute("INSERT INTO offers VALUES (?, ?)", (row["id"], offered))
        chain = queue.new_chain(db)
        told = {name: {"limit": number} for name, number in numbers.items()}
        for type_id, instance in _subscription_services(hub, db, sale.offers):
            known = hub.catalogue.properties(type_id)
            values = {name: value for name, value in {**sale.settings, **told}.items() if name in known}
            body = {"aps": {"type": type_id}, **values}
            lifecycle.begin(hub, db, STAFF, Wish(body, row["id"], instance=instance, later=True, chain=chain))
        row = records.get(db, row["id"])
    hub.wake()
    return row


def check_numbers(part: str, numbers: Mapping[str, Any]) -> None:
    """None and -1: without a limit. Raises Refusal 400."""
    for name, number in numbers.items():
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < -1):
            raise Refusal(400, f"{part}.{name}: {number!r} is no number of units.")


def _subscription_services(hub: Hub, db: sqlite3.Connection, offers: Iterable[str]) -> list[tuple[str, str]]:
    """Type and instance, for each application of which something is offered; or for all, if nothing is."""
    meant = {records.get(db, each)["instance"] for each in offers}
    found = []
    for instance in packages.instances(db):
        if meant and instance["id"] not in meant:
            continue
        for type_id, (application, _) in hub.catalogue.services.items():
            if application == instance["application"] and hub.catalogue.implements(type_id, SUBSCRIPTION_SERVICE):
                found.append((type_id, str(instance["id"])))
    return found


def tenants_of(hub: Hub, db: sqlite3.Connection, subscription: str) -> list[Row]:
    rows = db.execute(
        "SELECT * FROM resources WHERE subscription = ? AND instance != '' ORDER BY number", (subscription,)
    ).fetchall()
    return [row for row in rows if hub.catalogue.implements(row["type"], SUBSCRIPTION_SERVICE)]


def change_limits(hub: Hub, subscription: str, limits: Mapping[str, int | None]) -> None:
    """The tenants are configured by tasks, and who waits for it hears of it. None: without a limit from now on.

    Raises Refusal.
    """
    check_numbers("limits", limits)
    with hub.store.writing() as db:
        row = records.get(db, subscription)
        if row["type"] != SUBSCRIPTION:
            raise Refusal(404, f"There is no subscription {subscription}.")
        held = records.properties(row).get("limits") or {}
        new = {name: number for name, number in {**held, **limits}.items() if number is not None}
        row = records.change(db, subscription, {"limits": new})
        chain = queue.new_chain(db)
        for tenant in tenants_of(hub, db, subscription):
            known = hub.catalogue.properties(tenant["type"])
            counters = {
                name: {"limit": -1 if number is None else number} for name, number in limits.items() if name in known
            }
            path = f"/{tenant['service']}/{tenant['id']}"
            queue.add(db, Plan("configure", tenant, "Tell the limits", "PUT", path, counters), chain=chain)
        events.happened(db, hub.catalogue, events.LIMITS_CHANGED, row)
    hub.wake()


def switch(hub: Hub, subscription: str, *, on: bool) -> None:
    """Suspend or resume."""
    word = "enable" if on else "disable"
    with hub.store.writing() as db:
        records.change(db, subscription, {"disabled": not on})
        chain = queue.new_chain(db)
        for row in tenants_of(hub, db, subscription):
            if hub.catalogue.implements(row["type"], SUSPENDABLE):
                title = f"{'Resume' if on else 'Suspend'} {row['service']}"
                path = f"/{row['service']}/{row['id']}/{word}"
                queue.add(db, Plan(word, row, title, "PUT", path), chain=chain)
    hub.wake()


def cancel(hub: Hub, subscription: str) -> None:
    """First what leans on the tenant, then the tenant, then the subscription."""
    lifecycle.remove_with_all(hub, STAFF, subscription)


def synchronize_usage(hub: Hub, instance_id: str = "") -> int:
    """Ask each tenant's endpoint; what it answers is booked. How many have answered."""
    with hub.store.reading() as db:
        subscriptions = records.of_types(db, {SUBSCRIPTION})
        tenants = [tenant for one in subscriptions for tenant in tenants_of(hub, db, one["id"])]
        instances = {row["id"]: row for row in packages.instances(db)}
    answered = 0
    for tenant in tenants:
        if instance_id not in ("", tenant["instance"]) or tenant["status"] == records.PROVISIONING:
            continue
        path = f"/{tenant['service']}/{tenant['id']}"
        answer = call(hub, instances[tenant["instance"]], Delivery("GET", path))
        if answer.status == 200:  # noqa: PLR2004 - the only success of a GET
            answered += 1
            _book(hub, tenant, answer.data)
    return answered


def _book(hub: Hub, tenant: Row, told: Any) -> None:
    """Only usage counts, and only from this answer; all other values are kept as well."""
    with hub.store.writing() as db:
        if records.find(db, tenant["id"]) is None:
            return
        values = records.only_told(hub.catalogue, tenant["type"], told)
        row = records.change(db, tenant["id"], values)
        for counter, held in records.counters(hub.catalogue, row).items():
            told_now = values.get(counter)
            if isinstance(told_now, dict) and isinstance(told_now.get("usage"), int):
                query = "INSERT OR REPLACE INTO booked VALUES (?, ?, ?)"
                db.execute(query, (row["subscription"], counter, held["usage"]))


def sold(hub: Hub, db: sqlite3.Connection, subscription: Row) -> list[dict[str, Any]]:
    """The operation `resources` of a subscription: counters with what is booked, services, references."""
    booked = {
        row["counter"]: row["usage"]
        for row in db.execute("SELECT * FROM booked WHERE subscription = ?", (subscription["id"],))
    }
    limits = records.properties(subscription).get("limits") or {}
    found: list[dict[str, Any]] = []
    for tenant in tenants_of(hub, db, subscription["id"]):
        for name, definition in hub.catalogue.properties(tenant["type"]).items():
            if name in limits or name in booked:
                found.append(
                    {
                        "id": f"{tenant['id']}:{name}",
                        "title": definition.get("title", name),
                        "apsId": tenant["id"],
                        "apsType": tenant["type"],
                        "applicationId": hub.catalogue.services[tenant["type"]][0],
                        "property": name,
                        "usage": booked.get(name, 0),
                        "limit": limits.get(name, -1),
                        "unit": definition.get("unit", "unit"),
                        "autoprovisioning": False,
                    }
                )
    for row in db.execute("SELECT resource FROM offers WHERE subscription = ?", (subscription["id"],)).fetchall():
        offered = records.get(db, row["resource"])
        one = {"id": offered["id"], "apsId": offered["id"], "apsType": offered["type"], "usage": 1, "limit": 1}
        found.append({**one, "title": offered["service"], "unit": "unit", "autoprovisioning": False})
    return found
