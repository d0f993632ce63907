import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from threading import Event

import psycopg
import pytest

from oxherd.embedded.postgres import EmbeddedPostgres, PostgresError
from oxherd.embedded.processes import processes_with
from oxherd.embedded.testing import UNSAFE_AND_QUICK


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(data):
    server = EmbeddedPostgres(data, UNSAFE_AND_QUICK)
    server.start()
    yield server
    server.stop()


def write(server, text):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(server):
    with psycopg.connect(server.url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note")]


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this took too long"
        Event().wait(0.02)


def test_server_starts_and_keeps_its_data_over_a_stop(server):
    write(server, "kept")
    server.stop()
    server.start()
    assert notes(server) == ["kept"]


def test_application_is_no_superuser_but_owns_its_database(server):
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, datname FROM pg_roles JOIN pg_database ON datdba = pg_roles.oid "
            "WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, True, "oxherd")


def test_server_is_not_reachable_over_the_network_nor_for_other_accounts(server):
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert server.folder.stat().st_mode & 0o777 == 0o700


def test_killed_server_comes_back_with_all_it_had_committed(data):
    server = EmbeddedPostgres(data)  # with the settings that keep a commit over a crash
    server.start()
    write(server, "before the crash")
    with closing(psycopg.connect(server.url)):
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not server.is_running())
        server.start()
    assert notes(server) == ["before the crash"]
    server.stop()


def test_second_server_on_the_same_folder_is_refused(server, data):
    with pytest.raises(PostgresError) as refusal:
        EmbeddedPostgres(data).start()
    assert str(refusal.value) == f"Another oxherd already uses the data folder {data}."
    assert server.is_running()


def test_refused_start_leaves_the_folder_free_once_the_first_has_stopped(server, data):
    second = EmbeddedPostgres(data, UNSAFE_AND_QUICK)
    with pytest.raises(PostgresError):
        second.start()
    server.stop()
    second.start()
    second.stop()


def test_path_too_long_for_a_socket_gets_a_short_socket_folder(tmp_path):
    server = EmbeddedPostgres(tmp_path / ("long" * 30), UNSAFE_AND_QUICK)
    server.start()
    assert server.socket_folder == Path("/tmp") / server.name
    assert server.socket_folder.stat().st_mode & 0o777 == 0o700
    write(server, "through the short path")
    server.stop()
    assert not server.socket_folder.exists()


def test_half_made_data_is_made_anew(data):
    (data / "postgres.new" / "base").mkdir(parents=True)
    server = EmbeddedPostgres(data, UNSAFE_AND_QUICK)
    server.start()
    server.stop()
    assert not (data / "postgres.new").exists()


def test_pid_file_whose_number_went_to_another_process_does_not_stop_the_start(server):
    server.stop()
    lines = [str(os.getppid()), str(server.folder), "1", "5432", str(server.folder), "", "  1 1", "ready", ""]
    (server.folder / "postmaster.pid").write_text("\n".join(lines))
    server.start()
    assert server.is_running()


def test_folders_above_the_data_keep_their_modes(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "data", UNSAFE_AND_QUICK)
    server.start()
    write(server, "below a closed folder")
    server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_server_that_cannot_start_says_what_its_log_says(data):
    server = EmbeddedPostgres(data, {"shared_buffers": "nonsense"})
    with pytest.raises(PostgresError) as failure:
        server.start()
    assert 'invalid value for parameter "shared_buffers": "nonsense"' in str(failure.value)


@pytest.fixture
def orphaned(data):
    """A server whose starter was killed; it is stopped by the kernel's signal, whoever runs it."""
    program = (
        "import sys, pathlib; from oxherd.embedded.postgres import EmbeddedPostgres as E;"
        "e = E(pathlib.Path(sys.argv[1]), {'fsync': 'off'}); e.start(); print(e.name, flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    name = starter.stdout.readline().strip()
    assert processes_with(name)
    starter.kill()
    starter.communicate()
    return name


def test_server_stops_when_its_starter_is_killed(orphaned):
    until(lambda: not processes_with(orphaned))


def test_start_after_a_killed_starter_needs_no_waiting(orphaned, data):
    server = EmbeddedPostgres(data, UNSAFE_AND_QUICK)
    server.start()
    write(server, "again")
    server.stop()
