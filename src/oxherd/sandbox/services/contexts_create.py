"""OXContextService: new contexts.

A reseller's get their ids from the server and their names the reseller's login in front, as OX Cloud has it.
"""

from typing import Any

from oxherd.sandbox import access, rules
from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import ContextExists, InvalidData, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, limits
from oxherd.sandbox.services.contexts_read import answered
from oxherd.sandbox.services.owners import full_name, keep_own_values
from oxherd.sandbox.services.user_values import check_form, insert_user
from oxherd.sandbox.store import Row, contexts, groups, resellers

operations = Operations(("OXContextService", "OXResellerContextService"), require_master)
DEFAULT_FILESTORE = 1
DEFAULT_DATABASE = 1


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Without flags the combination of NEW_CONTEXT_DEFAULT_ACCESS_COMBINATION_NAME."""
    return create_context(call, access.from_combination(access.NEW_CONTEXT_COMBINATION))


@operations.writes("createModuleAccess")
def create_module_access(call: Call) -> dict[str, Any]:
    return create_context(call, access.from_flags(call.argument("access")))


@operations.writes("createModuleAccessByName")
def create_module_access_by_name(call: Call) -> dict[str, Any]:
    return create_context(call, access.from_combination(call.argument("access_combination_name")))


def create_context(call: Call, bits: int) -> dict[str, Any]:
    sent, admin = call.argument("ctx"), call.argument("admin_user")
    if sent is None or admin is None:
        raise missing_argument()
    if call.for_resellers:
        sent = {**sent, "id": contexts.new_id(call.db)}
    sent = {**sent, "name": full_name(call, sent.get("name") or str(sent.get("id", "")))}
    _check_new(call, sent, admin)
    row = _insert(call, sent)
    groups.insert(call.db, row["id"], contexts.DEFAULT_GROUP, "users", _group_name(admin))
    insert_user(call.db, row, contexts.ADMIN, admin, bits)
    if call.for_resellers:
        _own(call, row, sent, bits)
    return answered(call, [row])[0]


def _own(call: Call, row: Row, sent: dict[str, Any], bits: int) -> None:
    resellers.own(call.db, row["id"], call.reseller["id"] if call.reseller is not None else None)
    keep_own_values(call, row["id"], sent)
    if call.reseller is not None:
        limits.check_new_context(call.db, call.reseller, bits)


def _check_new(call: Call, sent: dict[str, Any], admin: dict[str, Any]) -> None:
    if sent.get("id") == 0:
        raise InvalidData("The context identifier 0 is not allowed!")
    if absent := [name for name in ("id", "maxQuota") if sent.get(name) is None]:
        raise InvalidData(f"Mandatory fields in context not set: [{', '.join(absent)}]")
    rules.check_mandatory(admin, subject="in admin user ")
    if admin["primaryEmail"] != admin["email1"]:
        raise InvalidData("primarymail must have the same value as email1")
    rules.check_user_name(admin["name"])
    check_form(admin, on_change=False)
    if contexts.find(call.db, sent["id"]) is not None:
        raise ContextExists(f"Context {sent['id']} already exists!")
    if contexts.find_named(call.db, sent["name"]) is not None:
        raise ContextExists(f"Context {sent['name']} already exists!")


def _insert(call: Call, sent: dict[str, Any]) -> Row:
    context_id, name = sent["id"], sent["name"]
    logins = mappings(sent, [str(context_id), name])
    for login in logins:
        if contexts.mapping_owner(call.db, login) is not None:
            raise Storage(f"Cannot map '{login}' to the newly created context. This mapping is already in use.")
    contexts.insert(
        call.db,
        id=context_id,
        name=name,
        max_quota=sent["maxQuota"],
        filestore_id=_filestore_id(call, sent),
        database_id=DEFAULT_DATABASE,
        gab_mode=sent.get("gabMode"),
        attributes=contexts.merged_attributes("{}", sent.get("userAttributes")),
    )
    contexts.replace_mappings(call.db, context_id, logins)
    found = contexts.find(call.db, context_id)
    if found is None:
        raise Storage(f"Context {context_id} is gone")
    return found


def mappings(sent: dict[str, Any], kept: list[str]) -> list[str]:
    """Id and name are always mapped; only what is sent must pass the check of characters."""
    given = [login for login in sent.get("loginMappings", ()) if login]
    for login in given:
        rules.check_login_mapping(login)
    return [*kept, *given]


def _filestore_id(call: Call, sent: dict[str, Any]) -> int:
    filestore_id: int = sent.get("filestoreId") or DEFAULT_FILESTORE
    if contexts.filestore(call.db, filestore_id) is None:
        raise Storage(f"No such filestore {filestore_id}")
    return filestore_id


def _group_name(admin: dict[str, Any]) -> str:
    return "Standardgruppe" if (admin.get("language") or "").startswith("de") else "Standard group"
