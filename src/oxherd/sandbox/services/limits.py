"""Limits of resellers and of contexts: which may be set, and what is refused once one is reached.

Sources: names and texts are those of the reseller bundle, which counts context admins as users. Its refusals reach the
client inside a StorageException. What is counted is there already, the newest included; a fault takes it back.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from oxherd.sandbox import access
from oxherd.sandbox.faults import RMI, InvalidData, ResellerTrouble, Storage
from oxherd.sandbox.store import Row, resellers, restrictions
from oxherd.sandbox.store.restrictions import (
    CAN_CREATE_SUBADMIN,
    MAX_CONTEXT,
    MAX_CONTEXT_QUOTA,
    MAX_OVERALL_USER,
    MAX_OVERALL_USER_BY_ACCESS,
    MAX_SUBADMIN,
    MAX_USER,
    MAX_USER_BY_ACCESS,
)

OF_RESELLERS = (MAX_CONTEXT, MAX_CONTEXT_QUOTA, MAX_OVERALL_USER, CAN_CREATE_SUBADMIN, MAX_SUBADMIN)
OWNED = "SELECT context_id FROM ownership WHERE reseller_id = :reseller"
Limits = dict[str, str]


def of_reseller(db: sqlite3.Connection, sent: Iterable[dict[str, Any]]) -> Limits:
    """The restrictions that were sent, checked. Raises InvalidData, ResellerTrouble when none may be set at all."""
    known = restrictions.known(db)
    if not known:
        raise ResellerTrouble("Unable to load available restrictions from database")
    return _checked(known, sent, OF_RESELLERS, MAX_OVERALL_USER_BY_ACCESS, "subadmin")


def of_context(db: sqlite3.Connection, sent: Iterable[dict[str, Any]]) -> Limits:
    """As `of_reseller`; a bundle beside the core checks these, so whatever it refuses comes as Storage."""
    known = restrictions.known(db)
    if not known:
        raise Storage.around("Unable to load available restrictions from database")
    try:
        return _checked(known, sent, (MAX_USER,), MAX_USER_BY_ACCESS, "context")
    except InvalidData as fault:
        raise Storage.saying(f"{RMI}.InvalidDataException: {fault.text}") from None


def _checked(
    known: dict[str, int], sent: Iterable[dict[str, Any]], names: tuple[str, ...], prefix: str, subject: str
) -> Limits:
    kept: Limits = {}
    for restriction in sent:
        name, value = restriction.get("name"), restriction.get("value")
        if name is None:
            raise InvalidData("Restriction name must be set")
        if name not in names and not name.startswith(prefix):
            raise InvalidData(f"Restriction {name} cannot be applied to {subject}")
        if value is None:
            raise InvalidData("Restriction value must be set")
        if name == CAN_CREATE_SUBADMIN and value not in ("true", "false"):
            raise InvalidData(f"{value} is not a valid value for {CAN_CREATE_SUBADMIN}")
        if name not in known:
            raise InvalidData(f"No restriction named {name} found in database")
        kept[name] = value
    return kept


def check_new_reseller(db: sqlite3.Connection, parent: Row) -> None:
    """Before it is made. Nobody may make resellers unless it is said so."""
    limits = resellers.limits_of(db, parent)
    if limits.get(CAN_CREATE_SUBADMIN, "false").lower() != "true":
        raise Storage.around(f"Subadmin {parent['name']} is not allowed to create subadmins")
    most = _number(limits, MAX_SUBADMIN)
    if most is not None and resellers.count_below(db, parent["id"]) >= most:
        raise Storage.around(f"Maximum number of subadmins per subadmin reached: {most}")


def check_new_context(db: sqlite3.Connection, owner: Row, bits: int) -> None:
    """With its admin, who has these flags."""
    limits = resellers.limits_of(db, owner)
    most = _number(limits, MAX_CONTEXT)
    counted = [owner["id"], *([owner["parent_id"]] if owner["parent_id"] else [])]
    if most is not None and resellers.count_contexts(db, counted) > most:
        raise Storage.around(f"Maximum number of contexts reached: {most}")
    most = _number(limits, MAX_CONTEXT_QUOTA)
    if most is not None and _quota_exceeds(db, owner, most):
        raise Storage.around(f"Maximum overall context quota reached: {most}")
    _check_overall(db, owner, limits, bits, newcomer=True)


def check_users(db: sqlite3.Connection, context_id: int, bits: int, *, newcomer: bool) -> None:
    """Somebody came into a context with these flags, or (not a newcomer) got them."""
    row = db.execute("SELECT reseller_id FROM ownership WHERE context_id = ?", (context_id,)).fetchone()
    if row is None:
        return
    owner = resellers.find(db, row["reseller_id"]) if row["reseller_id"] else None
    if owner is not None:
        _check_overall(db, owner, resellers.limits_of(db, owner), bits, newcomer=newcomer)
    limits = resellers.limits_of_context(db, context_id)
    most = _number(limits, MAX_USER)
    if newcomer and most is not None and _count(db, "context_id = :context", context=context_id) > most:
        raise Storage.around(f"Maximum number of users per context reached: {most}")
    for name, most in _by_access(limits, MAX_USER_BY_ACCESS, bits):
        if _count(db, "context_id = :context AND access = :access", context=context_id, access=bits) > most:
            raise Storage.around(f"Maximum number of users by moduleaccess per context reached: {name}:{most}")


def _check_overall(db: sqlite3.Connection, owner: Row, limits: Limits, bits: int, *, newcomer: bool) -> None:
    most = _number(limits, MAX_OVERALL_USER)
    if newcomer and most is not None and _count(db, f"context_id IN ({OWNED})", reseller=owner["id"]) > most:
        raise Storage.around(f"Maximum overall number of users reached: {most}")
    for name, most in _by_access(limits, MAX_OVERALL_USER_BY_ACCESS, bits):
        if _count(db, f"context_id IN ({OWNED}) AND access = :access", reseller=owner["id"], access=bits) > most:
            raise Storage.around(f"Maximum overall number of users by moduleaccess reached: {name}:{most}")


def _by_access(limits: Limits, prefix: str, bits: int) -> list[tuple[str, int]]:
    """The limits for the combination that has exactly these flags."""
    combination = access.combination_name(bits)
    return [(name, int(limits[name])) for name in (f"{prefix}{combination}",) if _number(limits, name) is not None]


def _count(db: sqlite3.Connection, condition: str, **values: int) -> int:
    query = f"SELECT count(*) FROM user WHERE {condition}"  # noqa: S608 - only conditions from the code
    return int(db.execute(query, values).fetchone()[0])


def _quota_exceeds(db: sqlite3.Connection, owner: Row, most: int) -> bool:
    """A context without a limit (-1) is more than any limit allows."""
    query = f"SELECT total(max_quota), min(max_quota) FROM context WHERE id IN ({OWNED})"  # noqa: S608 - a condition from the code
    overall, least = db.execute(query, {"reseller": owner["id"]}).fetchone()
    return overall > most or (least is not None and least < 0)


def _number(limits: Limits, name: str) -> int | None:
    if name not in limits:
        return None
    try:
        return int(limits[name])
    except ValueError:
        raise Storage(f'For input string: "{limits[name]}"') from None
