"""OXGroupService: reading groups. Lists give full groups, while members and the default group are but ids."""

from typing import Any

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import NoSuchUser, missing_argument
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import group_of, group_to_read, user_of
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import contexts, groups, users

operations = Operations(("OXGroupService", "OXResellerGroupService"), require_context_admin)
Groups = list[dict[str, Any]]


@operations.reads("getData")
def get_data(call: Call) -> dict[str, Any]:
    return groups.to_wire(call.db, [group_to_read(call.db, call.context_id, call.argument("grp"))])[0]


@operations.reads("getMultipleData")
def get_multiple_data(call: Call) -> Groups:
    """One unknown group fails the whole call."""
    if not call.argument("grps"):
        raise missing_argument()
    rows = [group_to_read(call.db, call.context_id, group) for group in call.argument("grps")]
    return groups.to_wire(call.db, rows)


@operations.reads("getDefaultGroup")
def get_default_group(_: Call) -> dict[str, Any]:
    return {"id": contexts.DEFAULT_GROUP}


@operations.reads("getMembers")
def get_members(call: Call) -> list[dict[str, Any]]:
    row = group_of(call.db, call.context_id, call.argument("grp"))
    return [{"id": user_id} for user_id in groups.to_wire(call.db, [row])[0]["members"]]


@operations.reads("list")
def list_groups(call: Call) -> Groups:
    """The pattern is matched with name or display name, without regard to case; an empty one finds nothing."""
    pattern = call.argument("pattern")
    if pattern is None:
        raise missing_argument()
    like = as_like(folded(pattern))
    return _listed(call, "(name LIKE ? ESCAPE '\\' OR folded(display_name) LIKE ? ESCAPE '\\')", (like, like))


@operations.reads("listAll")
def list_all(call: Call) -> Groups:
    return _listed(call, "1", ())


@operations.reads("listGroupsForUser")
def list_groups_for_user(call: Call) -> Groups:
    sent = call.argument("usr")
    if sent and sent.get("id") and users.find(call.db, call.context_id, sent["id"]) is None:
        raise NoSuchUser("No such user")
    row = user_of(call.db, call.context_id, sent)
    return groups.to_wire(call.db, groups.of_user(call.db, call.context_id, row["id"]))


def _listed(call: Call, condition: str, values: tuple[str, ...]) -> Groups:
    query = f"SELECT * FROM groups WHERE context_id = ? AND {condition} ORDER BY id"  # noqa: S608 - only conditions from the code
    return groups.to_wire(call.db, call.db.execute(query, (call.context_id, *values)).fetchall())
