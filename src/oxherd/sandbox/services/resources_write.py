"""OXResourceService: resources come, change and go."""

from typing import Any

from oxherd.sandbox import rules
from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import resource_of
from oxherd.sandbox.services.permissions import checked_permissions
from oxherd.sandbox.services.user_values import check_primary_email
from oxherd.sandbox.store import contexts, resources

operations = Operations(("OXResourceService", "OXResellerResourceService"), require_context_admin)
COLUMNS = {
    "name": "name",
    "displayname": "display_name",
    "email": "email",
    "description": "description",
    "available": "available",
}


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Answers the object as sent, with its id. Names and addresses are looked for before anything else is checked."""
    sent = call.argument("res")
    if sent is None or sent.get("name") is None:
        raise missing_argument()
    _check_free(call, sent, but=0)
    rules.check_mandatory(sent, rules.RESOURCE_MANDATORY)
    _check_form(sent)
    permissions = checked_permissions(call, sent.get("permissions", []))
    resource_id = contexts.take_id(call.db, call.context_id)
    resources.insert(call.db, context_id=call.context_id, id=resource_id, **_columns(sent))
    resources.replace_permissions(call.db, call.context_id, resource_id, permissions)
    return {**sent, "id": resource_id}


@operations.writes("change")
def change(call: Call) -> None:
    """Absent fields are left alone, permissions too; an empty text clears the description."""
    sent = call.argument("res")
    row = resource_of(call.db, call.context_id, sent, unknown="Resource with this id does not exists")
    rules.check_not_cleared(sent, rules.RESOURCE_MANDATORY)
    _check_free(call, sent, but=row["id"])
    _check_form(sent)
    if "permissions" in sent:
        permissions = checked_permissions(call, sent["permissions"])
        resources.replace_permissions(call.db, call.context_id, row["id"], permissions)
    resources.update(call.db, call.context_id, row["id"], **_columns(sent))


@operations.writes("delete")
def delete(call: Call) -> None:
    unknown = "Resource with this id does not exist"
    row = resource_of(call.db, call.context_id, call.argument("res"), unknown=unknown)
    resources.delete(call.db, call.context_id, row["id"])


def _check_free(call: Call, sent: dict[str, Any], *, but: int) -> None:
    """Name and address of no other resource, and the address not the primary one of a user."""
    name, address = sent.get("name"), sent.get("email")
    owner = resources.find_named(call.db, call.context_id, name) if name else None
    if owner is not None and owner["id"] != but:
        raise InvalidData(f"Resource {name} already exists in this context")
    if address and resources.id_with_email(call.db, call.context_id, address) not in (None, but):
        raise InvalidData("Resource with this email address already exists")
    check_primary_email(call.db, call.context_id, address, but=0)


def _check_form(sent: dict[str, Any]) -> None:
    if "name" in sent:
        rules.check_resource_name(sent["name"])
    if "email" in sent and not rules.is_address(sent["email"]):
        raise InvalidData("Invalid email address")


def _columns(sent: dict[str, Any]) -> dict[str, Any]:
    columns = {column: sent[name] for name, column in COLUMNS.items() if name in sent}
    return columns | ({"description": sent["description"] or None} if "description" in sent else {})
