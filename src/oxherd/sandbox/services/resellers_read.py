"""OXResellerService: reading resellers. One of them sees those right below it, and itself only by `getSelfData`."""

from typing import Any

from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import InvalidCredentials, InvalidData, ResellerTrouble, Storage, missing_argument
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import reseller_named
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row, contexts, resellers, restrictions

operations = Operations(("OXResellerService",), require_master)
Resellers = list[dict[str, Any]]


@operations.reads("list")
def list_resellers(call: Call) -> Resellers:
    """The pattern is matched with name or number."""
    pattern = call.argument("search_pattern")
    if pattern is None:
        raise missing_argument()
    parent_id = call.reseller["id"] if call.reseller is not None else None
    rows = resellers.listed(call.db, as_like(folded(pattern)), parent_id)
    return [resellers.to_wire(call.db, row) for row in rows]


@operations.reads("getData")
def get_data(call: Call) -> dict[str, Any]:
    if call.argument("adm") is None:
        raise missing_argument()
    return resellers.to_wire(call.db, _visible(call, call.argument("adm")))


@operations.reads("getMultipleData")
def get_multiple_data(call: Call) -> Resellers:
    """One unknown reseller fails the whole call."""
    if not call.argument("admins"):
        raise missing_argument()
    return [resellers.to_wire(call.db, _visible(call, named)) for named in call.argument("admins")]


def _visible(call: Call, named: dict[str, Any]) -> Row:
    if not named.get("id") and named.get("name") is None:
        raise InvalidData("either ID or name must be specified.")
    found = reseller_named(call.db, named)
    if found is None or (call.reseller is not None and found["parent_id"] != call.reseller["id"]):
        raise ResellerTrouble(f"Reseller admin does not exist: {named.get('name') or named.get('id')}")
    return found


@operations.reads("getSelfData")
def get_self_data(call: Call) -> dict[str, Any]:
    """For a reseller: itself, and those right below it."""
    named = {"id": call.argument("adminId"), "name": call.argument("adminName")}
    if not named["id"] and named["name"] is None:
        raise InvalidData("Either ID or name must be specified")
    found = reseller_named(call.db, named)
    if found is None:
        key = f"id={named['id']}" if named["id"] else f"name={named['name']}"
        raise Storage(f"unable to get data of reseller admin: {key}")
    if call.reseller is not None and call.reseller["id"] not in (found["id"], found["parent_id"]):
        raise InvalidCredentials("authentication failed")
    return resellers.to_wire(call.db, found)


@operations.reads("getAvailableRestrictions")
def get_available_restrictions(call: Call) -> Resellers:
    known = restrictions.known(call.db)
    if not known:
        raise ResellerTrouble("Unable to load available restrictions from database")
    return [{"name": name, "id": number} for name, number in known.items()]


@operations.reads("getRestrictionsFromContext")
def get_restrictions_from_context(call: Call) -> Resellers:
    """The context goes by its id alone."""
    context_id = (call.argument("ctx") or {}).get("id")
    if not context_id:
        raise missing_argument()
    if call.reseller is not None and not resellers.reaches(call.db, call.reseller, context_id):
        raise ResellerTrouble(f"ContextID {context_id} does not belong to {call.reseller['name']}")
    if contexts.find(call.db, context_id) is None:
        raise InvalidCredentials("Authentication failed")
    return restrictions.to_wire(call.db, resellers.limits_of_context(call.db, context_id))
