"""Properties of types, their restrictions, and who may do what."""

import re
from collections.abc import Mapping
from typing import Any

from oxherd.aps.checks.known import COUNTERS, ancestors, find
from oxherd.aps.checks.place import Place

PLAIN = {"string", "number", "integer", "boolean", "array", "object"}
UNITS = ("unit", "kb", "mb", "gb", "mb-h", "unit-h", "mhz", "mhzh", "Kbit/sec")
ROLES = ("owner", "referrer", "admin", "public", "global")
MARKS = ("required", "readonly", "final", "encrypted")
SIZES = ("minLength", "maxLength", "minItems", "maxItems")


def type_problem(type_: Any, at: Place) -> str | None:
    """What is wrong with the type of a property or parameter; None if nothing is."""
    if not isinstance(type_, str) or not type_:
        return "has no type"
    if type_ in PLAIN:
        return None
    id_, hash_, structure = type_.partition("#")
    if not hash_:
        structures = frozenset().union(*(at.known[each].structures for each in ancestors(at.own.id, at.known)))
        return None if type_ in structures else f"has the type {type_}, which is no plain type and no structure here"
    of = find(id_, at.known)
    if of is None:
        return f"has a type of {id_}, which is not in this package, nor known"
    return None if structure in of.structures else f"has the type {structure} of {id_}, which has no such structure"


def check_property(at: Place, name: str, one: Mapping[str, Any]) -> None:
    """type, marks, restrictions and access of one property."""
    if problem := type_problem(one.get("type"), at):
        at.error(f"The property {name} {problem}. Correct its type.")
    if one.get("type") == "array":
        items = one.get("items")
        problem = type_problem(items.get("type"), at) if isinstance(items, dict) else "has no items"
        if problem:
            at.error(f"The list {name} {problem}. Say in items of what type they are.")
    for mark in MARKS:
        if not isinstance(one.get(mark, False), bool):
            at.error(f"{mark} of the property {name} is neither true nor false. Write one of them.")
    if one.get("readonly") and (one.get("required") or one.get("final")):
        at.error(f"The property {name} is readonly, so nobody can give it. Drop required and final.")
    if one.get("type") in COUNTERS:
        _check_counter(at, name, one)
    _check_restrictions(at, name, one)
    _check_inherited(at, name, one)
    check_access(at, f"the property {name}", one.get("access"))


def _check_counter(at: Place, name: str, one: Mapping[str, Any]) -> None:
    if one.get("unit") not in UNITS:
        at.error(f"The counter {name} has no unit that is known. Use one of {', '.join(UNITS)}.")
    if not one.get("title"):
        at.error(f"The counter {name} has no title, so it cannot be sold. Give it one.")


def _check_restrictions(at: Place, name: str, one: Mapping[str, Any]) -> None:
    values = one.get("enum")
    if values is not None and (not isinstance(values, list) or not values or len(set(map(repr, values))) < len(values)):
        at.error(f"enum of the property {name} is no list of different values. Make it one.")
    elif values is not None:
        titles = one.get("enumTitles", values)
        if not isinstance(titles, list) or len(titles) != len(values):
            at.error(f"The property {name} has other numbers of enumTitles and values. Name each value.")
        if "default" in one and one["default"] not in values:
            at.error(f"The default of the property {name} is none of its values. Choose one of them.")
    if "pattern" in one:
        try:
            re.compile(str(one["pattern"]))
        except re.error as error:
            at.error(f"The pattern of the property {name} cannot be read ({error}). Mend it.")
    for size in SIZES:
        if size in one and (not isinstance(one[size], int) or one[size] < 0):
            at.error(f"{size} of the property {name} is no number from 0 on. Write one.")


def _check_inherited(at: Place, name: str, one: Mapping[str, Any]) -> None:
    for parent in sorted(ancestors(at.own.id, at.known) - {at.own.id}):
        before = at.known[parent].properties.get(name)
        if before is not None and before != one.get("type"):
            at.error(f"The property {name} is {before} in {parent}. Keep the inherited type.")


def check_access(at: Place, what: str, access: Any) -> None:
    """Roles, each with true or false."""
    if access is None:
        return
    if not isinstance(access, dict):
        at.error(f"The access of {what} is no object. Say true or false for each role.")
        return
    for role, may in access.items():
        if role not in ROLES:
            at.error(f"The access of {what} names {role}, which is no role. Use {', '.join(ROLES)}.")
        elif not isinstance(may, bool):
            at.error(f"The access of {what} says neither true nor false for {role}. Write one of them.")
