"""The resource query language, as it stands in the query of an address: read, and tried on resources.

The raw query is read: clients leave the signs of type ids and of the language as they are, and encode values only.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from typing import Any
from urllib.parse import unquote

from oxherd.controller.refusals import Refusal

SIGNS = re.compile(r"([(),&|;=])")
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "empty": ""}
DEFAULT_COUNT = 1000
DEEPEST = 40


@dataclass(frozen=True)
class Call:
    """An operator with its arguments, which are calls, lists of values, or texts."""

    name: str
    arguments: tuple[Any, ...]


def parse(query: str) -> list[Call]:
    """The parts of a query, all of which have to hold. Raises Refusal with status 400 and what is wrong where."""
    tokens = [token for token in SIGNS.split(query) if token]
    reader = _Reader(tokens)
    found = reader.terms(end=None)
    return found if isinstance(found, list) else [found]


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def peek(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if token is None or (expected is not None and token != expected):
            near = "".join(self.tokens[max(0, self.position - 6) : self.position])
            raise Refusal(400, f"The query breaks off after “{near}”: {expected or 'a value'} is missing.")
        self.position += 1
        return token

    def terms(self, end: str | None) -> list[Call] | Call:
        """Terms with commas or & are all to hold; with | or ; one of them."""
        found: list[Call] = []
        joined_by_or = False
        while self.peek() not in (None, end):
            found.append(self.term())
            sign = self.peek()
            if sign in (",", "&", "|", ";"):
                joined_by_or = joined_by_or or sign in ("|", ";")
                self.take()
            elif sign != end:
                self.take(end or ",")
        return Call("or", tuple(found)) if joined_by_or else found

    def term(self) -> Call:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refusal(400, "The query is nested too deeply.")
        try:
            return self._term()
        finally:
            self.depth -= 1

    def _term(self) -> Call:
        if self.peek() == "(":
            self.take("(")
            found = self.terms(")")
            self.take(")")
            return found if isinstance(found, Call) else Call("and", tuple(found))
        name = self.take()
        if self.peek() == "=":
            return self._infix(name)
        self.take("(")
        if name.strip() in ("and", "or", "not"):
            inner = self.terms(")")
            self.take(")")
            return Call(name.strip(), tuple(inner) if isinstance(inner, list) else (inner,))
        return Call(name.strip(), tuple(self._values()))

    def _infix(self, name: str) -> Call:
        self.take("=")
        word = self.take()
        if self.peek() != "=":  # name=value, as in addresses elsewhere
            return Call("eq", (name, _plain(word)))
        self.take("=")
        return Call(word, (name, self._value()))

    def _values(self) -> Iterator[Any]:
        """Up to the bracket, which is taken too."""
        while self.peek() != ")":
            yield self._value()
            if self.peek() != ")":
                self.take(",")
        self.take(")")

    def _value(self) -> Any:
        token = self.peek()
        if token == "(":  # noqa: S105 - a bracket
            self.take()
            return list(self._values())
        if token in (",", ")"):
            return ""
        word = self.take()
        if self.peek() == "(":
            self.take()
            inner = list(self._values())
            if word in CONSTANTS:
                return CONSTANTS[word]
            return inner[-1] if inner else word  # cast(type,value)
        return _plain(word)


def _plain(word: str) -> str:
    return unquote(word)


@dataclass(frozen=True)
class Window:
    """What a query says beyond its conditions."""

    sort: tuple[str, ...] = ()
    offset: int = 0
    count: int = DEFAULT_COUNT
    select: tuple[str, ...] = ()


def window(calls: list[Call]) -> Window:
    sort: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    offset, count = 0, DEFAULT_COUNT
    for call in calls:
        if call.name == "sort":
            sort += tuple(map(str, call.arguments))
        elif call.name == "select":
            select += tuple(map(str, call.arguments))
        elif call.name == "limit":
            offset, count = _limit(call)
    return Window(sort, offset, count, select)


def _limit(call: Call) -> tuple[int, int]:
    """`limit(start,count)`: the first is where to begin."""
    numbers = [str(each) for each in call.arguments]
    if not 1 <= len(numbers) <= 2 or not all(each.isdecimal() for each in numbers):  # noqa: PLR2004 - start and count
        raise Refusal(400, "limit takes where to begin, and how many: limit(0,25).")
    return int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else DEFAULT_COUNT


def value_at(resource: Mapping[str, Any], path: str) -> Any:
    found: Any = resource
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


Implements = Callable[[str, str], bool]


def holds(call: Call, resource: Mapping[str, Any], implements: Implements) -> bool:
    """Whether a resource meets it. Raises Refusal for an operator that is none."""
    name, arguments = call.name, call.arguments
    if name in ("sort", "limit", "select"):
        return True
    if name == "and":
        return all(holds(each, resource, implements) for each in arguments)
    if name == "or":
        return any(holds(each, resource, implements) for each in arguments)
    if name == "not":
        return not all(holds(each, resource, implements) for each in arguments)
    if name in ("implementing", "composing") and len(arguments) == 1:
        kind = str(resource["aps"]["type"])
        wanted = str(arguments[0])
        return implements(kind, wanted) if name == "implementing" else implements(wanted, kind)
    if name not in (*COMPARISONS, "in", "out", "like") or len(arguments) != 2:  # noqa: PLR2004 - property and value
        raise Refusal(400, f"There is no {name}() with {len(arguments)} arguments in a query.")
    return _compares(name, value_at(resource, unquote(str(arguments[0]))), arguments[1])


def _compares(name: str, held: Any, value: Any) -> bool:
    if name in ("in", "out"):
        among = any(_same(held, each) for each in (value if isinstance(value, list) else [value]))
        return among is (name == "in")
    if name == "like":
        return isinstance(held, str) and re.fullmatch(translate(str(value)), held, re.IGNORECASE) is not None
    if name in ("eq", "ne"):
        return _same(held, value) is (name == "eq")
    return _in_order(name, held, value)


def _same(held: Any, value: Any) -> bool:
    if isinstance(value, str) and held is not None and not isinstance(held, str):
        return str(held).lower() == value.lower()
    return bool(held == value)


def _in_order(name: str, held: Any, value: Any) -> bool:
    if held is None or isinstance(held, bool):
        return False
    if isinstance(held, int | float):
        try:
            value = float(value)
        except (TypeError, ValueError):
            return False
    else:
        held, value = str(held), str(value)
    return bool({"gt": held > value, "ge": held >= value, "lt": held < value, "le": held <= value}[name])


def in_order(resources: list[dict[str, Any]], sort: tuple[str, ...]) -> list[dict[str, Any]]:
    """By the last property first, so that the first decides."""
    for wish in reversed(sort):
        path = wish.lstrip("+-")

        def key(resource: Mapping[str, Any], path: str = path) -> tuple[bool, bool, Any]:
            held = value_at(resource, path)
            is_number = isinstance(held, int | float)
            return held is not None, is_number, held if is_number else str(held or "").lower()

        resources = sorted(resources, key=key, reverse=wish.startswith("-"))
    return resources
