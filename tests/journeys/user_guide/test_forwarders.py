"""OX Service > Forwarders, which brands of OX Cloud have: beyond the reference guide."""

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.brands.states import PlatformKind
from oxherd.sandbox.store import forwards


@pytest.fixture
def platform_kind() -> PlatformKind:
    return PlatformKind.OX_CLOUD


@pytest.fixture
def guide(page: Page) -> Guide:
    page.emulate_media(reduced_motion="reduce")
    return Guide(page, shows=True)


def passed_on(world: World) -> dict[str, list[str]]:
    """The forwarders of Acme that the stand-in holds."""
    world.cast.acme.refresh_from_db()
    with world.sandbox.platform.store.reading() as db:
        return {each["address"]: each["recipients"] for each in forwards.of_context(db, world.cast.acme.context_id)}


def test_a_forwarder_is_added_and_changed(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user(ox=True)
    world.cast.user("Bert Blum", ox=True)
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Forwarders", exact=True).click()
    page.get_by_role("link", name="Add new forwarder").first.click()
    expect(page.get_by_label("Address", exact=True)).to_be_focused()
    page.keyboard.type("info")
    recipients = page.get_by_label("Passes mail on to")
    recipients.fill(f"Anna Becker <{anna.login}>; press@agency.test\nnobody@acme.test")
    page.get_by_role("button", name="Save forwarder").last.click()
    expect(page.get_by_text("nobody@acme.test is nobody's address.")).to_be_visible()
    expect(recipients).to_have_attribute("aria-invalid", "true")
    recipients.fill("press@agency.test")
    by_name = page.get_by_role("combobox", name="Add a user")
    by_name.click()
    page.keyboard.type("ann")
    page.get_by_role("option", name="Anna Becker").click()
    expect(recipients).to_have_value(f"press@agency.test\n{anna.login}")
    expect(by_name).to_be_focused()  # for the next one
    guide.picture("add-forwarder")
    page.get_by_role("button", name="Save forwarder").last.click()
    world.settled(page)
    world.until(lambda: passed_on(world).get("info@acme.test") == [anna.login, "press@agency.test"])
    expect(page.get_by_role("link", name="Anna Becker")).to_be_visible()
    recipients.fill("press@agency.test")
    page.get_by_role("button", name="Save forwarder").last.click()
    world.until(lambda: passed_on(world).get("info@acme.test") == ["press@agency.test"])


def test_a_forwarder_is_deleted_and_had_back(world: World, page: Page, guide: Guide) -> None:
    world.cast.forwarder("jobs@acme.test", world.cast.user(ox=True).login)
    world.cast.forwarder("info@acme.test", "press@agency.test")
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/forwarders/")
    expect(page.locator(".rows").get_by_text("In OX", exact=True)).to_have_count(2)
    page.get_by_label("Select info@acme.test").check()
    guide.picture("forwarders")
    page.get_by_role("button", name="Delete forwarders").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("is refused from then on")).to_be_visible()
    dialog.get_by_role("button", name="Delete forwarder").click()
    expect(page.get_by_text("info@acme.test was deleted.")).to_be_visible()
    world.until(lambda: list(passed_on(world)) == ["jobs@acme.test"])
    page.get_by_role("button", name="Undo").click()
    world.until(lambda: set(passed_on(world)) == {"info@acme.test", "jobs@acme.test"})
