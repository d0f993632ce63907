"""Views of imported packages: where they stand in the panel, and what they get to know there."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oxherd.controller import packages, records, rql
from oxherd.controller.actors import Actor
from oxherd.controller.hub import Hub

UI = "http://www.aps-standard.org/ui"
CUSTOMER = f"{UI}/service"
APPLICATION = f"{UI}/application"
WIZARD, WIZARD_SUMMARY = f"{UI}/service/suwizard.new", f"{UI}/service/suwizard.overview"
SERVICE_TAB = f"{UI}/service/suservice.view"


@dataclass(frozen=True)
class View:
    """A screen of a package. `heading`: the label of the tree it stands in. `vars`: what it wants to know."""

    id: str
    label: str
    heading: str
    address: str
    application: str
    vars: tuple[dict[str, Any], ...]


def at(db: sqlite3.Connection, socket: str) -> list[View]:
    """All views that are plugged in there, of the packages that have an instance."""
    found: list[View] = []
    for row in {instance["package"]: instance for instance in packages.instances(db)}.values():
        package = packages.get(db, row["package"])
        for tree in json.loads(package["meta"])["navigation"]:
            for screen, plugs, variables in _walk(tree, [], []):
                if socket in plugs and screen["kind"] == "view":
                    found.append(
                        View(
                            *(screen["id"], screen["label"] or screen["id"], tree["label"] or package["name"]),
                            f"/aps/2/packages/{package['id']}/files/{screen['src']}",
                            package["application"],
                            tuple(variables),
                        )
                    )
    return found


def _walk(
    screen: dict[str, Any], plugs: list[str], variables: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], list[str], list[dict[str, Any]]]]:
    plugs, variables = [*plugs, *screen["plugs"]], [*variables, *screen["vars"]]
    yield screen, plugs, variables
    for child in screen["children"]:
        yield from _walk(child, plugs, variables)


def context(
    hub: Hub, db: sqlite3.Connection, actor: Actor, view: View, params: dict[str, Any]
) -> dict[str, Any] | None:
    """`aps.context` for the view. None if something that it needs is not there, as a subscription to come."""
    found: dict[str, Any] = {}
    for one in view.vars:
        values = _values(hub, db, actor, one)
        if one["collection"]:
            found[one["name"]] = values
        elif values:
            found[one["name"]] = values[0]
        elif one["required"]:
            return None
    user = records.find(db, actor.user)
    shown = records.as_json(db, hub.catalogue, user, secrets=False) if user else {}
    return {"vars": found, "params": params, "user": shown, "view": {"id": f"{view.application}#{view.id}"}}


def _values(hub: Hub, db: sqlite3.Connection, actor: Actor, variable: dict[str, Any]) -> list[dict[str, Any]]:
    types = {each for each in hub.catalogue.schemas if hub.catalogue.implements(each, variable["type"])}
    conditions = rql.parse(variable["filter"])
    found = []
    for row in records.of_types(db, types):
        shown = records.as_json(db, hub.catalogue, row, secrets=False)
        ready = row["status"] not in (records.PROVISIONING, records.DELETED)
        if ready and actor.role(db, row) and all(rql.holds(one, shown, hub.catalogue.implements) for one in conditions):
            found.append(shown)
    return found
