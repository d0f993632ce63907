"""The last calls and how often each operation was called. Kept in memory."""

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

KEPT = 500


@dataclass(frozen=True)
class Entry:
    """`outcome` is `ok`, the kind of fault with its text, or the mischief that struck."""

    at: str
    service: str
    operation: str
    context_id: int | None
    name: str
    outcome: str
    milliseconds: float
    writes: bool


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._entries: deque[Entry] = deque(maxlen=KEPT)
            self._calls: Counter[str] = Counter()
            self._writing_calls = 0
            self._faults = 0

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.appendleft(entry)
            self._calls[f"{entry.service}.{entry.operation}"] += 1
            self._writing_calls += entry.writes
            self._faults += entry.outcome != "ok"

    def last(self, count: int = KEPT) -> list[Entry]:
        """The newest first."""
        with self._lock:
            return list(islice(self._entries, count))

    def as_dict(self, count: int = KEPT) -> dict[str, Any]:
        with self._lock:
            return {
                "calls": dict(sorted(self._calls.items())),
                "total": self._calls.total(),
                "writing_calls": self._writing_calls,
                "not_ok": self._faults,
                "entries": [asdict(entry) for entry in islice(self._entries, count)],
            }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
