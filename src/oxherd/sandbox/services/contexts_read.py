"""OXContextService: reading contexts. Lists give full contexts."""

import json
from typing import Any

from oxherd.sandbox import access, rules
from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import InvalidData, NoSuchDatabase, NoSuchFilestore, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, capabilities
from oxherd.sandbox.services.lookup import check_within_reach, context_of
from oxherd.sandbox.services.patterns import as_like, limits
from oxherd.sandbox.store import Row, contexts, resellers, users

operations = Operations(("OXContextService", "OXResellerContextService"), require_master)
Contexts = list[dict[str, Any]]
MATCHES = (
    "(folded_name LIKE :like ESCAPE '\\' OR CAST(id AS TEXT) LIKE :like ESCAPE '\\' OR EXISTS (SELECT 1 "
    "FROM login_mapping WHERE context_id = context.id AND folded LIKE :like ESCAPE '\\'))"
)


@operations.reads("getData")
def get_data(call: Call) -> dict[str, Any]:
    return answered(call, [context_of(call)])[0]


def answered(call: Call, rows: list[Row]) -> Contexts:
    """As the service has them: those for resellers also tell who owns a context, and its limits."""
    found = contexts.to_wire(call.db, rows)
    return resellers.with_owners(call.db, found, call.settings.master_login) if call.for_resellers else found


@operations.reads("exists")
@operations.reads("existsInServer")
def exists(call: Call) -> bool:
    """There is one server, so both are the same."""
    context = call.argument("ctx")
    if context is None:
        raise missing_argument()
    context_id, name = context.get("id"), context.get("name")
    if not context_id and not name:
        raise InvalidData("One contextobject has no contextid or contextname")
    found = contexts.find(call.db, context_id) if context_id else contexts.find_named(call.db, name)
    if found is not None:
        check_within_reach(call, found)
    return found is not None


@operations.reads("getAdminId")
def get_admin_id(call: Call) -> int:
    context_of(call)
    return contexts.ADMIN


@operations.reads("getContextCapabilities")
def get_context_capabilities(call: Call) -> str:
    return capabilities.text(context_of(call)["capabilities"])


@operations.reads("getModuleAccess")
def get_module_access(call: Call) -> dict[str, Any]:
    return access.to_flags(_admin(call)["access"])


@operations.reads("getAccessCombinationName")
def get_access_combination_name(call: Call) -> str | None:
    return access.combination_name(_admin(call)["access"])


def _admin(call: Call) -> Row:
    """The flags of a context are those of its admin."""
    row = context_of(call)
    admin = users.find(call.db, row["id"], contexts.ADMIN)
    if admin is None:
        raise Storage(f"Context {row['id']} has no admin")
    return admin


@operations.reads("listQuota")
def list_quota(call: Call) -> Contexts | dict[str, Contexts]:
    """The service for resellers has an array of its own around them."""
    quotas: dict[str, int] = json.loads(context_of(call)["quotas"])
    found = [{"module": module, "limit": limit} for module, limit in quotas.items()]
    return {"item": found} if call.for_resellers else found


@operations.reads("list")
def list_contexts(call: Call) -> Contexts:
    """The pattern is matched with name, mapping or number."""
    return _listed(call, MATCHES, like=_pattern(call))


@operations.reads("listAll")
def list_all(call: Call) -> Contexts:
    return _listed(call, "1")


@operations.reads("listByDatabase")
def list_by_database(call: Call) -> Contexts:
    return _listed(call, "database_id = :database", database=_database_id(call))


@operations.reads("listByFilestore")
def list_by_filestore(call: Call) -> Contexts:
    return _listed(call, "filestore_id = :filestore", filestore=_filestore_id(call))


@operations.reads("listPage")
def list_page(call: Call) -> Contexts:
    return _listed(call, MATCHES, like=_pattern(call), **_page(call))


@operations.reads("listPageAll")
def list_page_all(call: Call) -> Contexts:
    return _listed(call, "1", **_page(call))


@operations.reads("listPageByDatabase")
def list_page_by_database(call: Call) -> Contexts:
    return _listed(call, "database_id = :database", database=_database_id(call), **_page(call))


@operations.reads("listPageByFilestore")
def list_page_by_filestore(call: Call) -> Contexts:
    return _listed(call, "filestore_id = :filestore", filestore=_filestore_id(call), **_page(call))


def _listed(call: Call, condition: str, *, length: int = -1, offset: int = 0, **values: str | int) -> Contexts:
    """A reseller sees its own, and those of the resellers right below it."""
    own = f"AND id IN ({resellers.WITHIN_REACH})" if call.reseller is not None else ""
    query = f"SELECT * FROM context WHERE {condition} {own} ORDER BY id LIMIT :length OFFSET :offset"  # noqa: S608 - only conditions from the code
    reseller_id = call.reseller["id"] if call.reseller is not None else 0
    values |= {"length": length, "offset": offset, "reseller": reseller_id}
    return answered(call, call.db.execute(query, values).fetchall())


def _pattern(call: Call) -> str:
    pattern = call.argument("search_pattern")
    if pattern is None:
        raise InvalidData("Search pattern is null")
    return as_like(rules.folded(pattern))


def _page(call: Call) -> dict[str, int]:
    """Offset and length are texts here."""
    numbers = {}
    for name in ("offset", "length"):
        text = call.argument(name)
        try:
            numbers[name] = int(text) if text else None
        except ValueError:
            raise InvalidData(f"Invalid {name}: {text}") from None
    length, offset = limits(numbers["length"], numbers["offset"])
    return {"length": length, "offset": offset}


def _database_id(call: Call) -> int:
    sent = call.argument("db")
    if not sent:
        raise missing_argument()
    row = contexts.database(call.db, sent.get("id"), sent.get("name"))
    if row is None:
        raise NoSuchDatabase(f"No such database {sent.get('id') or sent.get('name')}")
    return int(row["id"])


def _filestore_id(call: Call) -> int:
    filestore_id: int = (call.argument("fs") or {}).get("id", 0)
    if not filestore_id:
        raise missing_argument()
    if contexts.filestore(call.db, filestore_id) is None:
        raise NoSuchFilestore(f"No such filestore {filestore_id}")
    return filestore_id
