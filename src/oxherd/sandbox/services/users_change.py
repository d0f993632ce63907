"""OXUserService: changes of users. Absent and nil fields are left alone; an empty text clears."""

import json
from typing import Any

from oxherd.sandbox import access, passwords, rules
from oxherd.sandbox.callers import require_context_admin, require_own_record, require_root
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.services import Call, Operations, capabilities, cloud_rules, limits
from oxherd.sandbox.services.lookup import user_of
from oxherd.sandbox.services.user_values import (
    check_form,
    check_name,
    check_unique,
    keep_fields,
    keep_photo,
    quota_columns,
)
from oxherd.sandbox.store import Row, contexts, users

operations = Operations(("OXUserService", "OXResellerUserService"), require_context_admin)


@operations.writes("change", require_own_record)
def change(call: Call) -> None:
    sent = call.argument("usrdata")
    row = user_of(call.db, call.context_id, sent)
    if row["guest"]:
        raise InvalidData(
            f"User to change (user id {row['id']} , context id {call.context_id}) is a guest user. "
            "Guests cannot be changed via provisioning."
        )
    rules.check_not_cleared(sent)
    check_form(sent, on_change=True)
    check_unique(call.db, call.settings, call.context_id, sent, but=row["id"])
    columns = _name(call, row, sent) | _password(sent) | quota_columns(row, sent)
    fields = json.loads(row["fields"])
    keep_fields(fields, sent)
    _check_primary(call, row, sent)
    aliases = _aliases(call, row, sent, fields)
    columns |= {"display_name": fields["display_name"], "primary_email": fields["primaryEmail"]}
    columns["attributes"] = contexts.merged_attributes(row["attributes"], sent.get("userAttributes"))
    cloud_rules.check_class_of_service(call.db, call.context_id, columns["attributes"])
    users.update(call.db, call.context_id, row["id"], **columns, fields=json.dumps(fields))
    if aliases is not None:
        cloud_rules.check_addresses(call.db, call.context_id, row["id"], aliases)
        users.replace_aliases(call.db, call.context_id, row["id"], aliases)
    keep_photo(call.db, call.context_id, row["id"], sent)


def _name(call: Call, row: Row, sent: dict[str, Any]) -> dict[str, Any]:
    name = sent.get("name")
    if not name or name == row["name"]:
        return {}
    if not call.settings.username_changeable and not cloud_rules.is_cloud(call.db, call.context_id):
        raise InvalidData("Changing username is disabled!")
    check_name(call.db, call.context_id, name)
    return {"name": name}


def _password(sent: dict[str, Any]) -> dict[str, Any]:
    if "password" in sent:
        mechanism = rules.mechanism(sent.get("passwordMech"))
        return {"password": passwords.hashed(sent["password"]), "mechanism": mechanism}
    if sent.get("passwordMech"):
        raise InvalidData("When changing password mechanism, the password string must also be supplied")
    return {}


def _check_primary(call: Call, row: Row, sent: dict[str, Any]) -> None:
    primary = sent.get("primaryEmail")
    if primary and not sent.get("email1"):
        raise InvalidData("email1 not sent but required!")
    if sent.get("email1") and sent["email1"] != (primary or row["primary_email"]):
        raise InvalidData("email1 not equal with primarymail!")
    if primary and primary != row["primary_email"] and call.settings.primary_mail_unchangeable:
        raise InvalidData("primary mail must not be changed")


def _aliases(call: Call, row: Row, sent: dict[str, Any], fields: dict[str, Any]) -> list[str] | None:
    """The list that replaces the old one; None where nothing about addresses was sent."""
    given = users.without_doubles(sent.get("aliases", ()))
    required = [fields[name] for name in ("primaryEmail", "email1", "defaultSenderAddress") if name in fields]
    if not given and not any(sent.get(name) for name in ("primaryEmail", "email1", "defaultSenderAddress")):
        return None
    aliases = given or users.aliases(call.db, call.context_id, row["id"])
    if row["id"] == contexts.ADMIN and not call.settings.admin_mail_checks:
        return aliases
    if not {rules.folded(address) for address in required} <= {rules.folded(address) for address in aliases}:
        raise InvalidData("primaryMail, Email1 and defaultSenderAddress must be present in set of aliases.")
    return aliases


@operations.writes("changeByModuleAccess")
def change_by_module_access(call: Call) -> None:
    row = user_of(call.db, call.context_id, call.argument("user"))
    change_access(call, row, access.from_flags(call.argument("moduleAccess")))


@operations.writes("changeByModuleAccessName")
def change_by_module_access_name(call: Call) -> None:
    row = user_of(call.db, call.context_id, call.argument("user"))
    change_access(call, row, access.from_combination(call.argument("access_combination_name")))


def change_access(call: Call, row: Row, bits: int) -> None:
    users.update(call.db, call.context_id, row["id"], access=bits)
    limits.check_users(call.db, call.context_id, bits, newcomer=False)


@operations.writes("changeModuleAccessGlobal", require_root)
def change_module_access_global(call: Call) -> None:
    """All users of all contexts; `filter` keeps it to those who have exactly these flags."""
    sent = (call.argument("addAccess"), call.argument("removeAccess"))
    if sent == (None, None):
        raise missing_argument()
    added, removed = (access.from_flags(flags) if flags is not None else 0 for flags in sent)
    wanted = access.from_filter(call.argument("filter"))
    query = "UPDATE user SET access = (access | ?) & ~? WHERE ? IS NULL OR access = ?"
    call.db.execute(query, (added, removed, wanted, wanted))


@operations.writes("changeCapabilities")
def change_capabilities(call: Call) -> None:
    row = user_of(call.db, call.context_id, call.argument("user"))
    users.update(call.db, call.context_id, row["id"], capabilities=capabilities.changed(row["capabilities"], call))


@operations.writes("changeMailAddressPersonal")
def change_mail_address_personal(call: Call) -> None:
    """The name that stands before the address in mails; empty or nil takes it away."""
    row = user_of(call.db, call.context_id, call.argument("user"))
    users.update(call.db, call.context_id, row["id"], personal=call.argument("personal") or None)
