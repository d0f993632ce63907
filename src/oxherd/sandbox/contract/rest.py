"""The Cloud API as data: which requests there are, and what bodies hold.

In the file a field may be absent, and null stands for absent, unless it says otherwise.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    """`body` and `returns` name a schema, or `string[]`; `statuses` are those of the errors."""

    method: str
    path: str
    statuses: tuple[int, ...]
    query: tuple[str, ...] = ()
    body: str | None = None
    returns: str | None = None


@dataclass(frozen=True)
class Property:
    name: str
    type: str
    required: bool = False
    nullable: bool = True


@cache
def endpoints() -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(**{**data, "statuses": tuple(data["statuses"]), "query": tuple(data.get("query", ()))})
        for data in _read()["endpoints"]
    )


@cache
def schema(name: str) -> tuple[Property, ...]:
    """Inherited fields come first. Raises KeyError if there is none of that name."""
    data = _read()["schemas"][name]
    inherited = schema(data["extends"]) if "extends" in data else ()
    return inherited + tuple(Property(**field) for field in data["fields"])


@cache
def _read() -> Any:
    return json.loads(files(__package__).joinpath("cloudapi.json").read_text(encoding="utf-8"))
