"""Who may book a resource, how: the checks of release 8."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from oxherd.sandbox.faults import InvalidData
from oxherd.sandbox.services import Call
from oxherd.sandbox.store import groups, users

PRIVILEGES = ("NONE", "ASK_TO_BOOK", "BOOK_DIRECTLY", "DELEGATE")
EVERYBODY = 0
Permission = dict[str, Any]
# What holds for a resource that has no permissions; sent alone, it takes them away.
USUAL = [{"entity": EVERYBODY, "group": True, "privilege": "BOOK_DIRECTLY"}]


def checked_permissions(call: Call, sent: list[Permission]) -> list[Permission]:
    """As they are to be kept. Raises InvalidData for the first that is wrong."""
    permissions = [_checked(call, permission) for permission in sent]
    keys = Counter((each["entity"], each["group"]) for each in permissions)
    for (entity, _), count in keys.items():
        if count > 1:
            raise InvalidData(f"Duplicate permission entity {entity}.")
    _check_delegate(each["privilege"] for each in permissions)
    return [] if permissions == USUAL else permissions


def _checked(call: Call, permission: Permission) -> Permission:
    entity, is_group, privilege = (permission.get(name) for name in ("entity", "group", "privilege"))
    if entity is None:
        raise InvalidData("Permission without entity found.")
    if is_group is None:
        raise InvalidData("Permission without group flag found.")
    if not privilege:
        raise InvalidData(f"Missing permission privilege for entity {entity}.")
    _check_entity(call, entity, is_group=is_group)
    if privilege.upper() not in PRIVILEGES:
        raise InvalidData(f"Invalid permission privilege {privilege} for entity {entity}.")
    return {"entity": entity, "group": is_group, "privilege": privilege.upper()}


def _check_entity(call: Call, entity: int, *, is_group: bool) -> None:
    if is_group:
        if entity != EVERYBODY and groups.find(call.db, call.context_id, entity) is None:
            raise InvalidData(f"Group with id {entity} not found.")
        return
    user = users.find(call.db, call.context_id, entity)
    if user is None:
        raise InvalidData(f"User with id {entity} not found.")
    if user["guest"]:
        raise InvalidData(f"User {entity} is a guest user.")


def _check_delegate(privileges: Iterable[str]) -> None:
    """Who asks must have somebody to answer."""
    given = set(privileges)
    if "ASK_TO_BOOK" in given and "DELEGATE" not in given:
        raise InvalidData("Permission ASK_TO_BOOK without DELEGATE found.")
