"""The REST interfaces of OX Cloud: the Cloud API, and the plug-ins before it. Both work on what the SOAP services hold.

A module enters its functions into `ROUTES` under face, method and path.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.services import Call
from oxherd.sandbox.sessions import Sessions
from oxherd.sandbox.store import Row, contexts, resellers

CLOUD, PLUGINS = "cloudapi", "oxaas"


@dataclass
class Asked:
    """One request on its way. `call` has its transaction and the reseller who asks; `values` are those of the path."""

    call: Call
    message: Message
    values: dict[str, str]
    sessions: Sessions
    body: Any = field(default=None)

    @property
    def db(self) -> sqlite3.Connection:
        return self.call.db

    @property
    def brand(self) -> Row:
        if self.call.reseller is None:
            raise CloudRefusal(2)
        return self.call.reseller

    def flag(self, name: str) -> bool:
        return self.message.query.get(name, "").lower() in ("true", "1")

    def named_context(self, name: str) -> Row:
        """By full name, by the name without the brand in front, or by number; nobody else's. Raises CloudRefusal."""
        found = contexts.find_named(self.db, name) or contexts.find_named(self.db, f"{self.brand['name']}_{name}")
        if found is None and name.isdecimal() and len(name) < 10:  # noqa: PLR2004 - a number of 32 bits
            found = contexts.find(self.db, int(name))
        if found is None or not resellers.reaches(self.db, self.brand, found["id"]):
            raise CloudRefusal(3, name)
        self.call.context_id = found["id"]
        return found

    def context(self) -> Row:
        """The one that the query names. Raises CloudRefusal."""
        query = self.message.query
        wanted = query.get("name") or query.get("id")
        if not wanted:
            raise CloudRefusal(4)
        return self.named_context(wanted)

    def with_arguments(self, **arguments: Any) -> Call:
        """For the bodies of SOAP operations; absent is absent there, not null."""
        return replace(self.call, arguments={name: value for name, value in arguments.items() if value is not None})


@dataclass(frozen=True)
class Answer:
    """When a status other than 200 is meant."""

    status: int
    data: Any = None


Work = Callable[[Asked], Any]


@dataclass(frozen=True)
class Route:
    work: Work
    writes: bool


ROUTES: dict[tuple[str, str, str], Route] = {}


def route(face: str, method: str, *paths: str) -> Callable[[Work], Work]:
    """Whatever does not only read gets a transaction that writes."""

    def enter(work: Work) -> Work:
        for path in paths:
            ROUTES[face, method, path] = Route(work, writes=method not in ("GET", "HEAD"))
        return work

    return enter


def as_json(body: bytes) -> Any:
    """Raises CloudRefusal for what is none."""
    try:
        return json.loads(body)
    except ValueError:
        raise CloudRefusal(5) from None
