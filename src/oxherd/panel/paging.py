"""Pages by keyset: the cursor in the address says after or before which row to go on."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

SIZE = 50
LONGEST = 1000
Key = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins. start: the number of its first row, for showing only."""

    key: Key
    start: int = 1
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Any]
    count: int
    count_stopped: bool
    start: int = 1
    previous_url: str = ""
    next_url: str = ""

    @property
    def total(self) -> str:
        """Such as "12" or "1,000+"."""
        return f"{self.count:,}{'+' if self.count_stopped else ''}"

    @property
    def range(self) -> str:
        """Such as "51 to 100 of 340", with a dash."""
        if not self.rows:
            return ""
        return f"{self.start:,}\u2013{self.start + len(self.rows) - 1:,} of {self.total}"


def write(key: Key, start: int) -> str:
    value, pk = key
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([text, pk, start]).encode()).decode().rstrip("=")


def read(query: QueryDict, *, dates: bool = False) -> Cursor | None:
    """The cursor of an address; None, which is the first page, for none and for a malformed one.

    dates: the order goes by a point in time.
    """
    backwards = "before" in query
    text = query.get("before" if backwards else "after", "")
    if not text or len(text) > LONGEST:
        return None
    try:
        value, pk, start = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not _sound(value, pk, start):
            return None
        return Cursor((datetime.fromisoformat(value) if dates else value, pk), start, backwards)
    except (ValueError, TypeError, RecursionError):
        return None


def _sound(value: object, pk: object, start: object) -> bool:
    return (
        isinstance(value, str)
        and "\x00" not in value
        and type(pk) is int
        and abs(pk) < 2**63
        and type(start) is int
        and 0 < start < 10**9
    )


def build(
    fetch: Callable[[Cursor | None], tuple[Sequence[Any], bool]],
    cursor: Cursor | None,
    counted: tuple[int, bool],
    key_of: Callable[[Any], Key],
    address: Callable[..., str],
) -> Page:
    """One page with the ways on.

    fetch: the rows from a cursor on, and whether there are more. counted: how many there are in all, and whether
    the count stopped there. key_of: a row's place in the order. address: the URL for `after=` or `before=`.
    """
    rows, more = fetch(cursor)
    if cursor and not rows:  # what the cursor speaks of is gone: begin again
        cursor = None
        rows, more = fetch(None)
    start = _start(cursor, len(rows), more=more)
    has_next = cursor.backwards or more if cursor else more
    has_previous = bool(cursor) and (more if cursor and cursor.backwards else True)
    return Page(
        rows=rows,
        count=max(counted[0], start + len(rows) - 1) if rows else counted[0],
        count_stopped=counted[1],
        start=start,
        previous_url=address(before=write(key_of(rows[0]), start)) if rows and has_previous else "",
        next_url=address(after=write(key_of(rows[-1]), start + len(rows))) if rows and has_next else "",
    )


def _start(cursor: Cursor | None, length: int, *, more: bool) -> int:
    if cursor is None or (cursor.backwards and not more):
        return 1
    return max(cursor.start - length, 1) if cursor.backwards else cursor.start


def kept(query: QueryDict) -> dict[str, str]:
    """The cursor as it stands in the address."""
    return {name: query.get(name, "") for name in ("after", "before") if name in query}
