"""Runs the stand-in: in a thread of this process, or as a process of its own."""

import logging
import signal
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oxherd.sandbox.http11 import Message, Server
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply
from oxherd.sandbox.routes import answer
from oxherd.sandbox.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class SandboxServer:
    """`port` 0 takes a free one. Also a context manager. `platform` gives tests its store, mischief and journal."""

    def __init__(
        self, data: Path, port: int = 0, *, host: str = "127.0.0.1", settings: Settings | None = None, **switches: Any
    ) -> None:
        """`switches` are fields of Settings, for those who give only one or two."""
        self.platform = Platform(data, settings or Settings(**switches))
        try:
            self._server = Server((host, port), self._answer)
        except OSError:
            self.platform.store.close()
            raise
        self._host = host
        self._thread = threading.Thread(target=self._server.serve, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.stop()
        self._thread.join()
        self.platform.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, message: Message) -> Reply:
        return answer(self.platform, message)


def serve(port: int, data: Path, *, host: str = "127.0.0.1", settings: Settings | None = None) -> None:
    """Runs until SIGTERM or SIGINT, then finishes the calls in hand. Raises OSError if the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with SandboxServer(data, port, host=host, settings=settings) as server:
        print(f"The stand-in listens on {server.url}", flush=True)  # noqa: T201 - the one line that callers read
        stop.wait()
