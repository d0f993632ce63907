"""For tests: the controller as a thread (`ControllerServer`, quick) or as a process (`running_controller`)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oxherd.controller.server import ControllerServer

__all__ = ["ControllerServer", "RunningController", "running_controller"]


@dataclass(frozen=True)
class RunningController:
    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """As the power cut does it: SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_controller(folder: Path, **options: str | float | bool) -> Iterator[RunningController]:
    """A process with its data in `folder/controller.sqlite3`; `options` are those of the command, with underscores.

    Raises RuntimeError if the process ends before it listens.
    """
    command = [sys.executable, "-m", "oxherd.controller", "--data", str(folder / "controller.sqlite3")]
    for name, value in {"port": 0, **options}.items():
        flag = name.replace("_", "-")
        command += [f"--{'' if value else 'no-'}{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        yield RunningController(_announced_url(process), process)
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _announced_url(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"The controller ended with status {process.wait()} before it listened.")
    return line.split()[-1]
