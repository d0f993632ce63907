"""The parts of a running instance: programs of ours, kept alive, their output passed on."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

STOP_SECONDS = 6
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
# A part that ran for so long was well, and is started again without a pause.
WELL_AFTER_SECONDS = 10
LARGEST_LOG = 5_000_000
LONGEST_LINE = 1 << 20
NAME_WIDTH = 8
PROGRAM = [sys.executable, "-m", "oxherd.cli.main"]


def say(name: str, line: str) -> None:
    """Print a line of the part called `name`; without a name, the line alone."""
    # Whoever read our output may have left.
    with suppress(OSError):
        sys.stdout.write(f"{name:<{NAME_WIDTH}} | {line}\n" if name else f"{line}\n")
        sys.stdout.flush()


class Part:
    """One program: `oxherd <arguments>` in a process group of its own, which the kernel stops should we be killed."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.command = ["setpriv", "--pdeathsig", "TERM", *PROGRAM, *arguments]
        self.environment = environment
        self.log = logs / f"{name.replace(' ', '-')}.log"

    async def keep(self) -> None:
        """Run the program until we are cancelled, and start it again whenever it ends."""
        pause = SHORTEST_PAUSE
        while True:
            started = time.monotonic()
            status = await self.run()
            pause = SHORTEST_PAUSE if time.monotonic() - started > WELL_AFTER_SECONDS else pause
            say(self.name, f"ended ({described(status)}) and is started again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def run(self) -> int:
        """Run the program once and return its exit status. Cancelled, it is stopped."""
        process = await self._start(asyncio.subprocess.STDOUT)
        passing_on = asyncio.create_task(self._pass_on(process.stdout))
        try:
            return await process.wait()
        finally:
            await end_group(process)
            await passing_on

    async def result(self) -> str:
        """Run the program once and return what it printed. Raises ClickException if it fails."""
        process = await self._start(asyncio.subprocess.PIPE)
        telling = asyncio.create_task(self._pass_on(process.stderr))
        try:
            assert process.stdout  # noqa: S101 - we asked for the pipe
            printed = await process.stdout.read()
            status = await process.wait()
        finally:
            await end_group(process)
            await telling
        if status:
            raise click.ClickException(f"`oxherd {self.name}` failed; {self.log} says why.")
        return printed.decode(errors="replace")

    async def _start(self, stderr: int) -> asyncio.subprocess.Process:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.rename(self.log.with_suffix(".log.1"))
        return await asyncio.create_subprocess_exec(
            *self.command,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            limit=LONGEST_LINE,
            start_new_session=True,
        )

    async def _pass_on(self, stream: asyncio.StreamReader | None) -> None:
        assert stream  # noqa: S101 - we asked for the pipe
        with self.log.open("a") as log:
            while chunk := await next_line(stream):
                line = chunk.decode(errors="replace").rstrip()
                say(self.name, line)
                # A full disk must not stop the parts.
                with suppress(OSError):
                    log.write(line + "\n")
                    log.flush()


async def next_line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line, a piece of a line that is too long, or nothing at the end."""
    try:
        return await stream.readline()
    except ValueError:
        return b"(a line too long to show)"


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Stop the program, and whatever it has started and left."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def described(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
