from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cast import Cast, make_cast
from tests.ox.cloud import found_brands
from tests.worker import drain, empty_queue

from oxherd.brands.commands import note_api
from oxherd.brands.states import Api, PlatformKind
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.models import SyncJob
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Tenant


@pytest.fixture
def sandbox(tmp_path: Path, transactional_db: None) -> Iterator[SandboxServer]:
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Stage:
    """The cast, with a platform that is there. changing: the stand-in's name of the operation that changes users."""

    cast: Cast
    sandbox: SandboxServer
    changing: str = "change"

    def in_ox(self, tenant: Tenant | None = None) -> list[dict[str, Any]]:
        """The users that the stand-in holds for a tenant (Acme), without the context's administrator."""
        from oxherd.sandbox import holdings

        tenant = tenant or self.cast.acme
        with self.sandbox.platform.store.reading() as db:
            users = holdings.users_page(db, Tenant.objects.get(pk=tenant.pk).context_id, "", 1000, 0)
        return [user for user in users if not user.get("contextadmin")]

    def names_in_ox(self, tenant: Tenant | None = None) -> list[str]:
        return [user["name"] for user in self.in_ox(tenant)]

    def context(self) -> dict[str, Any]:
        from oxherd.sandbox import holdings

        with self.sandbox.platform.store.reading() as db:
            return holdings.context(db, Tenant.objects.get(pk=self.cast.acme.pk).context_id)

    def calls(self) -> list[str]:
        """What was called since the last look, oldest first."""
        entries = self.sandbox.platform.journal.last()
        self.sandbox.platform.journal.reset()
        return [entry.operation for entry in reversed(entries)]

    def strikes(self, action: str, *, name: str = "*", times: int | None = None, **more: Any) -> None:
        """Let the stand-in misbehave for objects of this name."""
        rule = {"match": {"name": name, **more.pop("match", {})}, "action": action, "times": times, **more}
        self.sandbox.platform.mischief.replace({"rules": [rule]})

    def behaves(self) -> None:
        self.sandbox.platform.mischief.clear()


@pytest.fixture
def platform_kind() -> PlatformKind | Api:
    """Of the stage's platform; tests that hold for more than one say so by one of the two marks below.

    `Api.CLOUD_API` is a brand of OX Cloud whose users go by the Cloud API.
    """
    return PlatformKind.APP_SUITE


on_every_platform = pytest.mark.parametrize("platform_kind", list(PlatformKind))
# For what is about users; all else goes the same way on OX Cloud, whatever users go by.
on_every_dialect = pytest.mark.parametrize("platform_kind", [*PlatformKind, Api.CLOUD_API])


@pytest.fixture
def stage(
    transactional_db: None, sandbox: SandboxServer, settings: Any, tmp_path: Path, platform_kind: PlatformKind | Api
) -> Stage:
    """Cast and stand-in with both contexts in place; retries are due at once."""
    settings.SYNC_BACK_OFF_SECONDS = 0
    settings.BREAKER_PROBE_SECONDS = 0
    if platform_kind != PlatformKind.APP_SUITE:
        found_brands(sandbox, tmp_path)
    kind = platform_kind if isinstance(platform_kind, PlatformKind) else PlatformKind.OX_CLOUD
    changing = "PUT /users/*" if platform_kind == Api.CLOUD_API else "change"
    stage = Stage(make_cast(sandbox.url, kind), sandbox, changing)
    if platform_kind == Api.CLOUD_API:
        note_api(actor=stage.cast.system, brand=stage.cast.brand, api=Api.CLOUD_API)
    drain()
    for tenant in (stage.cast.acme, stage.cast.globex):  # which may have got their contexts' numbers only now
        tenant.refresh_from_db()
    stage.calls()
    return stage


def job_of(user: ServiceUser) -> SyncJob:
    """The newest job of the user's account."""
    return SyncJob.objects.filter(subject_kind="account", subject_id=account_of(user).pk).latest("id")


def account_of(user: ServiceUser) -> OxAccount:
    return OxAccount.objects.get(user=user)


def status(user: ServiceUser) -> str:
    return ServiceUser.objects.get(pk=user.pk).status
