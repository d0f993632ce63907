"""How many objects one worker brings to platforms at once, such that calls that hang do not stop the others.

Every object holds a place while the platform is asked, and only then. A call that takes much longer than usual is most
likely waiting for nothing: its place is given to the next object, and it goes on in the slow lane, which has bounds.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

SLOW_LANE = 24
SHORTEST_PATIENCE_SECONDS = 0.4
PATIENCE = 8.0  # times the usual


class Lanes:
    def __init__(self, concurrency: int) -> None:
        self._free = threading.Semaphore(concurrency)
        self._lock = threading.Lock()
        self._holding: dict[int, float] = {}  # ticket -> since when (monotonic seconds)
        self._tickets = iter(range(2**62))
        self._usual = 0.1

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place, and hold it until the end or until patience is over."""
        self._free.acquire()
        began = time.monotonic()
        with self._lock:
            ticket = next(self._tickets)
            self._holding[ticket] = began
        try:
            yield
        finally:
            self._leave(ticket, time.monotonic() - began)

    def pass_on_slow_places(self) -> int:
        """Give away the places of calls beyond patience; returns how many. Called a few times a second."""
        now = time.monotonic()
        with self._lock:
            patience = max(SHORTEST_PATIENCE_SECONDS, PATIENCE * self._usual)
            slow = [ticket for ticket, since in self._holding.items() if now - since > patience]
            for ticket in slow:
                del self._holding[ticket]
        for _ in slow:
            self._free.release()
        return len(slow)

    def _leave(self, ticket: int, seconds: float) -> None:
        with self._lock:
            held = self._holding.pop(ticket, None)
            if held is not None:
                self._usual += 0.1 * (seconds - self._usual)
            else:  # one that hung says little about the usual; that all take so long is learnt by and by
                self._usual = min(self._usual * 1.1, seconds)
        if held is not None:
            self._free.release()


lanes = Lanes(settings.WORKER_CONCURRENCY)
