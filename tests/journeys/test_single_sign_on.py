"""Signing in at a company's own identity provider, which is a process of its own that others wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.identity_provider.process import PASSWORD, SECRET, Accounts
from tests.journeys.conftest import World
from tests.journeys.test_every_page import violations

from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Role
from oxherd.audit.models import AuditEntry


@pytest.fixture
def accounts(settings: Any, tmp_path: Path) -> Iterator[Accounts]:
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1"]
    with Accounts(tmp_path) as accounts:
        accounts.put("nina", "everybody", "desk")
        yield accounts


def log_in_there(page: Page, username: str) -> None:
    expect(page.get_by_role("heading", name="Contoso accounts")).to_be_visible()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def set_up(page: Page, accounts: Accounts) -> None:
    """As an administrator of the customer: everything that the service wants to know stands on the page."""
    page.get_by_role("link", name="Single sign-on").click()
    page.get_by_role("link", name="Add OpenID Connect").click()
    redirect_url = page.locator("dt", has_text="Redirect URL").locator("+ dd code").inner_text()
    accounts.register(redirect_url)
    page.get_by_label("Name", exact=True).first.fill("Contoso")
    page.get_by_label("Issuer").fill(accounts.issuer)
    page.get_by_label("Client ID").fill("oxherd")
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_label("Mail domains", exact=True).fill("acme.test")
    page.get_by_label("Group 1", exact=True).fill("desk")
    page.get_by_label("Role of group 1").select_option("Help desk")
    page.get_by_label("Add administrators at their first sign-in").check()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Contoso is added. Test it before people rely on it.")).to_be_visible()


def ask_whether_it_is_right(page: Page, accounts: Accounts) -> None:
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text(f"The service answers as {accounts.issuer}.")).to_be_visible()
    expect(page.get_by_text("1 to check signatures with.")).to_be_visible()


def leave_for_contoso(page: Page, world: World) -> None:
    """The address that somebody types tells where they sign in."""
    page.goto(world.url)
    page.get_by_label("Mail address").fill("nina@acme.test")
    page.get_by_label("Mail address").press("Tab")
    page.get_by_role("button", name="Sign in with Contoso").click()


def roles_of(mail: str) -> list[str]:
    return list(Membership.objects.filter(administrator__email=mail).values_list("role", flat=True))


def confirm_there(page: Page, world: World, settings: Any) -> None:
    """A dangerous act asks for a proof, first before its dialog, and then for what was typed there."""
    settings.PROOF_SECONDS = 0
    page.goto(f"{world.url}/account/")
    page.locator("a[href='/account/app/']").click()
    page.get_by_role("button", name="Confirm with Contoso").click()
    expect(page.get_by_role("heading", name="Contoso accounts")).to_be_visible()
    settings.PROOF_SECONDS = 600
    log_in_there(page, "nina")
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    settings.PROOF_SECONDS = 0
    page.get_by_label("Code that the app shows").fill("000000")
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("button", name="Confirm with Contoso").click()
    expect(page.get_by_role("heading", name="Contoso accounts")).to_be_visible()
    settings.PROOF_SECONDS = 600
    log_in_there(page, "nina")
    expect(page.get_by_text("nothing of what you entered is lost")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()


def test_from_the_settings_to_a_sign_in_and_out_again(
    world: World, page: Page, browser: Browser, accounts: Accounts, settings: Any
) -> None:
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    set_up(page, accounts)
    ask_whether_it_is_right(page, accounts)
    page.get_by_role("button", name="Sign in for a test").click()
    log_in_there(page, "nina")
    expect(page.get_by_text("nina@acme.test is added as an administrator.")).to_be_visible()
    expect(page.get_by_text("The role Help desk is given by the group desk.")).to_be_visible()
    assert not Administrator.objects.filter(email="nina@acme.test").exists()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("link", name="Contoso").first.click()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Contoso is switched on.")).to_be_visible()

    elsewhere = browser.new_context(reduced_motion="reduce")
    nina = elsewhere.new_page()
    nina.set_default_timeout(15_000)
    leave_for_contoso(nina, world)
    log_in_there(nina, "nina")
    expect(nina.get_by_role("heading", name="Users")).to_be_visible()
    assert roles_of("nina@acme.test") == [Role.HELP_DESK]
    confirm_there(nina, world, settings)
    nina.get_by_role("button", name="Nina Novak").click()
    nina.get_by_role("button", name="Sign out").click()
    expect(nina.get_by_role("heading", name="Sign in")).to_be_visible()

    accounts.put("nina", "everybody")
    leave_for_contoso(nina, world)
    log_in_there(nina, "nina")
    expect(nina.get_by_text("None of your groups gives you a role here.")).to_be_visible()
    assert list(violations(nina, colours_only=False)) == []
    assert roles_of("nina@acme.test") == []
    nina.goto(f"{world.url}/t/{world.cast.acme.pk}/users/")
    expect(nina.get_by_role("heading", name="Sign in")).to_be_visible()
    elsewhere.close()
    told = AuditEntry.objects.filter(tenant_id=world.cast.acme.pk, action__startswith="identity:").order_by("id")
    assert [entry.action for entry in told] == ["identity:sign_in"] * 3 + ["identity:refuse"]
