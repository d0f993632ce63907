"""The web server: granian, one process per core, stateless."""

import ctypes
import os
import signal
from typing import Any

import click

PR_SET_PDEATHSIG = 1
THREADS = 4
# A thread that goes leaves its connection to the database open for a while: it may be idle for long (granian's most).
IDLE_SECONDS = 600
# A request that is still being answered gets so long when the server stops.
STOP_SECONDS = 4


def load_application(target: str) -> Any:
    """Load the application in one of granian's processes, which from then on ends together with granian itself."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    from granian._internal import load_target

    return load_target(target)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--processes", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Default: one per core.")
def web(host: str, port: int, processes: int) -> None:
    """Serve the panel. Any number of these can serve one database."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "oxherd.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=load_application)
