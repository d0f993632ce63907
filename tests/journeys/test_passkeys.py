"""Signing in with a passkey alone, and with a second factor after the password, in a browser with an authenticator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import CDPSession, Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import World
from tests.journeys.test_every_page import violations
from tests.signin.factors import code

from oxherd.accounts.models import Administrator
from oxherd.signin.queries import factors_of


@dataclass(frozen=True, slots=True)
class Authenticator:
    """What a laptop with a finger reader has built in; it confirms by itself."""

    browser: CDPSession
    key: str

    def passkeys(self) -> list[dict[str, Any]]:
        return list(self.browser.send("WebAuthn.getCredentials", {"authenticatorId": self.key})["credentials"])


@contextmanager
def authenticator_of(page: Page) -> Iterator[Authenticator]:
    """Built into the browser of this page."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    built_in = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = browser.send("WebAuthn.addVirtualAuthenticator", {"options": built_in})["authenticatorId"]
    yield Authenticator(browser, key)
    browser.detach()


@pytest.fixture
def authenticator(page: Page) -> Iterator[Authenticator]:
    page.set_default_timeout(15_000)
    with authenticator_of(page) as built_in:
        yield built_in


def enrol(world: World, page: Page, name: str) -> None:
    page.goto(f"{world.url}/account/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill(name)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def offers_nothing_by_itself(page: Page) -> None:
    """From the next page on: else the browser, which confirms by itself, signs in before anybody has clicked."""
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Bob").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_is_enrolled_and_opens_the_panel_alone(
    world: World, page: Page, authenticator: Authenticator
) -> None:
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    enrol(world, page, "Laptop")
    assert list(violations(page, colours_only=False)) == []
    codes = page.locator("#recovery-codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    assert [line for line in download.value.path().read_text().splitlines() if line in codes] == codes
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    assert len(authenticator.passkeys()) == 1

    offers_nothing_by_itself(page)
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    page.goto(f"{world.url}/account/")
    expect(page.get_by_text("With passkey, from 127.0.0.1")).to_be_visible()

    page.get_by_role("link", name="Remove the passkey Laptop").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The passkey Laptop was removed.")).to_be_visible()
    assert factors_of(world.cast.bob).number == 0


def test_the_browser_offers_a_passkey_among_the_addresses_that_it_has_stored(
    world: World, page: Page, authenticator: Authenticator
) -> None:
    world.sign_in(page, "bob")
    enrol(world, page, "Laptop")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{world.url}/account/")
    expect(page.get_by_text("With passkey, from 127.0.0.1")).to_be_visible()


def test_after_the_password_a_passkey_or_a_code_is_asked_for(
    world: World, page: Page, authenticator: Authenticator
) -> None:
    world.sign_in(page, "bob")
    enrol(world, page, "Laptop")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="Set up", exact=True).click()
    page.get_by_text("Or type this secret").click()
    secret = page.locator("#app-secret").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(code(secret, periods=-1))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("The authenticator app was set up.")).to_be_visible()

    offers_nothing_by_itself(page)
    sign_out(page)
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_label("Code of your app, or a recovery code").fill("000000")
    page.get_by_role("button", name="Go on with a code").click()
    expect(page.get_by_text("This code is wrong, or was used before.")).to_be_visible()
    page.get_by_label("Code of your app, or a recovery code").fill(code(secret))
    page.get_by_role("button", name="Go on with a code").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()

    sign_out(page)
    world.sign_in(page, "bob")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()


def test_a_dangerous_act_goes_on_after_the_passkey_has_proved_who_it_is(
    world: World, page: Page, authenticator: Authenticator, settings: Any
) -> None:
    world.sign_in(page, "bob")
    enrol(world, page, "Laptop")
    page.get_by_role("button", name="Done").click()
    settings.PROOF_SECONDS = 0
    page.get_by_role("link", name="Remove the passkey Laptop").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_label("Your password").fill("wrong")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    settings.PROOF_SECONDS = 600
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Remove the passkey Laptop?")).to_be_visible()
    settings.PROOF_SECONDS = 0
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("The passkey Laptop was removed.")).to_be_visible()


def test_a_passkey_of_another_host_or_account_does_not_open_this_one(
    world: World, page: Page, authenticator: Authenticator
) -> None:
    world.sign_in(page, "bob")
    enrol(world, page, "Laptop")
    page.get_by_role("button", name="Done").click()
    offers_nothing_by_itself(page)
    sign_out(page)
    Administrator.objects.filter(pk=world.cast.bob.pk).update(is_active=False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="This account is switched off")).to_be_visible()
    factors_of(world.cast.bob).passkeys[0].delete()
    page.goto(f"{world.url}/sign-in/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey is not known here, or it took too long.")).to_be_visible()
    assert Client().get("/account/").status_code == 302
