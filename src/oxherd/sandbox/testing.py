"""For tests: the stand-in as a thread (`SandboxServer`, quick) or as a process (`running_sandbox`, can be killed)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from oxherd.sandbox.server import SandboxServer

__all__ = ["Running", "SandboxServer", "queries", "running", "running_sandbox"]


@contextmanager
def queries(sandbox: SandboxServer) -> Iterator[list[str]]:
    """What the store is asked meanwhile, statement by statement."""
    asked: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            asked.append(statement)

    for connection in sandbox.platform.store.connections:
        connection.set_trace_callback(note)
    try:
        yield asked
    finally:
        for connection in sandbox.platform.store.connections:
            connection.set_trace_callback(None)


@dataclass(frozen=True)
class Running:
    """A process of a stand-in, and where it listens."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """As the power cut does it: SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def running_sandbox(folder: Path, *arguments: str, **options: str | float | bool) -> AbstractContextManager[Running]:
    """As `running`, with its data in `folder/sandbox.sqlite3`."""
    return running("oxherd.sandbox", folder / "sandbox.sqlite3", *arguments, **options)


@contextmanager
def running(module: str, data: Path, *arguments: str, **options: str | float | bool) -> Iterator[Running]:
    """A process of this module on a free port; `options` are those of its command, with underscores.

    `account_override=True` passes `--account-override`. Raises RuntimeError if the process ends before it listens.
    """
    command = [sys.executable, "-m", module, "--data", str(data)]
    for name, value in {"port": 0, **options}.items():
        flag = name.replace("_", "-")
        command += [f"--{'' if value else 'no-'}{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        yield Running(_announced_url(module, process), process)
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _announced_url(module: str, process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{module} ended with status {process.wait()} before it listened.")
    return line.split()[-1]
