"""What a body must be like, by the schema that the contract names."""

import base64
import binascii
from typing import Any

from oxherd.sandbox.contract.rest import Property, schema
from oxherd.sandbox.faults import CloudRefusal

SIZES = {"int32": 2**31, "int64": 2**63}
ARRAY = "string[]"


def checked(kind: str, data: Any) -> Any:
    """Fields that are null are left out, but for those of a theme, where null takes something away.

    Raises CloudRefusal: 7 for mandatory fields that are missing, 5 for whatever else does not fit.
    """
    if kind == ARRAY:
        return _strings(data)
    if not isinstance(data, dict):
        raise CloudRefusal(5)
    fields = schema(kind)
    if absent := [field.name for field in fields if field.required and data.get(field.name) in (None, "", [])]:
        raise CloudRefusal(7, ", ".join(absent))
    kept = {field.name: _value(field, data[field.name]) for field in fields if field.name in data}
    return kept if kind == "Theme" else {name: value for name, value in kept.items() if value is not None}


def image_of(data: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(data["image"], validate=True)
    except (binascii.Error, ValueError):
        raise CloudRefusal(5) from None


def _value(field: Property, value: Any) -> Any:
    if value is None:
        return None
    if field.type == ARRAY:
        return _strings(value)
    if field.type in SIZES:
        return _integer(value, SIZES[field.type])
    if field.type.startswith("string"):
        return _of(str, value)
    if field.type == "boolean":
        return _of(bool, value)
    return checked(field.type, value)


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise CloudRefusal(5)
    return value


def _integer(value: Any, size: int) -> int:
    number: int = _of(int, value)
    if isinstance(value, bool) or not -size <= number < size:
        raise CloudRefusal(5)
    return number


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise CloudRefusal(5)
    return value
