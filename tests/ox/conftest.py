from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.ox.wire import Wire, running_wire

from oxherd.ox.descriptions import Descriptions
from oxherd.ox.interface import Connection, ContextAccess, ContextAdmin, ContextData, Platform, UserData, platform_for
from oxherd.sandbox.testing import SandboxServer

ACCESS = ContextAccess(10, "oxadmin", "admin-secret")
ADMIN = ContextAdmin(
    login="oxadmin",
    password="admin-secret",
    display_name="Acme administrator",
    given_name="Acme",
    surname="Administrator",
    address="oxadmin@acme.test",
    language="en_US",
    timezone="Europe/Berlin",
)
ACME = ContextData(name="acme", login_mappings=("acme.test",), quota_mb=1000, marker="tenant-1")
ANNA = UserData(
    name="anna",
    display_name="Anna Beispiel",
    given_name="Anna",
    surname="Beispiel",
    primary_address="anna@acme.test",
    aliases=("anna@acme.test", "info@acme.test"),
    language="de_DE",
    timezone="Europe/Berlin",
    password="anna-secret",
    drive_quota_mb=2048,
    photo=None,
    access_combination="groupware_standard",
    marker="account-1",
)
BERT = replace(
    ANNA,
    name="bert",
    display_name="Bert Beispiel",
    given_name="Bert",
    primary_address="bert@acme.test",
    aliases=("bert@acme.test",),
    marker="account-2",
)


def connection_to(url: str, **changes: object) -> Connection:
    return replace(Connection("app_suite", url, "oxadminmaster", "secret"), **changes)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """Its descriptions are its own, also where an earlier one had the same port."""
    monkeypatch.setattr("oxherd.ox.calls.DESCRIPTIONS", Descriptions())
    with running_wire() as running:
        yield running


@pytest.fixture
def wired(wire: Wire) -> Platform:
    return platform_for(connection_to(wire.url))


@pytest.fixture
def sandbox(tmp_path) -> Iterator[SandboxServer]:
    with SandboxServer(tmp_path / "sandbox.sqlite3", username_changeable=True) as server:
        yield server


@pytest.fixture
def platform(sandbox: SandboxServer) -> Platform:
    return platform_for(connection_to(sandbox.url))


@pytest.fixture
def acme(platform: Platform) -> ContextAccess:
    """The tenant Acme, there with its administrator."""
    platform.create_context(ACCESS.context_id, ACME, ADMIN, "groupware_premium")
    return ACCESS
