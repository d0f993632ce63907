from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.sandbox.rest import PLUGINS, Rest
from tests.sandbox.soap import ACME, Caller, calling, context_admin

from oxherd.sandbox.testing import SandboxServer

StartSandbox = Callable[..., SandboxServer]


@pytest.fixture
def start_sandbox(tmp_path) -> Iterator[StartSandbox]:
    """Starts one with other switches than the usual."""
    with ExitStack() as stack:

        def start(**switches: bool) -> SandboxServer:
            return stack.enter_context(SandboxServer(tmp_path / "sandbox.sqlite3", **switches))

        yield start


@pytest.fixture
def sandbox(start_sandbox: StartSandbox) -> SandboxServer:
    return start_sandbox()


@pytest.fixture
def caller(sandbox: SandboxServer) -> Iterator[Caller]:
    with calling(sandbox.url) as ready:
        yield ready


def add_acme(caller: Caller) -> None:
    caller.master(
        "createModuleAccessByName",
        ctx={**ACME, "name": "acme", "maxQuota": 1000, "loginMappings": ["acme.test"]},
        admin_user=context_admin(),
        access_combination_name="groupware_premium",
    )


@pytest.fixture
def acme(caller: Caller) -> Caller:
    """The context 10 with its admin, and a caller to reach it."""
    add_acme(caller)
    return caller


@pytest.fixture
def north(caller: Caller) -> Caller:
    """The brands north and south, and north's context north_acme with the id 1."""
    caller.add_brand("north")
    caller.add_brand("south")
    caller.add_brand_context("acme")
    return caller


@pytest.fixture
def cloud(north: Caller) -> Rest:
    """The Cloud API for north."""
    return Rest(north.url)


@pytest.fixture
def plugins(north: Caller) -> Rest:
    """The cloud plug-ins for north."""
    return Rest(north.url, prefix=PLUGINS)


@pytest.fixture
def calling_acme() -> Iterator[Callable[[SandboxServer], Caller]]:
    """As `acme`, for a server that a test starts itself."""
    with ExitStack() as stack:

        def reach(server: SandboxServer) -> Caller:
            caller = stack.enter_context(calling(server.url))
            add_acme(caller)
            return caller

        yield reach
