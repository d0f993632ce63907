"""Signing in by SAML at a service of another site, which is a process of its own that others wrote."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.cast import PASSWORD as BOBS_PASSWORD
from tests.identity_provider.saml_idp import PASSWORD, SamlService
from tests.journeys.conftest import World
from tests.journeys.test_every_page import violations

from oxherd.accounts.models import Membership
from oxherd.accounts.states import Role
from oxherd.single_sign_on.models import Identity, SpentAssertion

pytestmark = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed (Debian: xmlsec1)")


@pytest.fixture
def service(settings: Any, tmp_path: Path) -> Iterator[SamlService]:
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1", "localhost", "::1"]
    with SamlService(tmp_path) as service:
        yield service


def log_in_there(page: Page) -> None:
    expect(page.get_by_role("heading", name="Fabrikam accounts")).to_be_visible()
    page.get_by_label("Username").fill("nina")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def set_up(page: Page, service: SamlService) -> None:
    page.get_by_role("link", name="Single sign-on").click()
    page.get_by_role("link", name="Add SAML 2.0").click()
    page.get_by_label("Name", exact=True).first.fill("Fabrikam")
    page.get_by_label("Address of the metadata").fill(service.metadata_url)
    page.get_by_label("Mail domains", exact=True).fill("acme.test")
    page.get_by_label("Group 1", exact=True).fill("desk")
    page.get_by_label("Role of group 1").select_option("Help desk")
    page.get_by_label("Add administrators at their first sign-in").check()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Fabrikam is added. Test it before people rely on it.")).to_be_visible()
    ours = page.locator("dt", has_text="Entity ID, and metadata").locator("+ dd code").inner_text()
    service.register(requests.get(ours, timeout=10).text)


def test_from_the_settings_to_a_sign_in(
    world: World, page: Page, browser: Browser, service: SamlService, settings: Any
) -> None:
    # The service is on localhost and the panel on 127.0.0.1: two sites for a browser.
    settings.BASE_URL = world.url.replace("localhost", "127.0.0.1")
    there = settings.BASE_URL
    page.set_default_timeout(15_000)
    page.goto(there)
    page.get_by_label("Mail address").fill("bob@panel.test")
    page.get_by_label("Password").fill(BOBS_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    set_up(page, service)
    page.get_by_role("button", name="Test connection").click()
    expect(
        page.get_by_text(f"Of {service.url}/metadata, which signs people in at {service.url}/login.")
    ).to_be_visible()
    page.get_by_role("button", name="Sign in for a test").click()
    log_in_there(page)
    expect(page.get_by_text("nina@acme.test is added as an administrator.")).to_be_visible()
    expect(page.get_by_text("The second factor was checked there, so none is asked for here.")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("link", name="Fabrikam").first.click()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Fabrikam is switched on.")).to_be_visible()

    elsewhere = browser.new_context(reduced_motion="reduce")
    nina = elsewhere.new_page()
    nina.set_default_timeout(15_000)
    nina.goto(there)
    nina.get_by_label("Mail address").fill("nina@acme.test")
    nina.get_by_label("Mail address").press("Tab")
    nina.get_by_role("button", name="Sign in with Fabrikam").click()
    log_in_there(nina)
    expect(nina.get_by_role("heading", name="Users")).to_be_visible()
    elsewhere.close()
    bound = Identity.objects.get()
    assert (bound.subject, bound.mail) == ("nina-at-fabrikam", "nina@acme.test")
    assert Membership.objects.get(administrator=bound.administrator).role == Role.HELP_DESK
    assert list(SpentAssertion.objects.values_list("told", flat=True)) == [None, None]
