"""The platforms that keep the contract: the stand-in as each kind, and a real one where the environment names it."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.ox.cloud import cloud_connection, found_brands
from tests.ox.conftest import connection_to

from oxherd.ox.interface import Connection, ContextAccess, ContextAdmin, ContextData, Platform, UserData, platform_for
from oxherd.sandbox.testing import SandboxServer

PREFIX = "OXHERD_CONTRACT_"
NEEDED = ("KIND", "URL", "LOGIN", "PASSWORD")
DIALECTS = ("app_suite", "ox_cloud", "cloud_api")
COMBINATIONS = {
    "app_suite": ("groupware_standard", "webmail"),
    "ox_cloud": ("cloud_productivity", "cloud_pim"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A platform and a context of its own to try things in. mark: makes all names new, in this run and on any platform.

    combinations: two access combinations of the platform; the first one for most.
    """

    platform: Platform
    access: ContextAccess
    data: ContextData
    mark: str
    combinations: tuple[str, str]

    @property
    def domain(self) -> str:
        return f"c-{self.mark}.example"

    def user(self, word: str) -> UserData:
        """A user who has all that any platform keeps; mail quota and class of service where the platform keeps them."""
        address = f"{word}@{self.domain}"
        of_mailbox = {"mail_quota_mb": 50, "class_of_service": self.combinations[:1]} if self.platform.mail else {}
        return UserData(
            name=address,
            display_name=f"{word.title()} {self.mark}",
            given_name=word.title(),
            surname="Contract",
            primary_address=address,
            aliases=(address, f"{word}.alias@{self.domain}"),
            language="de_DE",
            timezone="Europe/Berlin",
            password=secrets.token_urlsafe(16),
            drive_quota_mb=50,
            photo=None,
            access_combination=self.combinations[0],
            marker=f"account-{word}-{self.mark}",
            **of_mailbox,
        )


def _said(name: str, otherwise: str = "") -> str:
    return os.environ.get(f"{PREFIX}{name}", otherwise)


@pytest.fixture(params=[*DIALECTS, "real"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    if request.param == "real":
        if missing := [f"{PREFIX}{name}" for name in NEEDED if not _said(name)]:
            pytest.skip(f"no real platform: {', '.join(missing)} not set")
        yield Connection(*(_said(name) for name in NEEDED), api=_said("API", "soap"))
        return
    with SandboxServer(tmp_path / "sandbox.sqlite3", username_changeable=True) as server:
        found_brands(server, tmp_path)
        kinds = {"app_suite": connection_to(server.url), "ox_cloud": cloud_connection(server.url)}
        yield kinds.get(request.param) or cloud_connection(server.url, api=request.param)


@pytest.fixture
def platform(connection: Connection) -> Platform:
    return platform_for(connection)


@pytest.fixture
def ground(platform: Platform, connection: Connection) -> Iterator[Ground]:
    """A context that is new, and gone afterwards, whatever happens in between."""
    mark, usual = secrets.token_hex(4), COMBINATIONS[connection.kind]
    combinations = (_said("COMBINATION", usual[0]), _said("OTHER_COMBINATION", usual[1]))
    number = int(_said("CONTEXT_ID") or 900_000 + secrets.randbelow(90_000))
    context_id = number if connection.kind == "app_suite" else None
    data = ContextData(f"contract-{mark}", (f"c-{mark}.example",), 100, f"tenant-{mark}")
    login, password = f"admin-{mark}", secrets.token_urlsafe(16)
    admin = ContextAdmin(
        login, password, f"Admin {mark}", "Contract", "Admin", f"{login}@c-{mark}.invalid", "en_US", "Europe/Berlin"
    )
    made = platform.create_context(context_id, data, admin, combinations[0])
    try:
        access = ContextAccess(made.context_id, login, password)
        yield Ground(platform, access, data, mark, combinations)
    finally:
        platform.remove_context(made.context_id)
