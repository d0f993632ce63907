"""The background: goes on with tasks, and tells events."""

import logging
import threading
from typing import Self

from oxherd.controller import events, queue, tasks
from oxherd.controller.hub import Hub

THREADS = 3
LOOK_SECONDS = 0.25
STOP_SECONDS = 10.0
log = logging.getLogger(__name__)


class Clock:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]

    def start(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Calls in hand are finished."""
        self._stopping.set()
        self.hub.wake()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        pause = min(LOOK_SECONDS, 1 / self.hub.settings.hurry)
        while not self._stopping.is_set():
            try:
                busy = self._one()
            except Exception:
                log.exception("A task or an event has failed inside the controller")
                busy = False
            if not busy and not self._stopping.is_set():
                self.hub.woken.wait(pause)
                self.hub.woken.clear()

    def _one(self) -> bool:
        with self.hub.store.reading() as db:
            waiting = db.execute(
                "SELECT EXISTS (SELECT 1 FROM tasks WHERE state = 'waiting')"
                " OR EXISTS (SELECT 1 FROM deliveries WHERE state = 'waiting')"
            ).fetchone()[0]
        if not waiting:
            return False
        with self.hub.store.writing() as db:
            task = queue.due(db, self.hub.catalogue)
            event = None if task is not None else events.due(db)
        if task is not None:
            tasks.run(self.hub, task)
        elif event is not None:
            events.deliver(self.hub, event)
        return task is not None or event is not None
