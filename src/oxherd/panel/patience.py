"""A database that takes questions and never answers must not hold pages for ever: after a while we hang up."""

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from time import sleep
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from psycopg.pq import TransactionStatus

PATIENCE_SECONDS = 15
LOOK_SECONDS = 1.0
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


class Watch:
    """Hangs up on a frozen server: who waits for its answer then gets OperationalError.

    PostgreSQL's own limits are kept by the server, and over a local socket nothing else tells us that it is frozen.
    patience: seconds of waiting after which a connection is suspect. answers: asked then; only False lets us hang up.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        look: float = LOOK_SECONDS,
        answers: Callable[[], bool] = server_answers,
    ) -> None:
        self.patience, self.look, self.answers = patience, look, answers
        self._waited: WeakKeyDictionary[psycopg.Connection, float] = WeakKeyDictionary()
        self._lock = Lock()
        self._thread: Thread | None = None

    def over(self, watched: psycopg.Connection) -> None:
        """Watch this connection too, for as long as it lives."""
        with self._lock:
            self._waited.setdefault(watched, 0)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="database watch", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            sleep(self.look)
            with self._lock:
                present = list(self._waited.items())
            for watched, waited in present:
                self._look_at(watched, waited)

    def _look_at(self, watched: psycopg.Connection, waited: float) -> None:
        waits = not watched.closed and watched.pgconn.transaction_status == TransactionStatus.ACTIVE
        waited = waited + self.look if waits else 0
        if waited >= self.patience:
            waited = 0
            if not self.answers():
                log.error("The database has not answered for %s seconds: hanging up", self.patience)
                hang_up(watched)
        self._waited[watched] = waited


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
