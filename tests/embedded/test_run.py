"""`oxherd run`: with a real PostgreSQL and dummies for all other parts, and at the end with all parts."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from threading import Event

import psycopg
import pytest

from oxherd.embedded.postgres import EmbeddedPostgres
from oxherd.embedded.processes import processes_started_with, processes_with

PROGRAM = """
import sys
from oxherd.cli import parts
parts.PROGRAM[:] = [sys.executable, sys.argv.pop(1)]
from oxherd.cli.main import main
main()
"""
DUMMY = Path(__file__).with_name("dummy_part.py")
ENVIRONMENT = {name: os.environ[name] for name in ("PATH",)} | {"HOME": "/nonexistent"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """One `oxherd run`, and what it has printed so far."""

    def __init__(self, data, *arguments, program=("-c", PROGRAM, DUMMY)):
        self.data = data
        self.output = data.with_suffix(".out")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, *program, "run", "--data", data, *arguments],
                env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def printed(self):
        return self.output.read_text()

    def until(self, condition, seconds=120):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.printed()
            Event().wait(0.02)

    def until_ready(self):
        self.until(lambda: "oxherd is ready at" in self.printed() or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed()
        return self

    def pids(self, part):
        return [int(pid) for pid in re.findall(rf"^{part} +\| process (\d+)$", self.printed(), re.MULTILINE)]

    def all_pids(self):
        return {pid for part in ("sandbox", "web", "worker") for pid in self.pids(part)}

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path):
    runs = []

    def start(*arguments, data=tmp_path / "data", **options):
        runs.append(Run(data, *arguments, **options))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


@pytest.fixture
def ports():
    return "--port", str(free_port()), "--sandbox-port", str(free_port())


def test_run_says_where_everything_is_once_it_answers(start, ports):
    run = start(*ports).until_ready()
    said = [line for line in run.printed().splitlines() if not line.startswith(("worker ", "web ", "sandbox "))]
    assert said[-8:] == [
        f"oxherd   | the stand-in for Open-Xchange is at http://127.0.0.1:{ports[3]}/",
        f"oxherd   | the sign-ins of the demo are in {run.data}/sign-ins.txt",
        "",
        "Sign in with one of these:",
        "",
        "    operator@demo.test: a password",
        "",
        f"oxherd is ready at http://localhost:{ports[1]}/",
    ]
    assert (run.data / "sign-ins.txt").read_text() == "operator@demo.test: a password\n"


def test_secrets_are_made_once_and_only_their_owner_reads_them(start, ports):
    run = start(*ports).until_ready()
    keys = {path.name: path.read_text() for path in (run.data / "keys").iterdir()}
    assert sorted(keys) == ["demo-upsell-key", "encryption-key", "secret-key"]
    assert {path.stat().st_mode & 0o777 for path in (run.data / "keys").iterdir()} == {0o600}
    assert (run.data / "sign-ins.txt").stat().st_mode & 0o777 == 0o600
    run.stop()
    start(*ports).until_ready()
    assert {path.name: path.read_text() for path in (run.data / "keys").iterdir()} == keys


def test_interrupt_stops_everything_within_seconds(start, ports):
    run = start(*ports).until_ready()
    began = time.monotonic()
    assert run.stop() == 0
    assert time.monotonic() - began < 8
    assert [pid for pid in run.all_pids() if is_alive(pid)] == []
    assert processes_with(EmbeddedPostgres(run.data).name) == set()
    assert run.printed().splitlines()[-1] == "oxherd   | stopped"


def test_killed_parts_are_started_again(start, ports):
    run = start(*ports).until_ready()
    for part in ("sandbox", "web", "worker"):
        os.kill(run.pids(part)[0], signal.SIGKILL)
        run.until(lambda part=part: len(run.pids(part)) == 2)
    assert run.printed().count("ended (killed by SIGKILL) and is started again") == 3


def test_killed_database_is_started_again(start, ports):
    run = start(*ports).until_ready()
    os.kill(int((run.data / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    run.until(lambda: "database | ended and is started again" in run.printed())

    def answers():
        try:
            psycopg.connect(EmbeddedPostgres(run.data).url).close()
        except psycopg.OperationalError:
            return False
        return True

    run.until(answers)


def test_killed_run_leaves_nothing_behind_and_starts_again(start, ports):
    run = start(*ports).until_ready()
    run.process.kill()
    run.process.wait()
    run.until(lambda: not any(is_alive(pid) for pid in run.all_pids()))
    run.until(lambda: not processes_with(EmbeddedPostgres(run.data).name))
    start(*ports).until_ready()


def test_run_killed_with_its_database_starts_again_at_once(start, ports):
    run = start(*ports).until_ready()
    os.kill(int((run.data / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    start(*ports).until_ready()


def test_second_run_on_the_same_folder_is_refused(start, ports):
    first = start(*ports).until_ready()
    refused = subprocess.run(
        [sys.executable, "-m", "oxherd.cli.main", "run", "--data", first.data],
        env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Error: Another `oxherd run` already uses the data folder {first.data}. "
        "Stop it, or choose another folder with --data.\n"
    )


def test_port_that_was_asked_for_and_is_taken_is_an_error(start, ports, tmp_path):
    start(*ports).until_ready()
    refused = start("--port", ports[1], data=tmp_path / "second")
    assert refused.process.wait(20) == 1
    assert refused.printed() == f"Error: Port {ports[1]} on 127.0.0.1 is taken. Choose another: --port PORT.\n"


def test_port_of_the_controller_that_was_asked_for(start, ports):
    port = str(free_port())
    run = start(*ports, "--aps", "--controller-port", port).until_ready()
    run.until(lambda: f"aps demo --port {port}" in run.printed())
    assert json.loads((run.data / "ports.json").read_text())["controller"] == int(port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        run.stop()
        refused = start(*ports, "--aps", "--controller-port", taken)
        assert refused.process.wait(20) == 1
    assert refused.printed() == f"Error: Port {taken} on 127.0.0.1 is taken. Choose another: --controller-port PORT.\n"


def test_two_runs_side_by_side_choose_ports_of_their_own_and_keep_the_stand_ins(start, tmp_path):
    first = start().until_ready()
    second = start(data=tmp_path / "second").until_ready()
    chosen = [json.loads((run.data / "ports.json").read_text()) for run in (first, second)]
    assert len({port for ports in chosen for port in ports.values()}) == 4
    first.stop()
    second.stop()
    again = start(data=tmp_path / "second").until_ready()
    assert json.loads((again.data / "ports.json").read_text())["sandbox"] == chosen[1]["sandbox"]


def test_all_real_parts_answer_and_none_outlives_a_killed_run(start, ports):
    run = start(*ports, program=("-m", "oxherd.cli.main")).until_ready()
    for port, path in ((ports[1], "/healthz"), (ports[3], "/sandbox/api/health")):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            assert answer.status == 200
    mark = f"OXHERD_PART_OF={run.data}"
    assert len(processes_started_with(mark)) >= 5  # web and its own processes, worker, stand-in
    run.process.kill()
    run.process.wait()
    run.until(lambda: not processes_started_with(mark))
    run.until(lambda: not processes_with(EmbeddedPostgres(run.data).name))
