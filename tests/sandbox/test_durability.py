"""What was acknowledged stays, whoever calls at the same time and whatever becomes of the process."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
import requests
from tests.sandbox.conftest import add_acme
from tests.sandbox.soap import calling
from zeep.exceptions import Fault

from oxherd.sandbox.testing import SandboxServer, running_sandbox


def names_and_ids(url):
    users = requests.get(f"{url}/sandbox/api/contexts/10/users?limit=100000").json()["users"]
    return {user["name"]: user["id"] for user in users}


def create_until_the_end(url, prefix, acknowledged, enough):
    with calling(url) as caller:
        for number in range(10_000):
            name = f"{prefix}{number}"
            try:
                acknowledged[name] = caller.add(name)
            except (requests.RequestException, OSError):
                return
            if len(acknowledged) >= 60:
                enough.set()


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path):
    acknowledged: dict[str, int] = {}
    enough = Event()
    with running_sandbox(tmp_path) as first:
        with calling(first.url) as caller:
            add_acme(caller)
        threads = [
            Thread(target=create_until_the_end, args=(first.url, prefix, acknowledged, enough)) for prefix in "abcd"
        ]
        for thread in threads:
            thread.start()
        assert enough.wait(30)
        first.kill()
        for thread in threads:
            thread.join()
    with running_sandbox(tmp_path) as second:
        held = names_and_ids(second.url)
        assert acknowledged.items() <= held.items()
        assert len(set(held.values())) == len(held)
        with calling(second.url) as caller:
            assert caller.add("after") == max(held.values()) + 1


def test_a_clean_stop_and_start_keep_everything(tmp_path):
    data = tmp_path / "sandbox.sqlite3"
    with SandboxServer(data) as first, calling(first.url) as caller:
        add_acme(caller)
        caller.add("anna", image1=b"picture")
        caller.admin("delete", user={"id": caller.add("bert")})
    with SandboxServer(data) as second, calling(second.url) as caller:
        assert caller.user(3).image1 == b"picture"
        assert caller.add("bert") == 5


def test_eight_at_once_make_no_doubles(acme):
    def create(number):
        with calling(acme.url) as caller:
            return [add_once(caller, f"user{each}") for each in range(20)]

    with ThreadPoolExecutor(8) as pool:
        made = [each for ids in pool.map(create, range(8)) for each in ids if each is not None]
    assert sorted(made) == list(range(3, 23))
    assert sorted(names_and_ids(acme.url)) == sorted(["oxadmin", *(f"user{each}" for each in range(20))])


def add_once(caller, name):
    try:
        return caller.add(name)
    except Fault:
        return None


@pytest.mark.parametrize("stop", ["terminate", "kill"])
def test_the_process_ends_when_told(tmp_path, stop):
    with running_sandbox(tmp_path) as running:
        assert requests.get(f"{running.url}/sandbox/api/health").json() == {"status": "ok", "contexts": 0}
        getattr(running.process, stop)()
        assert running.process.wait(timeout=10) == {"terminate": 0, "kill": -9}[stop]


def test_switches_of_the_command_reach_the_server(tmp_path):
    options = {"account_override": True, "master_login": "root", "master_password": "hidden"}
    with running_sandbox(tmp_path, **options) as running, calling(running.url) as caller:
        auth = {"login": "root", "password": "hidden"}
        assert caller.contexts.listAll(auth=auth) == []


def test_a_port_that_is_taken_is_told(tmp_path, sandbox):
    command = [sys.executable, "-m", "oxherd.sandbox", "--data", str(tmp_path / "x"), "--port", str(sandbox.port)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (
        1,
        f"Error: Cannot listen on 127.0.0.1:{sandbox.port}: Address already in use\n",
    )
