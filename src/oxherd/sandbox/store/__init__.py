"""The file in which the stand-in keeps what it was told.

One transaction per call. Write-ahead logging with `synchronous=NORMAL`: whatever was acknowledged survives the death of
the process at any moment (not of the machine). One connection writes, under a lock; reads have connections of their own
and never wait for it.
"""

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from oxherd.sandbox.rules import folded

SCHEMAS = ("schema.sql", "cloud.sql")
READERS = 4
STOP_SECONDS = 5.0
Row = sqlite3.Row


class Store:
    def __init__(self, path: Path, script: str | None = None) -> None:
        """script: makes the tables; by default those of the stand-in."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.executescript(script or _own_tables())
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self.connections = [self._writer, *(self._connect() for _ in range(READERS))]
        for reader in self.connections[1:]:
            self._readers.put(reader)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=400, timeout=30
        )
        connection.row_factory = sqlite3.Row
        connection.create_function("folded", 1, folded, deterministic=True)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32000")
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or after any exception nothing."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view, whatever is written meanwhile."""
        connection = self._readers.get()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.execute("ROLLBACK")
            self._readers.put(connection)

    def close(self) -> None:
        """A reader that is still at work is left to the end of the process."""
        with self._lock, contextlib.suppress(queue.Empty):
            self._writer.close()
            for _ in range(READERS):
                self._readers.get(timeout=STOP_SECONDS).close()


def _own_tables() -> str:
    return "".join(files(__package__).joinpath(schema).read_text(encoding="utf-8") for schema in SCHEMAS)
