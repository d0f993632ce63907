import socket
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from tests.cast import Cast

from oxherd.panel.patience import WATCH, Watch, server_answers


@pytest.fixture
def line(transactional_db: None) -> psycopg.Connection:
    """A connection of its own, since it will be lost."""
    with psycopg.connect(**connection.get_connection_params()) as line:
        yield line


def test_a_server_that_does_not_answer_is_hung_up_on(line: psycopg.Connection) -> None:
    Watch(patience=0.3, look=0.1, answers=lambda: False).over(line)
    process, began = line.info.backend_pid, time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        line.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - began < 10
    with connection.cursor() as cursor:  # the server still sleeps, and would be in the way of the tests' end
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])


def test_a_server_that_is_only_slow_is_waited_for(line: psycopg.Connection) -> None:
    Watch(patience=0.2, look=0.05).over(line)
    assert line.execute("SELECT 1 FROM pg_sleep(1)").fetchone() == (1,)


def test_a_server_that_listens_and_says_nothing_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = {"host": "127.0.0.1", "port": silent.getsockname()[1], "connect_timeout": 2}
        monkeypatch.setattr(connection, "get_connection_params", lambda: address)
        assert not server_answers()


def test_a_server_that_refuses_us_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(connection, "get_connection_params", lambda: {"host": str(tmp_path)})
    assert server_answers()


def test_a_connection_that_a_thread_has_left_behind_is_closed(line: psycopg.Connection) -> None:
    watch = Watch(look=0.05, unused=0.2)
    watch.over(line)
    deadline = time.monotonic() + 20
    while not line.closed:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_connection_in_use_is_left_alone(line: psycopg.Connection) -> None:
    watch = Watch(look=0.05, unused=0.5)
    watch.over(line)
    assert line.execute("SELECT 1 FROM pg_sleep(1)").fetchone() == (1,)  # one long question
    for _ in range(10):  # and many short ones
        watch.over(line)
        assert line.execute("SELECT 1 FROM pg_sleep(0.1)").fetchone() == (1,)


def test_every_page_is_under_watch(cast: Cast) -> None:
    cast.client(cast.bob).get("/customers/")
    assert connection.connection in WATCH._lines
