"""The last calls on the bus, to endpoints and from everybody. Kept in memory."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

KEPT = 500


@dataclass(frozen=True)
class Entry:
    """`way`: out to an endpoint, or in. `note`: APS-Info, or what went wrong. No bodies: those may hold passwords."""

    at: str
    way: str
    method: str
    path: str
    status: int
    milliseconds: float
    phase: str = ""
    transaction: str = ""
    note: str = ""


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def reset(self) -> None:
        with self._lock:
            self._entries.clear()

    def add(self, way: str, method: str, path: str, status: int, milliseconds: float, **more: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            self._entries.appendleft(Entry(at, way, method, path, status, round(milliseconds, 2), **more))

    def last(self, count: int = KEPT) -> list[dict[str, Any]]:
        """The newest first."""
        with self._lock:
            return [asdict(entry) for entry in islice(self._entries, count)]
