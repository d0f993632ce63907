"""Find and end the processes that a killed instance left behind."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


def processes_with(text: str) -> set[int]:
    """Return the ids of all processes (but this one) whose command line or title holds `text`."""
    return _processes_whose("cmdline", text)


def processes_started_with(variable: str) -> set[int]:
    """Return the ids of all processes (but this one) that were started with `NAME=value` in their environment."""
    return _processes_whose("environ", f"\0{variable}\0")


def _processes_whose(file: str, text: str) -> set[int]:
    wanted = os.fsencode(text)
    found = set()
    for folder in Path("/proc").iterdir():
        # A process may end while we look, and others' environment is not ours to read.
        with suppress(OSError):
            if folder.name.isdigit() and wanted in b"\0" + (folder / file).read_bytes() + b"\0":
                found.add(int(folder.name))
    return found - {os.getpid()}


def end_processes(find: Callable[[], set[int]], signals: Iterable[signal.Signals], patience: float) -> None:
    """Send the first signal to all that `find` returns, and each following one to those that stay for `patience`."""
    for number in signals:
        for pid in find():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while find():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
