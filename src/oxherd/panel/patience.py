"""The database's lines are watched: one that never answers must not hold pages for ever, nor be kept by nobody."""

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from time import sleep
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from psycopg.pq import TransactionStatus

PATIENCE_SECONDS = 15
LOOK_SECONDS = 1.0
# Longer than Django keeps a connection (OXHERD_CONN_MAX_AGE), and than a page is made without asking the database.
UNUSED_SECONDS = 300
log = logging.getLogger(__name__)


def server_answers() -> bool:
    """Whether the server still talks to newcomers, be it to refuse them: if it does, it is slow, not frozen."""
    try:
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        return True
    return True


@dataclass(slots=True)
class Line:
    """For how many seconds a connection has waited for an answer, and has asked nothing."""

    waited: float = 0
    unused: float = 0


class Watch:
    """Hangs up on a frozen server: who waits for its answer then gets OperationalError.

    PostgreSQL's own limits are kept by the server, and over a local socket nothing else tells us that it is frozen.
    patience: seconds of waiting after which a connection is suspect. answers: asked then; only False lets us hang up.
    Also closes what has not been used for so many seconds (`unused`): the server's threads come and go, and what one of
    them has left would stay open.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        look: float = LOOK_SECONDS,
        answers: Callable[[], bool] = server_answers,
        unused: float = UNUSED_SECONDS,
    ) -> None:
        self.patience, self.look, self.answers, self.unused = patience, look, answers, unused
        self._lines: WeakKeyDictionary[psycopg.Connection, Line] = WeakKeyDictionary()
        self._lock = Lock()
        self._thread: Thread | None = None

    def over(self, watched: psycopg.Connection) -> None:
        """Watch this connection too, which has just been used, for as long as it lives."""
        with self._lock:
            self._lines.setdefault(watched, Line()).unused = 0
            if self._thread is None:
                self._thread = Thread(target=self._run, name="database watch", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            sleep(self.look)
            with self._lock:
                present = list(self._lines.items())
            for watched, line in present:
                self._look_at(watched, line)

    def _look_at(self, watched: psycopg.Connection, line: Line) -> None:
        if watched.closed:
            return
        if watched.pgconn.transaction_status != TransactionStatus.ACTIVE:
            line.waited, line.unused = 0, line.unused + self.look
            if line.unused >= self.unused:
                watched.close()
            return
        line.waited, line.unused = line.waited + self.look, 0
        if line.waited >= self.patience:
            line.waited = 0
            if not self.answers():
                log.error("The database has not answered for %s seconds: hanging up", self.patience)
                hang_up(watched)


def hang_up(watched: psycopg.Connection) -> None:
    """End the connection's socket under whoever waits for it in another thread."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(watched.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)


WATCH = Watch()


class PatienceMiddleware:
    """Puts the connection of each thread that answers requests under watch."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if connection.connection is not None:
            WATCH.over(connection.connection)
        return response
