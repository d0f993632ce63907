"""For tests: the controller as a thread (`ControllerServer`, quick) or as a process (`running_controller`)."""

from contextlib import AbstractContextManager
from pathlib import Path

from oxherd.controller.server import ControllerServer
from oxherd.sandbox.testing import Running, running

__all__ = ["ControllerServer", "running_controller"]


def running_controller(folder: Path, **options: str | float | bool) -> AbstractContextManager[Running]:
    """As the stand-in's `running`, with its data in `folder/controller.sqlite3`."""
    return running("oxherd.controller", folder / "controller.sqlite3", **options)
