"""OXUserService: reading users. Lists give nothing but ids."""

from typing import Any

from oxherd.sandbox import access, rules
from oxherd.sandbox.callers import require_context_admin, require_own_record
from oxherd.sandbox.faults import InvalidData, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, capabilities
from oxherd.sandbox.services.lookup import record_of, user_of
from oxherd.sandbox.services.patterns import as_glob, as_like, limits
from oxherd.sandbox.store import contexts, users

operations = Operations(("OXUserService", "OXResellerUserService"), require_context_admin)
Users = list[dict[str, Any]]


@operations.reads("getData", require_own_record)
def get_data(call: Call) -> dict[str, Any]:
    return users.to_wire(call.db, record_of(call.db, call.context_id, call.argument("user")))


@operations.reads("getMultipleData")
def get_multiple_data(call: Call) -> Users:
    if not call.argument("users"):
        raise InvalidData("User array is empty")
    return [users.to_wire(call.db, record_of(call.db, call.context_id, user)) for user in call.argument("users")]


@operations.reads("getContextAdmin")
def get_context_admin(call: Call) -> dict[str, Any]:
    admin = users.find(call.db, call.context_id, contexts.ADMIN)
    if admin is None:
        raise Storage(f"Context {call.context_id} has no admin")
    return users.to_wire(call.db, admin)


@operations.reads("exists")
def exists(call: Call) -> bool:
    """By id, else by name, else by display name."""
    user = call.argument("user")
    if user is None:
        raise missing_argument()
    if user.get("id"):
        return users.find(call.db, call.context_id, user["id"]) is not None
    if user.get("name"):
        return users.find_named(call.db, call.context_id, user["name"]) is not None
    if user.get("display_name"):
        return users.id_with_display_name(call.db, call.context_id, user["display_name"]) is not None
    raise InvalidData("Neither identifier, name nor display name set in given user object")


@operations.reads("getModuleAccess")
def get_module_access(call: Call) -> dict[str, Any]:
    return access.to_flags(user_of(call.db, call.context_id, call.argument("user"))["access"])


@operations.reads("getAccessCombinationName")
def get_access_combination_name(call: Call) -> str | None:
    return access.combination_name(user_of(call.db, call.context_id, call.argument("user"))["access"])


@operations.reads("getUserCapabilities")
def get_user_capabilities(call: Call) -> str:
    """Those of the context, as the user's own alter them."""
    row = user_of(call.db, call.context_id, call.argument("user"))
    context = contexts.find(call.db, call.context_id)
    return capabilities.text(context["capabilities"] if context else "{}", row["capabilities"])


@operations.reads("list")
def list_users(call: Call) -> Users:
    """The pattern is matched with the login, minding case, or with the display name."""
    pattern = _pattern(call)
    condition = "(name GLOB ? OR folded_display_name LIKE ? ESCAPE '\\')"
    return _listed(call, condition, (as_glob(pattern), as_like(rules.folded(pattern))))


@operations.reads("listCaseInsensitive")
def list_case_insensitive(call: Call) -> Users:
    pattern = as_like(rules.folded(_pattern(call)))
    condition = "(folded_name LIKE ? ESCAPE '\\' OR folded_display_name LIKE ? ESCAPE '\\')"
    return _listed(call, condition, (pattern, pattern))


@operations.reads("listAll")
def list_all(call: Call) -> Users:
    return _listed(call, "1", ())


@operations.reads("listByAliasDomain")
def list_by_alias_domain(call: Call) -> Users:
    domain = call.argument("alias_domain")
    if not domain:
        raise missing_argument()
    query = "SELECT DISTINCT user_id FROM alias WHERE context_id = ? AND domain = ? ORDER BY user_id LIMIT ? OFFSET ?"
    page = limits(call.argument("length"), call.argument("offset"))
    rows = call.db.execute(query, (call.context_id, rules.folded(domain).lstrip("@"), *page))
    return [{"id": row[0]} for row in rows]


def _pattern(call: Call) -> str:
    """An empty pattern counts as `*`; none at all is a fault."""
    pattern: str | None = call.argument("search_pattern")
    if pattern is None:
        raise missing_argument()
    return pattern or "*"


def _listed(call: Call, condition: str, values: tuple[str, ...]) -> Users:
    kinds = [0] * (not call.argument("exclude_users")) + [1] * bool(call.argument("include_guests"))
    guests = f"guest IN ({', '.join(map(str, kinds))})"
    query = f"SELECT id FROM user WHERE context_id = ? AND {guests} AND {condition} ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608 - only conditions from the code
    page = limits(call.argument("length"), call.argument("offset"))
    return [{"id": row[0]} for row in call.db.execute(query, (call.context_id, *values, *page))]
