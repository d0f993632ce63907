"""Whether the values of a resource are as its type wants them."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from oxherd.controller.catalogue import Catalogue
from oxherd.controller.core_types import Schema
from oxherd.controller.refusals import Refusal

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
KINDS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def checked(
    catalogue: Catalogue,
    type_id: str,
    values: Mapping[str, Any],
    held: Mapping[str, Any] | None,
    *,
    by_application: bool,
) -> dict[str, Any]:
    """The values to keep: those told, and the defaults of a new resource.

    held: what the resource has; None for a new one. by_application: read-only values are the application's to set.
    Raises Refusal 400 with the property and what is wrong about it.
    """
    known = catalogue.properties(type_id)
    told = {name: value for name, value in values.items() if value is not None}
    for name in told:
        if name not in known:
            raise Refusal(400, f"{name}: {type_id} has no such property.")
    result = dict(told)
    for name, definition in known.items():
        before = None if held is None else held.get(name)
        if name in told:
            _may_be_set(name, definition, told[name], before, is_new=held is None, by_application=by_application)
            check_value(catalogue, type_id, name, definition, told[name])
            if definition.get("readonly") and not by_application:
                del result[name]
        elif held is None and "default" in definition:
            result[name] = definition["default"]
        elif held is None and definition.get("required") and not by_application:
            raise Refusal(400, f"{name}: this is required.")
    return result


def _may_be_set(name: str, definition: Schema, value: Any, before: Any, *, is_new: bool, by_application: bool) -> None:
    """A whole resource may come back: what is as it was is nobody's change."""
    if by_application or value == before:
        return
    if definition.get("readonly"):
        raise Refusal(400, f"{name}: this is the application's to set.")
    if definition.get("final") and not is_new:
        raise Refusal(400, f"{name}: this cannot be changed any more.")


def check_value(catalogue: Catalogue, type_id: str, name: str, definition: Schema, value: Any) -> None:
    kind = str(definition.get("type", "object"))
    if kind not in KINDS:
        _check_structure(catalogue, type_id, name, kind, value)
        return
    if not KINDS[kind](value):
        raise Refusal(400, f"{name}: {value!r} is no {kind}.")
    if "enum" in definition and value not in definition["enum"]:
        raise Refusal(400, f"{name}: {value!r} is none of {', '.join(map(str, definition['enum']))}.")
    if isinstance(value, str):
        _check_text(name, definition, value)
    elif isinstance(value, list):
        _check_list(catalogue, type_id, name, definition, value)
    elif isinstance(value, int | float):
        if value < definition.get("minimum", value):
            raise Refusal(400, f"{name}: {value} is less than {definition['minimum']}.")
        if value > definition.get("maximum", value):
            raise Refusal(400, f"{name}: {value} is more than {definition['maximum']}.")


def _check_structure(catalogue: Catalogue, type_id: str, name: str, kind: str, value: Any) -> None:
    structure = catalogue.structure(type_id, kind)
    owner = kind.partition("#")[0] if "#" in kind else type_id
    if structure is None:
        raise Refusal(400, f"{name}: nobody knows the structure {kind}.")
    if not isinstance(value, dict):
        raise Refusal(400, f"{name}: {value!r} is no {kind.rpartition('#')[2]}.")
    for member, definition in structure.get("properties", {}).items():
        if value.get(member) is not None:
            check_value(catalogue, owner, f"{name}.{member}", definition, value[member])


def _check_text(name: str, definition: Schema, value: str) -> None:
    pattern = definition.get("pattern")
    if pattern and not re.search(pattern, value):
        raise Refusal(400, f"{name}: {value!r} is not of the form {pattern}.")
    if not definition.get("minLength", 0) <= len(value) <= definition.get("maxLength", len(value)):
        raise Refusal(400, f"{name}: {value!r} is too short or too long.")
    if value and not _has_format(definition.get("format", ""), value):
        raise Refusal(400, f"{name}: {value!r} is no {definition['format']}.")


def _has_format(name: str, value: str) -> bool:
    if name == "email":
        return ADDRESS.fullmatch(value) is not None
    if name == "uri":
        return bool(urlsplit(value).scheme)
    if name == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
    return True


def _check_list(catalogue: Catalogue, type_id: str, name: str, definition: Schema, value: list[Any]) -> None:
    if len(value) < definition.get("minItems", 0):
        raise Refusal(400, f"{name}: at least {definition['minItems']} are needed.")
    if definition.get("uniqueItems") and any(each in value[:place] for place, each in enumerate(value)):
        raise Refusal(400, f"{name}: the same is named twice.")
    if "items" in definition:
        for place, each in enumerate(value):
            check_value(catalogue, type_id, f"{name}[{place}]", definition["items"], each)
