"""Cloud API: contexts of a brand."""

import json
import re
import secrets
from typing import Any

from oxherd.sandbox import access
from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, route
from oxherd.sandbox.rest.cloud_brand import merge_theme
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services.contexts_create import create_context
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, contexts, resellers, themes
from oxherd.sandbox.store.restrictions import MAX_USER

DEFAULT_COMBINATION = "cloud_pim"
UNLIMITED = -1
_FORBIDDEN = re.compile(r"[a-zA-Z0-9$%.+@_-]")
Contexts = list[dict[str, Any]]


@route(CLOUD, "GET", "/contexts")
def list_contexts(asked: Asked) -> Contexts:
    """The pattern is applied to the full name."""
    pattern = asked.message.query.get("pattern") or "*"
    query = (
        "SELECT * FROM context WHERE folded_name LIKE :like ESCAPE '\\' "  # noqa: S608 - a condition from the code
        f"AND id IN ({resellers.WITHIN_REACH}) ORDER BY id"
    )
    values = {"like": as_like(folded(pattern)), "reseller": asked.brand["id"]}
    return told(asked, asked.db.execute(query, values).fetchall())


def told(asked: Asked, rows: list[Row]) -> Contexts:
    """What is not set is left out; by two queries, however many they are."""
    ids = [row["id"] for row in rows]
    looks = themes.of(asked.db, "context_id", ids)
    query = "SELECT context_id, restrictions FROM ownership WHERE context_id IN (SELECT value FROM json_each(?))"
    limits = {row[0]: json.loads(row[1]) for row in asked.db.execute(query, (json.dumps(ids),))}
    found = (
        {
            "name": row["name"],
            "maxQuota": row["max_quota"] if row["max_quota"] != UNLIMITED else None,
            "usedQuota": 0,
            "theme": looks.get(row["id"]),
            "maxUser": _without_admin(limits.get(row["id"], {}).get(MAX_USER)),
        }
        for row in rows
    )
    return [{name: value for name, value in each.items() if value is not None} for each in found]


@route(CLOUD, "POST", "/contexts")
def create(asked: Asked) -> dict[str, Any]:
    """What is not said of the admin is made up, since nobody may ever need it."""
    sent, name = asked.body, asked.body["name"]
    if forbidden := _FORBIDDEN.sub("", name):
        raise CloudRefusal(15, forbidden)
    context = {"name": name, "maxQuota": _quota(sent), "restriction": _limit(sent)}
    bits = access.from_combination(DEFAULT_COMBINATION)
    made = create_context(asked.with_arguments(ctx=context, admin_user=_admin(sent)), bits)
    if "theme" in sent:
        merge_theme(asked, "context_id", made["id"], sent["theme"])
    row = contexts.find(asked.db, made["id"])
    return told(asked, [row] if row is not None else [])[0]


def _admin(sent: dict[str, Any]) -> dict[str, Any]:
    login = sent.get("adminLogin") or f"admin-{secrets.token_hex(4)}"
    mail = sent.get("adminEmail") or f"{secrets.token_hex(4)}@admin.invalid"
    names = {"display_name": "Context Admin", "given_name": "Context", "sur_name": "Admin"}
    password = sent.get("adminPassword") or secrets.token_urlsafe(16)
    return {**names, "name": login, "password": password, "primaryEmail": mail, "email1": mail}


@route(CLOUD, "GET", "/contexts/{nameOrId}")
def get(asked: Asked) -> dict[str, Any]:
    row = asked.named_context(asked.values["nameOrId"])
    found = told(asked, [row])[0]
    owner = resellers.owner_of(asked.db, row["id"])
    if not asked.flag("includebrand") or owner is None:
        return found
    top = resellers.find(asked.db, owner["parent_id"]) if owner["parent_id"] else None
    return found | {"brandName": owner["name"]} | ({"toplevelBrandName": top["name"]} if top is not None else {})


@route(CLOUD, "PUT", "/contexts/{nameOrId}")
def change(asked: Asked) -> None:
    row, sent = asked.named_context(asked.values["nameOrId"]), asked.body
    if "maxQuota" in sent:
        contexts.update(asked.db, row["id"], max_quota=_quota(sent))
    if "maxUser" in sent:
        limits = resellers.limits_of_context(asked.db, row["id"]) | _limits(sent)
        resellers.change_ownership(asked.db, row["id"], restrictions=json.dumps(limits))
    if "theme" in sent:
        merge_theme(asked, "context_id", row["id"], sent["theme"])


@route(CLOUD, "DELETE", "/contexts/{nameOrId}")
def delete(asked: Asked) -> None:
    contexts.delete(asked.db, asked.named_context(asked.values["nameOrId"])["id"])


def _quota(sent: dict[str, Any]) -> int:
    """Raises CloudRefusal for what is not positive."""
    quota: int | None = sent.get("maxQuota")
    if quota is not None and quota <= 0:
        raise CloudRefusal(12)
    return UNLIMITED if quota is None else quota


def _limits(sent: dict[str, Any]) -> dict[str, str]:
    """The core counts the context admin, the API does not."""
    most: int | None = sent.get("maxUser")
    if most is not None and most < 0:
        raise CloudRefusal(5)
    return {} if most is None else {MAX_USER: str(most + 1)}


def _limit(sent: dict[str, Any]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in _limits(sent).items()]


def _without_admin(limit: str | None) -> int | None:
    return int(limit) - 1 if limit is not None and limit.isdecimal() else None
