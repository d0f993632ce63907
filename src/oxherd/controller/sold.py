"""What a customer may make: what its subscription offers."""

import sqlite3

from oxherd.controller import records
from oxherd.controller.catalogue import Catalogue
from oxherd.controller.core_types import RECORD, SERVICE_USER, SUBSCRIPTION_SERVICE, ZONE
from oxherd.controller.refusals import Refusal

OF_THE_PLATFORM = (SERVICE_USER, ZONE, RECORD)


def check_type(catalogue: Catalogue, type_id: str) -> None:
    """Whether customers make such resources at all: an application's brands and offers are the provider's to make.

    Raises Refusal 403.
    """
    if type_id in catalogue.services:
        allowed = _is_inside(catalogue, type_id, [])
    else:
        allowed = any(catalogue.implements(type_id, each) for each in OF_THE_PLATFORM)
    if not allowed:
        raise _not_offered(catalogue, type_id)


def check(catalogue: Catalogue, db: sqlite3.Connection, type_id: str, subscription: str, instance: str) -> None:
    """Whether this subscription offers it, and one more of it. Raises Refusal 403."""
    query = "SELECT * FROM resources WHERE subscription = ? AND instance = ?"
    rows = db.execute(query, (subscription, instance)).fetchall() if subscription else []
    if not any(catalogue.implements(row["type"], SUBSCRIPTION_SERVICE) for row in rows):
        raise _not_offered(catalogue, type_id)
    service = catalogue.services[type_id][1]
    offered = records.properties(records.get(db, subscription)).get("offered")
    most = -1 if offered is None else offered.get(service, 0)
    most = -1 if most is None else most
    if most == 0:
        raise _not_offered(catalogue, type_id)
    if 0 < most <= sum(row["service"] == service for row in rows):
        raise Refusal(403, f"The subscription offers {most} of {service}, and they are there already.")


def _is_inside(catalogue: Catalogue, type_id: str, seen: list[str]) -> bool:
    """Whether such a resource cannot be without what the subscription has brought, as users cannot without a tenant."""
    seen.append(type_id)
    required = [one["type"] for one in catalogue.relations(type_id).values() if one.get("required")]
    known = [each for each in map(catalogue.known, required) if each in catalogue.services and each not in seen]
    return any(
        catalogue.implements(each, SUBSCRIPTION_SERVICE) or _is_inside(catalogue, each, seen)
        for each in known
        if each is not None
    )


def _not_offered(catalogue: Catalogue, type_id: str) -> Refusal:
    name = catalogue.services.get(type_id, ("", type_id))[1]
    return Refusal(403, f"The subscription does not offer {name}; that is the provider's to make.")
