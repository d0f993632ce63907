"""Module access: 26 flags of a user, kept as one number.

Source: the server starts from an object with everything true but three flags, so a flag that is left out is not
"unchanged". Combinations are the shipped ModuleAccessDefinitions.properties, and those of OX Cloud, whose flags are not
published: ours are a guess by the modules that each is sold with, and no two of them are the same.
"""

from typing import Any

from oxherd.sandbox.contract import access
from oxherd.sandbox.faults import InvalidData, missing_argument

_ACCESS = access()
_BITS = {flag: 1 << position for position, flag in enumerate(_ACCESS.flags)}
_COMBINATIONS = {name: sum(_BITS[flag] for flag in flags) for name, flags in _ACCESS.combinations.items()}
_NAMES = {bits: name for name, bits in _COMBINATIONS.items()}
NEW_CONTEXT_COMBINATION = "webmail_plus"
ADMIN_ONLY = _BITS["publicFolderEditable"]
EDIT_PASSWORD = _BITS["editPassword"]


def from_flags(flags: dict[str, bool] | None) -> int:
    """Raises InvalidData if there is no object at all."""
    if flags is None:
        raise missing_argument()
    given = {flag: flag not in _ACCESS.false_when_omitted for flag in _BITS} | flags
    return sum(_BITS[flag] for flag, is_on in given.items() if is_on)


def from_combination(name: str | None) -> int:
    """Raises InvalidData if nothing is called so."""
    if not name:
        raise InvalidData("Invalid access combination name")
    if name not in _COMBINATIONS:
        raise InvalidData(f'No such access combination name "{name}"')
    return _COMBINATIONS[name]


def to_flags(bits: int) -> dict[str, Any]:
    return {flag: bool(bits & bit) for flag, bit in _BITS.items()}


def combination_name(bits: int) -> str | None:
    """None when the flags equal no named combination."""
    return _NAMES.get(bits)


def from_filter(text: str | None) -> int | None:
    """The flags that a user must have to be touched: a combination's name or a number; None touches everybody."""
    if not text:
        return None
    return int(text) if text.isdecimal() else from_combination(text)
