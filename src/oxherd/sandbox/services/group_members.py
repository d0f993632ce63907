"""OXGroupService: members join and leave. They are named as users, by id or by name."""

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData
from oxherd.sandbox.services import Call, Operations, members
from oxherd.sandbox.services.lookup import group_of
from oxherd.sandbox.store import groups

operations = Operations(("OXGroupService", "OXResellerGroupService"), require_context_admin)


@operations.writes("addMember")
def add_member(call: Call) -> None:
    """All of them, or nobody when one is a member already."""
    row = group_of(call.db, call.context_id, call.argument("grp"))
    ids = members.ids_of(call, call.argument("members"))
    members.check_may_join(call, row["id"], ids)
    if groups.have_any_of(call.db, call.context_id, row["id"], ids):
        raise InvalidData("Member already exists in group")
    groups.add_members(call.db, call.context_id, row["id"], ids)


@operations.writes("removeMember")
def remove_member(call: Call) -> None:
    """Who is no member stays none, without a fault."""
    row = group_of(call.db, call.context_id, call.argument("grp"))
    ids = members.ids_of(call, call.argument("members"))
    groups.remove_members(call.db, call.context_id, row["id"], ids)
