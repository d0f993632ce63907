"""What real networks and real controllers do to an endpoint, on demand. Kept in memory."""

import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

MOST = 1000


@dataclass
class Faults:
    """repeat: each call is made twice. lost_answers: that many answers get lost, and the call is made again.

    stale_transactions: a transaction is over before the endpoint can call back in it. trailing_slashes and odd_headers:
    addresses and names of headers as some controllers write them. redeliver: how often each event is told once more.
    """

    repeat: bool = False
    lost_answers: int = 0
    stale_transactions: bool = False
    trailing_slashes: bool = False
    odd_headers: bool = False
    redeliver: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def change(self, values: dict[str, Any]) -> None:
        """Raises ValueError for a fault that is none, or a value that does not fit."""
        kinds: dict[str, type] = {one.name: type(one.default) for one in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"There is no fault {name}.")
            if type(value) is not kinds[name] or (isinstance(value, int) and not 0 <= value <= MOST):
                raise ValueError(f"{name} cannot be {value!r}.")
        with self._lock:
            for name, value in values.items():
                setattr(self, name, value)

    def clear(self) -> None:
        self.change(asdict(Faults()))

    def times(self) -> int:
        """How often the next call is made."""
        with self._lock:
            if self.lost_answers:
                self.lost_answers -= 1
                return 2
            return 2 if self.repeat else 1
