"""OXContextService: contexts come, change and go. All of it needs the master login."""

import json
from typing import Any

from oxherd.sandbox import access, rules
from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import ContextExists, InvalidData, NoSuchFilestore, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, capabilities
from oxherd.sandbox.services.lookup import context_of
from oxherd.sandbox.services.user_values import check_form, insert_user
from oxherd.sandbox.store import Row, contexts, groups

operations = Operations("OXContextService", require_master)
DEFAULT_FILESTORE = 1
DEFAULT_DATABASE = 1
QUOTA_MODULES = ("calendar", "task", "contact", "infostore", "attachment", "invite_guests", "share_links")
QUOTA_LIMIT = 4294967295


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Without flags the combination of NEW_CONTEXT_DEFAULT_ACCESS_COMBINATION_NAME."""
    return _create(call, access.from_combination(access.NEW_CONTEXT_COMBINATION))


@operations.writes("createModuleAccess")
def create_module_access(call: Call) -> dict[str, Any]:
    return _create(call, access.from_flags(call.argument("access")))


@operations.writes("createModuleAccessByName")
def create_module_access_by_name(call: Call) -> dict[str, Any]:
    return _create(call, access.from_combination(call.argument("access_combination_name")))


def _create(call: Call, bits: int) -> dict[str, Any]:
    sent, admin = call.argument("ctx"), call.argument("admin_user")
    if sent is None or admin is None:
        raise missing_argument()
    _check_new(call, sent, admin)
    row = _insert(call, sent)
    groups.insert(call.db, row["id"], contexts.DEFAULT_GROUP, "users", _group_name(admin))
    insert_user(call.db, row, contexts.ADMIN, admin, bits)
    return contexts.to_wire(call.db, row)


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
    if sent.get("name") and contexts.find_named(call.db, sent["name"]) is not None:
        raise ContextExists(f"Context {sent['name']} already exists!")


def _insert(call: Call, sent: dict[str, Any]) -> Row:
    context_id = sent["id"]
    name = sent.get("name") or str(context_id)
    logins = _mappings(sent, [str(context_id), name])
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
    return context_of(call.db, {"id": context_id})


def _mappings(sent: dict[str, Any], kept: list[str]) -> list[str]:
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


@operations.writes("change")
def change(call: Call) -> None:
    sent = call.argument("ctx")
    row = context_of(call.db, sent)
    name = sent.get("name") or row["name"]
    if rules.folded(name) != row["folded_name"] and contexts.find_named(call.db, name) is not None:
        raise InvalidData(f"Context {name} already exists!")
    _change_mappings(call, row, sent, name)
    attributes = contexts.merged_attributes(row["attributes"], sent.get("userAttributes"))
    columns: dict[str, Any] = {"name": name, "attributes": attributes}
    columns |= {"max_quota": sent["maxQuota"]} if "maxQuota" in sent else {}
    columns |= {"gab_mode": sent["gabMode"] or None} if "gabMode" in sent else {}
    contexts.update(call.db, row["id"], **columns)


def _change_mappings(call: Call, row: Row, sent: dict[str, Any], name: str) -> None:
    """A list that is given replaces the old one; a new name takes the place of the old one."""
    given = "loginMappings" in sent
    if not given and name == row["name"]:
        return
    kept = [] if given else contexts.mappings(call.db, row["id"])
    others = [login for login in kept if rules.folded(login) != row["folded_name"]]
    logins = [*_mappings(sent, [str(row["id"]), name]), *others]
    for login in logins:
        if contexts.mapping_owner(call.db, login) not in (None, row["id"]):
            raise Storage(f'A mapping with login info "{login}" already exists in the system!')
    contexts.replace_mappings(call.db, row["id"], logins)


@operations.writes("delete")
def delete(call: Call) -> None:
    contexts.delete(call.db, context_of(call.db, call.argument("ctx"))["id"])


@operations.writes("downgrade")
def downgrade(call: Call) -> None:
    """Drops what the flags no longer allow; the stand-in holds nothing of that kind."""
    context_of(call.db, call.argument("ctx"))


@operations.writes("changeModuleAccess")
def change_module_access(call: Call) -> None:
    """For every user of the context."""
    row = context_of(call.db, call.argument("ctx"))
    bits = access.from_flags(call.argument("access"))
    call.db.execute("UPDATE user SET access = ? WHERE context_id = ?", (bits, row["id"]))


@operations.writes("changeModuleAccessByName")
def change_module_access_by_name(call: Call) -> None:
    row = context_of(call.db, call.argument("ctx"))
    bits = access.from_combination(call.argument("access_combination_name"))
    call.db.execute("UPDATE user SET access = ? WHERE context_id = ?", (bits, row["id"]))


@operations.writes("changeCapabilities")
def change_capabilities(call: Call) -> None:
    row = context_of(call.db, call.argument("ctx"))
    contexts.update(call.db, row["id"], capabilities=capabilities.changed(row["capabilities"], call))


@operations.writes("changeQuota")
def change_quota(call: Call) -> None:
    """`quotaValue` is text, 0 to 4294967295; a negative one deletes the limit."""
    row = context_of(call.db, call.argument("ctx"))
    module, value = call.argument("module"), call.argument("quotaValue")
    if not module or value is None:
        raise missing_argument()
    if module not in QUOTA_MODULES:
        raise InvalidData(f"Unknown module: {module}. Use one of the following: {', '.join(QUOTA_MODULES)}")
    limits: dict[str, int] = json.loads(row["quotas"])
    limits.pop(module, None)
    limit = _quota_value(value)
    limits |= {module: limit} if limit >= 0 else {}
    contexts.update(call.db, row["id"], quotas=json.dumps(limits))


def _quota_value(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise InvalidData(f"Invalid quota value: {text}") from None
    if value > QUOTA_LIMIT:
        raise InvalidData(f"Quota value is out of range (allowed is 0 to {QUOTA_LIMIT}): {text}")
    return value


@operations.writes("moveContextFilestore")
def move_context_filestore(call: Call) -> int:
    row = context_of(call.db, call.argument("ctx"))
    filestore_id: int = (call.argument("dst_filestore_id") or {}).get("id", 0)
    if not filestore_id:
        raise missing_argument()
    if contexts.filestore(call.db, filestore_id) is None:
        raise NoSuchFilestore(f"No such filestore {filestore_id}")
    contexts.update(call.db, row["id"], filestore_id=filestore_id)
    return contexts.next_job(call.db)


@operations.writes("moveContextDatabase")
def move_context_database(call: Call) -> int:
    row = context_of(call.db, call.argument("ctx"))
    sent = call.argument("dst_database_id")
    if not sent:
        raise missing_argument()
    database = contexts.database(call.db, sent.get("id"), sent.get("name"))
    if database is None:
        raise Storage(f"No such database {sent.get('id') or sent.get('name')}")
    contexts.update(call.db, row["id"], database_id=database["id"])
    return contexts.next_job(call.db)
