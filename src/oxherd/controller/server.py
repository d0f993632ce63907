"""Runs the controller: in a thread of this process, or as a process of its own."""

import logging
import signal
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oxherd.controller import api, pages, rest, rpc
from oxherd.controller.authentication import Door
from oxherd.controller.clock import Clock
from oxherd.controller.hub import Hub
from oxherd.controller.settings import Settings
from oxherd.sandbox.http11 import Message, Server
from oxherd.sandbox.replies import Reply, text

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger(__name__)


class ControllerServer:
    """`port` 0 takes a free one. Also a context manager. `hub` gives tests its store, journal and faults."""

    def __init__(self, data: Path, port: int = 0, *, settings: Settings | None = None, **switches: Any) -> None:
        """`switches` are fields of Settings, for those who give only one or two."""
        self.hub = Hub(data, settings or Settings(**switches))
        self._door = Door(self.hub)
        try:
            self._server = Server(
                ("127.0.0.1", port), self._answer, self.hub.listen_with_tls() if self.hub.settings.tls else None
            )
        except OSError:
            self.hub.store.close()
            raise
        self.hub.url = self.url
        self._clock = Clock(self.hub)
        self._thread = threading.Thread(target=self._server.serve, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"{'https' if self.hub.settings.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        self._clock.start()
        return self

    def stop(self) -> None:
        self._clock.stop()
        self._server.stop()
        self._thread.join()
        self.hub.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, message: Message) -> Reply:
        started = time.perf_counter()
        try:
            reply = answer(self.hub, self._door, message)
        except Exception:
            log.exception("%s %s failed", message.method, message.path)
            reply = text(500, "Something broke inside the controller; its log tells what.")
        if message.path.startswith((rest.PREFIX, "/RPC2")) and "/ui/" not in message.path:
            spent = (time.perf_counter() - started) * 1000
            transaction = message.headers.get("aps-transaction-id", "")
            self.hub.journal.add("in", message.method, message.path, reply.status, spent, transaction=transaction)
        return reply


def answer(hub: Hub, door: Door, message: Message) -> Reply:
    if message.path == rpc.PLACE:
        return rpc.answer(hub, message)
    if pages.is_for_views(message):
        return pages.for_views(hub, message)
    if message.path == rest.PREFIX or message.path.startswith(f"{rest.PREFIX}/"):
        return rest.answer(hub, door, message)
    if message.method not in ("GET", "HEAD") and _is_foreign(message):
        return text(403, "Requests that change the controller must come from its own pages or from no page at all.")
    if message.path.startswith(api.PREFIX):
        return api.answer(hub, message)
    return pages.answer(hub, message)


def _is_foreign(message: Message) -> bool:
    """A browser on somebody else's page: it says so in `Origin`."""
    origin = message.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != message.headers.get("host")


def serve(port: int, data: Path, *, settings: Settings | None = None) -> None:
    """Runs until SIGTERM or SIGINT, then finishes the calls in hand. Raises OSError if the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with ControllerServer(data, port, settings=settings) as server:
        print(f"The controller listens on {server.url}", flush=True)  # noqa: T201 - the one line that callers read
        stop.wait()
