"""OXContextService: contexts change and go. All of it needs the master login, or that of the reseller who owns them."""

import json
from typing import Any

from oxherd.sandbox import access, rules
from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import InvalidData, NoSuchFilestore, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, capabilities, limits
from oxherd.sandbox.services.contexts_create import mappings
from oxherd.sandbox.services.lookup import context_of
from oxherd.sandbox.services.owners import full_name, keep_own_values
from oxherd.sandbox.store import Row, contexts

operations = Operations(("OXContextService", "OXResellerContextService"), require_master)
QUOTA_MODULES = ("calendar", "task", "contact", "infostore", "attachment", "invite_guests", "share_links")
QUOTA_LIMIT = 4294967295


@operations.writes("change")
def change(call: Call) -> None:
    row = context_of(call)
    sent = call.argument("ctx")
    name = full_name(call, sent["name"]) if sent.get("name") else row["name"]
    if rules.folded(name) != row["folded_name"] and contexts.find_named(call.db, name) is not None:
        raise InvalidData(f"Context {name} already exists!")
    _change_mappings(call, row, sent, name)
    attributes = contexts.merged_attributes(row["attributes"], sent.get("userAttributes"))
    columns: dict[str, Any] = {"name": name, "attributes": attributes}
    columns |= {"max_quota": sent["maxQuota"]} if "maxQuota" in sent else {}
    columns |= {"gab_mode": sent["gabMode"] or None} if "gabMode" in sent else {}
    contexts.update(call.db, row["id"], **columns)
    if call.for_resellers:
        keep_own_values(call, row["id"], sent)


def _change_mappings(call: Call, row: Row, sent: dict[str, Any], name: str) -> None:
    """A list that is given replaces the old one; a new name takes the place of the old one."""
    given = "loginMappings" in sent
    if not given and name == row["name"]:
        return
    kept = [] if given else contexts.mappings(call.db, row["id"])
    others = [login for login in kept if rules.folded(login) != row["folded_name"]]
    logins = [*mappings(sent, [str(row["id"]), name]), *others]
    for login in logins:
        if contexts.mapping_owner(call.db, login) not in (None, row["id"]):
            raise Storage(f'A mapping with login info "{login}" already exists in the system!')
    contexts.replace_mappings(call.db, row["id"], logins)


@operations.writes("delete")
def delete(call: Call) -> None:
    contexts.delete(call.db, context_of(call)["id"])


@operations.writes("downgrade")
def downgrade(call: Call) -> None:
    """Drops what the flags no longer allow; the stand-in holds nothing of that kind."""
    context_of(call)


@operations.writes("changeModuleAccess")
def change_module_access(call: Call) -> None:
    """For every user of the context."""
    row = context_of(call)
    _change_access(call, row, access.from_flags(call.argument("access")))


@operations.writes("changeModuleAccessByName")
def change_module_access_by_name(call: Call) -> None:
    row = context_of(call)
    _change_access(call, row, access.from_combination(call.argument("access_combination_name")))


def _change_access(call: Call, row: Row, bits: int) -> None:
    call.db.execute("UPDATE user SET access = ? WHERE context_id = ?", (bits, row["id"]))
    limits.check_users(call.db, row["id"], bits, newcomer=False)


@operations.writes("changeCapabilities")
def change_capabilities(call: Call) -> None:
    row = context_of(call)
    contexts.update(call.db, row["id"], capabilities=capabilities.changed(row["capabilities"], call))


@operations.writes("changeQuota")
def change_quota(call: Call) -> None:
    """`quotaValue` is text, 0 to 4294967295; a negative one deletes the limit."""
    row = context_of(call)
    module, value = call.argument("module"), call.argument("quotaValue")
    if not module or value is None:
        raise missing_argument()
    if module not in QUOTA_MODULES:
        raise InvalidData(f"Unknown module: {module}. Use one of the following: {', '.join(QUOTA_MODULES)}")
    quotas: dict[str, int] = json.loads(row["quotas"])
    quotas.pop(module, None)
    limit = _quota_value(value)
    quotas |= {module: limit} if limit >= 0 else {}
    contexts.update(call.db, row["id"], quotas=json.dumps(quotas))


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
    row = context_of(call)
    filestore_id: int = (call.argument("dst_filestore_id") or {}).get("id", 0)
    if not filestore_id:
        raise missing_argument()
    if contexts.filestore(call.db, filestore_id) is None:
        raise NoSuchFilestore(f"No such filestore {filestore_id}")
    contexts.update(call.db, row["id"], filestore_id=filestore_id)
    return contexts.add_job(call.db, row["id"], "movefilestore")


@operations.writes("moveContextDatabase")
def move_context_database(call: Call) -> int:
    row = context_of(call)
    sent = call.argument("dst_database_id")
    if not sent:
        raise missing_argument()
    database = contexts.database(call.db, sent.get("id"), sent.get("name"))
    if database is None:
        raise Storage(f"No such database {sent.get('id') or sent.get('name')}")
    contexts.update(call.db, row["id"], database_id=database["id"])
    return contexts.add_job(call.db, row["id"], "movedatabase")
