"""What a controller sends, read with care: everything in it is only claimed."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from oxherd.aps.definitions import COUNTER, Property, Type
from oxherd.aps.faults import Fault
from oxherd.aps.types import UNLIMITED

LARGEST_BODY = 1_000_000
DEEPEST = 30
MOST_ITEMS = 1000
LARGEST_NUMBER = 2_147_483_647
Body = Mapping[str, Any]


def read(content: bytes, content_type: str) -> dict[str, Any]:
    """The object in a request; an empty one for nothing. Raises Fault for what is no JSON object that can be kept."""
    if not content.strip():
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Fault(400, "Send JSON, with the content type application/json.")
    try:
        body = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Fault(400, "The body is not JSON.") from None
    if isinstance(body, str):  # the one parameter of an operation such as setPassword may come alone
        body = {"": body}
    if not isinstance(body, dict):
        raise Fault(400, "The body is not a JSON object.")
    _can_be_kept(body, DEEPEST)
    return body


def uuid_of(text: Any, what: str = "The id") -> UUID:
    """An APS id. Raises Fault for anything else."""
    try:
        return UUID(text) if isinstance(text, str) and len(text) in {32, 36} else UUID("")
    except ValueError:
        raise Fault(400, f"{what} is no APS id, such as 3e0d6a54-5f0c-4f0e-9d0b-1a2b3c4d5e6f.") from None


def own_id(body: Body, one: Type) -> UUID:
    """The id of the resource that is sent. Raises Fault where there is none, or it is of another type."""
    meta = body.get("aps")
    if not isinstance(meta, dict):
        raise Fault(400, "The resource has no aps.id.", field="aps")
    told = meta.get("type", one.id)
    if not isinstance(told, str) or told.rpartition("/")[0] != one.id.rpartition("/")[0]:
        raise Fault(400, f"{one.service} takes resources of the type {one.id}.", field="aps")
    return uuid_of(meta.get("id"), "aps.id")


def linked(body: Body, relation: str) -> UUID | None:
    """The id of what a resource is linked with by a relation of one; None for nothing. Raises Fault for no link."""
    link = body.get(relation)
    if link is None:
        return None
    if isinstance(link, list) and len(link) == 1:
        link = link[0]
    meta = link.get("aps") if isinstance(link, dict) else None
    if not isinstance(meta, dict):
        raise Fault(400, f"{relation} is no link.", field=relation)
    return uuid_of(meta["id"], f"{relation}.aps.id") if meta.get("id") is not None else None


def needed(body: Body, relation: str) -> UUID:
    """As `linked`; Raises Fault where there is none."""
    found = linked(body, relation)
    if found is None:
        raise Fault(400, f"The resource is not linked with its {relation}.", field=relation)
    return found


def wishes(body: Body, one: Type, *, whole: bool) -> dict[str, Any]:
    """What a controller may set of a resource, checked by its type: counters as their limits, None for unlimited.

    whole: what the type requires has to be there. Encrypted values are left out. Raises Fault at the property.
    """
    found: dict[str, Any] = {}
    for name, kind in one.properties.items():
        value = body.get(name)
        if value is None:
            if whole and kind.required:
                raise Fault(400, f"{kind.title} is missing.", field=name)
            continue
        _fits(name, kind, value)
        if kind.is_counter:
            if "limit" in value or "usage" not in value:
                found[name] = _limit(value)
        elif not kind.readonly and not kind.encrypted:
            found[name] = value
    return found


def secret(body: Body, name: str, one: Type) -> str:
    """An encrypted value that is sent; empty for none."""
    value = body.get(name)
    if value is None:
        return ""
    _fits(name, one.properties[name], value)
    return str(value)


def _limit(value: Mapping[str, Any]) -> int | None:
    limit = value.get("limit")
    return None if limit is None or limit == UNLIMITED else int(limit)


def _fits(name: str, kind: Property, value: Any) -> None:
    if not _is_of(kind.type, value, kind.more):
        raise Fault(400, f"{kind.title} is not of the type {kind.type.rpartition('#')[2]}.", field=name)
    if kind.readonly:
        return
    if "enum" in kind.more and value not in kind.more["enum"]:
        raise Fault(400, f"{kind.title} is one of {', '.join(kind.more['enum'])}.", field=name)
    if "minimum" in kind.more and value < kind.more["minimum"]:
        raise Fault(400, f"{kind.title} is at least {kind.more['minimum']}.", field=name)


def _is_of(kind: str, value: Any, more: Mapping[str, Any]) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return _is_number(value)
    if kind == "array":
        items = more.get("items", {}).get("type", "string")
        return isinstance(value, list) and len(value) <= MOST_ITEMS and all(_is_of(items, each, {}) for each in value)
    if kind == COUNTER:
        return isinstance(value, dict) and all(
            value.get(part) is None or _is_number(value[part]) for part in ("limit", "usage")
        )
    return isinstance(value, dict)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= LARGEST_NUMBER


def _can_be_kept(value: Any, depth: int) -> None:
    """The database keeps no NUL and no half characters, and nobody needs a body that deep."""
    if depth == 0:
        raise Fault(400, "The body is nested too deeply.")
    if isinstance(value, str):
        if "\x00" in value or not _is_text(value):
            raise Fault(400, "The body holds a character that cannot be kept.")
    elif isinstance(value, dict):
        for name, each in value.items():
            _can_be_kept(name, depth - 1)
            _can_be_kept(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            _can_be_kept(each, depth - 1)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number(text: str) -> None:
    raise ValueError(text)
