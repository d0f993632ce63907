"""A new installation, from nobody to a service user in OX: operator, brand, customer, and its administrator."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from django.db import connections
from playwright.sync_api import Browser, Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import Worker, link_in_mail
from tests.journeys.test_every_page import violations
from tests.journeys.test_passkeys import authenticator_of, offers_nothing_by_itself
from tests.journeys.user_guide.users import choose
from tests.worker import empty_queue

from oxherd.cli.administrator import administrator
from oxherd.sandbox import holdings
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Installation:
    """One that was just made; nobody can sign in."""

    sandbox: SandboxServer
    url: str


@pytest.fixture
def installation(transactional_db: None, live_server: Any, tmp_path: Path) -> Iterator[Installation]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite") as sandbox:
        worker = Worker(daemon=True)
        worker.start()
        yield Installation(sandbox, live_server.url)
        worker.stop()
        connections.close_all()


def test_from_an_empty_installation_to_a_user_in_ox(installation: Installation, page: Page, browser: Browser) -> None:
    page.set_default_timeout(15_000)
    page.emulate_media(reduced_motion="reduce")
    page.goto(installation.url + _first_link())
    expect(page.get_by_text("You are invited as Operator.")).to_be_visible()
    _accept(page, name="Olga Root")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(page.get_by_text("Connect the platform.")).to_be_visible()  # what there is to do first
    assert list(violations(page, colours_only=False)) == []
    _add_brand(installation, page)
    _add_profile(page)
    _add_customer(page)

    context = browser.new_context(reduced_motion="reduce")
    eve = context.new_page()
    eve.set_default_timeout(15_000)
    eve.goto(link_in_mail(installation.url, "eve@initech.test"))
    _accept(eve, name="")
    expect(eve.get_by_role("heading", name="Users")).to_be_visible()
    with authenticator_of(eve):
        _sign_in_with_a_new_passkey(eve)
    _add_user(eve)
    (held,) = _in_ox(installation)
    assert (held["display_name"], held["primaryEmail"]) == ("Anna Becker", "anna@initech.test")
    assert (held["combination"], held["maxQuota"]) == ("groupware_standard", 2048)
    eve.goto(f"{installation.url}/brands/")
    expect(eve.get_by_role("heading", name="Not found")).to_be_visible()
    context.close()


def _first_link() -> str:
    """The path of what the command prints, which says nothing more once somebody has come."""
    printed = CliRunner().invoke(administrator, ["first", "olga@host.test"])
    assert printed.exit_code == 0, printed.output
    return urlsplit(printed.output.strip()).path


def _accept(page: Page, *, name: str) -> None:
    """name: empty keeps the one that the invitation has."""
    assert list(violations(page, colours_only=False)) == []
    if name:
        page.get_by_label("Your name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()


def _add_brand(installation: Installation, page: Page) -> None:
    page.get_by_role("link", name="Add your first brand").click()
    page.get_by_label("Name", exact=True).fill("Dawn")
    page.get_by_label("API URL").fill(installation.sandbox.url)
    page.get_by_label("Username", exact=True).fill("oxadminmaster")
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection works.")).to_be_visible()
    page.get_by_role("button", name="Add brand").last.click()
    expect(page.locator("#brand-state").get_by_text("Works")).to_be_visible()


def _add_profile(page: Page) -> None:
    page.get_by_role("link", name="Add a profile").click()
    page.get_by_role("link", name="Add the first profile").click()
    page.get_by_role("button", name="Add profile").last.click()
    name = page.get_by_label("Name", exact=True)
    expect(page.get_by_text("Give the profile a name.")).to_be_visible()
    name.fill("Office")  # what is mended is called wrong no longer
    expect(page.get_by_text("Give the profile a name.")).to_have_count(0)
    assert "error" not in (name.get_attribute("aria-describedby") or "")
    level = page.get_by_role("combobox", name="Feature level")
    level.fill("groupware_standard")  # typed, and not taken from the list
    level.press("Tab")
    expect(level).to_have_value("groupware_standard")
    page.get_by_label("Drive quota").fill("2 GB")
    page.get_by_role("button", name="Add profile").last.click()
    expect(page.get_by_text("The profile Office is added.")).to_be_visible()


def _add_customer(page: Page) -> None:
    """In one go, with domain, seats and administrator."""
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="Add customer").first.click()
    page.get_by_label("Name", exact=True).fill("Initech")
    page.get_by_label("First domain").fill("initech.test")
    page.get_by_label("Name of the administrator").fill("Eve Fox")
    page.get_by_label("Mail address").fill("eve@initech.test")
    page.get_by_role("checkbox", name="Office").check()
    page.get_by_label("Seats of Office").fill("5")
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("5 seats")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("eve@initech.test gets an invitation by mail.")).to_be_visible()
    expect(page.locator("#overview-state").get_by_text("Active", exact=True)).to_be_visible()


def _sign_in_with_a_new_passkey(page: Page) -> None:
    page.get_by_role("button", name="Eve Fox").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    offers_nothing_by_itself(page)
    page.get_by_role("button", name="Eve Fox").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()


def _add_user(page: Page) -> None:
    page.get_by_role("link", name="Add New Service User").first.click()
    page.get_by_label("Display name").fill("Anna Becker")
    page.get_by_label("Login").fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_label("Open-Xchange").check()
    choose(page, "Profile", "Office")
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_text("anna@initech.test").first).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Enabled").first).to_be_visible()


def _in_ox(installation: Installation) -> list[dict[str, Any]]:
    """The users that the stand-in holds, without the context's administrator."""
    with installation.sandbox.platform.store.reading() as db:
        users = holdings.users_page(db, Tenant.objects.get().context_id, "", 1000, 0)
    return [user for user in users if not user.get("contextadmin")]
