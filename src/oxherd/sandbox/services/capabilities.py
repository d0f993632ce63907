"""Capabilities: names switched on or off for a context or a user, as comma-separated text on the wire."""

import json

from oxherd.sandbox.faults import InvalidData
from oxherd.sandbox.services import Call


def changed(stored: str, call: Call) -> str:
    """`capsToAdd` switches on, `capsToRemove` off, `capsToDrop` forgets. Raises InvalidData when nothing is given."""
    words = {name: _split(call.argument(name)) for name in ("capsToAdd", "capsToRemove", "capsToDrop")}
    if not any(words.values()):
        raise InvalidData("No capabilities specified.")
    kept: dict[str, bool] = json.loads(stored)
    kept |= dict.fromkeys(words["capsToAdd"], True) | dict.fromkeys(words["capsToRemove"], False)
    return json.dumps({name: is_on for name, is_on in kept.items() if name not in words["capsToDrop"]})


def text(*stored: str) -> str:
    """Those that are on; what comes later decides."""
    kept: dict[str, bool] = {}
    for each in stored:
        kept |= json.loads(each)
    return ",".join(sorted(name for name, is_on in kept.items() if is_on))


def _split(names: str | None) -> list[str]:
    return [name.strip() for name in (names or "").split(",") if name.strip()]
