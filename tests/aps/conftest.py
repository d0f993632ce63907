from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.aps.clients import clients
from tests.aps.controller import Signing, signing
from tests.worker import empty_queue

from oxherd.sandbox.testing import SandboxServer

__all__ = ["clients"]


@pytest.fixture
def sandbox(tmp_path: Path, transactional_db: None, settings: Any) -> Iterator[SandboxServer]:
    """The stand-in over HTTP; what it refuses for a moment is tried again at once."""
    settings.SYNC_BACK_OFF_SECONDS = 0
    settings.BREAKER_PROBE_SECONDS = 0
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite") as server:
        yield server


@pytest.fixture
def odin(db: None) -> Signing:
    """A controller whose instance is enrolled."""
    controller = signing()
    controller.enrol()
    return controller
