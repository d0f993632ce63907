"""A browser, the panel over HTTP, a worker and a stand-in: everything but the processes is as in life."""

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app
from tests.cast import PASSWORD, Cast, make_cast
from tests.ox.cloud import found_brands
from tests.worker import empty_queue

from oxherd.brands.states import PlatformKind
from oxherd.domains import checks
from oxherd.provisioning.queue import QUEUE
from oxherd.sandbox import holdings
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Tenant

expect.set_options(timeout=15_000)


class Worker(threading.Thread):
    """A worker that works until it is told to stop."""

    def run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopped = asyncio.Event()
        with ThreadPoolExecutor(4) as pool:
            self.loop.set_default_executor(pool)
            with app.replace_connector(app.connector.get_worker_connector()):
                async with app.open_async():
                    work = asyncio.create_task(self._until_stopped())
                    await self.stopped.wait()
                    work.cancel()
                    await asyncio.gather(work, return_exceptions=True)

    async def _until_stopped(self) -> None:
        await app.run_worker_async(
            queues=[QUEUE, checks.QUEUE],
            concurrency=4,
            install_signal_handlers=False,
            fetch_job_polling_interval=0.1,
            delete_jobs="successful",
        )

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.join(20)


def until(true: Callable[[], bool], *, seconds: float = 15) -> None:
    """Wait for what no page shows."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def link_in_mail(url: str, to: str) -> str:
    """The link of the last mail to this address, below the address of the test's server."""

    def sent() -> list[str]:
        found = [re.search(r"http://localhost:8000(/\S+)", each.body) for each in mail.outbox if to in each.to[0]]
        return [each[1] for each in found if each]

    until(lambda: bool(sent()))
    return url + sent()[-1]


@dataclass(frozen=True, slots=True)
class World:
    cast: Cast
    sandbox: SandboxServer
    url: str

    @property
    def kind(self) -> PlatformKind:
        return PlatformKind(self.cast.brand.platform)

    def sign_in(self, page: Page, name: str) -> None:
        """By the form, as a person does."""
        page.set_default_timeout(15_000)
        page.goto(f"{self.url}/")
        page.get_by_label("Mail address").fill(f"{name}@panel.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def in_ox(self, tenant: Tenant) -> list[dict[str, Any]]:
        """The users that the stand-in holds, without the context's administrator."""
        with self.sandbox.platform.store.reading() as db:
            users = holdings.users_page(db, tenant.context_id, "", 1000, 0)
        return [user for user in users if not user.get("contextadmin")]

    def groups_in_ox(self) -> dict[str, tuple[str, list[str]]]:
        """The groups of Acme that the stand-in holds, by display name: name and members; without its own."""
        context = self.cast.acme.context_id
        with self.sandbox.platform.store.reading() as db:
            users = {user["id"]: user["display_name"] for user in holdings.users_page(db, context, "", 1000, 0)}
            groups = holdings.groups_with_members(db, context, "", 1000, 0)
        return {
            group["displayname"]: (group["name"], sorted(users[pk] for pk in group["members"]))
            for group in groups
            if group["id"] != 1
        }

    def resources_in_ox(self) -> dict[str, dict[str, Any]]:
        """The resources of Acme that the stand-in holds, by their display names."""
        with self.sandbox.platform.store.reading() as db:
            resources = holdings.resources_page(db, self.cast.acme.context_id, "", 1000, 0)
        return {resource["displayname"]: resource for resource in resources}

    def mappings_in_ox(self) -> list[str]:
        """The domains with which users of Acme may sign in to the stand-in."""
        with self.sandbox.platform.store.reading() as db:
            context = holdings.context(db, self.cast.acme.context_id)
        return [word for word in context["loginMappings"] if "." in word]

    def until(self, true: Callable[[], bool], *, seconds: float = 15) -> None:
        """Wait for what only the stand-in shows."""
        until(true, seconds=seconds)

    def settled(self, page: Page) -> None:
        """Until the page shows, without a reload, that OX has what was saved."""
        expect(page.locator("#state").get_by_text("In OX", exact=True)).to_be_visible()


@pytest.fixture
def platform_kind() -> PlatformKind:
    """Of the world's platform; the journeys of the guide are made on each."""
    return PlatformKind.APP_SUITE


@pytest.fixture
def world(transactional_db: None, live_server: Any, tmp_path: Path, platform_kind: PlatformKind) -> Iterator[World]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite") as sandbox:
        if platform_kind == PlatformKind.OX_CLOUD:
            found_brands(sandbox, tmp_path)
        cast = make_cast(sandbox.url, platform_kind)
        worker = Worker(daemon=True)
        worker.start()
        deadline = time.monotonic() + 20
        while Tenant.objects.filter(is_provisioned=False).exists() and time.monotonic() < deadline:
            worker.join(0.05)
        for tenant in (cast.acme, cast.globex):  # which may have got their contexts' numbers only now
            tenant.refresh_from_db()
        yield World(cast, sandbox, live_server.url)
        worker.stop()
        connections.close_all()
