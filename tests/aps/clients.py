"""The control panel's own clients (apsconnectcli, osaapi), in an environment of their own."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

PYTHON = Path(__file__).resolve().parents[2] / ".venv/aps-clients/bin/python"


class Clients(NamedTuple):
    """A Python in which they can be imported, and a home folder that they may write to."""

    python: Path
    home: Path

    def run(self, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Call this Python with these words, such as `-m apsconnectcli.apsconnect hub-token`; fails nothing."""
        environment = {"HOME": str(self.home), "PATH": os.defpath, "PYTHONWARNINGS": "ignore"}
        command = [str(self.python), *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=timeout, cwd=self.home
        )


@pytest.fixture
def clients(tmp_path: Path) -> Clients:
    """Skips where they are not installed (in CI that is a failure): `make test` does it, by CPython 3.11 only."""
    if not PYTHON.exists():
        pytest.skip("no apsconnectcli: `make test` installs it, by CPython 3.11 only")
    home = tmp_path / "home"
    home.mkdir()
    return Clients(PYTHON, home)
