"""OXResourceService: reading resources. Lists give full resources."""

from typing import Any

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import resource_to_read
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import resources

operations = Operations(("OXResourceService", "OXResellerResourceService"), require_context_admin)
Resources = list[dict[str, Any]]


@operations.reads("getData")
def get_data(call: Call) -> dict[str, Any]:
    return resources.to_wire(call.db, [resource_to_read(call.db, call.context_id, call.argument("res"))])[0]


@operations.reads("getMultipleData")
def get_multiple_data(call: Call) -> Resources:
    """One unknown resource fails the whole call."""
    if not call.argument("resources"):
        raise missing_argument()
    rows = [resource_to_read(call.db, call.context_id, resource) for resource in call.argument("resources")]
    return resources.to_wire(call.db, rows)


@operations.reads("list")
def list_resources(call: Call) -> Resources:
    """The pattern is matched with the name; as a whole and without wildcards also with the display name."""
    pattern = call.argument("pattern")
    if pattern is None:
        raise missing_argument()
    if not pattern:
        raise InvalidData("Invalid pattern!")
    text = folded(pattern)
    return _listed(call, "(name LIKE ? ESCAPE '\\' OR folded(display_name) = ?)", (as_like(text), text))


@operations.reads("listAll")
def list_all(call: Call) -> Resources:
    return _listed(call, "1", ())


def _listed(call: Call, condition: str, values: tuple[str, ...]) -> Resources:
    query = f"SELECT * FROM resource WHERE context_id = ? AND {condition} ORDER BY id"  # noqa: S608 - only conditions from the code
    return resources.to_wire(call.db, call.db.execute(query, (call.context_id, *values)).fetchall())
