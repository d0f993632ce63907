"""OXGroupService: groups come, change and go."""

from typing import Any

from oxherd.sandbox import rules
from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.services import Call, Operations, members
from oxherd.sandbox.services.lookup import group_of
from oxherd.sandbox.store import Row, contexts, groups

operations = Operations(("OXGroupService", "OXResellerGroupService"), require_context_admin)


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Answers the object as sent, with its id."""
    sent = call.argument("grp")
    if sent is None:
        raise missing_argument()
    rules.check_mandatory(sent, rules.GROUP_MANDATORY)
    rules.check_group_name(sent["name"])
    if groups.find_named(call.db, call.context_id, sent["name"]) is not None:
        raise InvalidData("Group already exists!")
    wanted = sent.get("members", [])
    members.check_exist(call, wanted)
    group_id = contexts.take_id(call.db, call.context_id)
    members.check_may_join(call, group_id, wanted)
    groups.insert(call.db, call.context_id, group_id, sent["name"], sent["displayname"])
    groups.add_members(call.db, call.context_id, group_id, wanted)
    return {**sent, "id": group_id}


@operations.writes("change")
def change(call: Call) -> None:
    """The members that are sent replace the old ones, and an absent list is an empty one."""
    sent = call.argument("grp")
    if sent is None:
        raise missing_argument()
    if "name" in sent:
        rules.check_group_name(sent["name"])
    wanted = sent.get("members", [])
    members.check_exist(call, wanted)
    row = group_of(call.db, call.context_id, sent)
    rules.check_not_cleared(sent, rules.GROUP_MANDATORY)
    name, display_name = sent.get("name", row["name"]), sent.get("displayname", row["display_name"])
    _check_name_is_free(call, row, name)
    members.check_may_join(call, row["id"], wanted)
    groups.rename(call.db, call.context_id, row["id"], name, display_name)
    groups.replace_members(call.db, call.context_id, row["id"], wanted)


def _check_name_is_free(call: Call, row: Row, name: str) -> None:
    owner = groups.find_named(call.db, call.context_id, name)
    if owner is not None and owner["id"] != row["id"]:
        raise InvalidData(f"Group {name} already exists in this context")


@operations.writes("delete")
def delete(call: Call) -> None:
    if call.argument("grp") is None:
        raise missing_argument()
    _delete(call, [call.argument("grp")])


@operations.writes("deleteMultiple")
def delete_multiple(call: Call) -> None:
    if not call.argument("grps"):
        raise missing_argument()
    _delete(call, call.argument("grps"))


def _delete(call: Call, named: list[dict[str, Any]]) -> None:
    """All or none of them; the default group is refused before anything is looked for."""
    if any(group.get("id") == contexts.DEFAULT_GROUP for group in named):
        raise _default_group_stays()
    ids = [group_of(call.db, call.context_id, group)["id"] for group in named]
    if contexts.DEFAULT_GROUP in ids:
        raise _default_group_stays()
    for group_id in ids:
        groups.delete(call.db, call.context_id, group_id)


def _default_group_stays() -> InvalidData:
    return InvalidData(f"Group with id {contexts.DEFAULT_GROUP} cannot be deleted")
