"""A brand of OX Cloud on the stand-in."""

from dataclasses import replace
from pathlib import Path

from tests.ox.conftest import ANNA

from oxherd.ox.interface import Connection
from oxherd.sandbox.seed import plant
from oxherd.sandbox.testing import SandboxServer

BRAND, PASSWORD = "north", "north-secret"
SEED = f"""
brands:
  - {{name: {BRAND}, password: {PASSWORD}}}
  - {{name: south, password: south-secret}}
"""
# On OX Cloud users sign in with their address.
ANNA_IN_THE_CLOUD = replace(
    ANNA,
    name="anna@acme.test",
    access_combination="cloud_productivity",
    class_of_service=("cloud_productivity",),
    mail_quota_mb=2048,
)


def found_brands(sandbox: SandboxServer, folder: Path) -> None:
    """Let the stand-in have the brands north and south."""
    path = folder / "brands.yaml"
    path.write_text(SEED)
    plant(sandbox.platform, path)


def cloud_connection(url: str, login: str = BRAND, password: str = PASSWORD, *, api: str = "soap") -> Connection:
    return Connection("ox_cloud", url, login, password, api=api)
