"""The command as a whole: what it says where its database is not there."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from django.db import OperationalError
from psycopg.errors import AdminShutdown, DeadlockDetected

from oxherd.cli.main import ENOUGH_FOR_HELP, LazyGroup, Subcommand, is_out_of_reach

ROOT = Path(__file__).parents[2]
KEYS = {name: value for name, value in ENOUGH_FOR_HELP.items() if name != "DATABASE_URL"}


def oxherd(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it in this folder, with nothing set but this."""
    around = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.defpath, **environment}
    command = [sys.executable, "-m", "oxherd.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=around, cwd=folder)


@pytest.mark.parametrize(
    "words",
    [
        ("aps", "instances"),
        ("aps", "consumer", "add", "--name", "Odin"),
        ("aps", "enrol", "--name", "Odin"),
        ("aps", "demo", "--port", "18209"),
        ("administrator", "list"),
    ],
)
def test_a_database_that_does_not_answer_is_one_sentence(tmp_path, words):
    with closing(socket.socket()) as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"postgresql://oxherd:s3cret@127.0.0.1:{unheard.getsockname()[1]}/oxherd"
        told = oxherd(*words, folder=tmp_path, DATABASE_URL=address, **KEYS)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        "Error: oxherd cannot reach its database. Start it (`oxherd run` brings one of its own), or correct"
        " DATABASE_URL.\n"
    )


def test_what_the_database_refuses_is_not_taken_for_its_absence():
    def failure(cause: Exception) -> OperationalError:
        error = OperationalError(str(cause))
        error.__cause__ = cause
        return error

    assert is_out_of_reach(failure(AdminShutdown()))
    assert not is_out_of_reach(failure(DeadlockDetected()))
    assert not is_out_of_reach(ValueError())
    group = LazyGroup(subcommands={"fail": Subcommand("tests.cli.test_main:fail", "Fails.")})
    with pytest.raises(ZeroDivisionError):
        group.main(["fail"], standalone_mode=False)


@click.command()
def fail() -> None:
    1 / 0  # noqa: B018 - it is to fail


def test_where_no_instance_is_found_its_folder_is_asked_for(tmp_path):
    told = oxherd("aps", "instances", folder=tmp_path)
    assert told.returncode == 1
    assert told.stderr == (
        "Error: Set OXHERD_SECRET_KEY, or OXHERD_SECRET_KEY_FILE to a file that holds it. Or let OXHERD_DATA name the"
        f" data folder of an `oxherd run`; there is none in {tmp_path / 'var'}.\n"
    )
