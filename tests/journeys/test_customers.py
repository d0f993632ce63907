"""A provider's day: a customer is added in one go, suspended, resumed, removed, restored, and deleted for good."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.test_every_page import violations

from oxherd.sandbox import holdings
from oxherd.tenants.models import Tenant


def in_ox(world: World, tenant: Tenant) -> str:
    """How the stand-in holds a customer's context: "enabled", "disabled" or "gone"."""
    with world.sandbox.platform.store.reading() as db:
        try:
            held = holdings.context(db, tenant.context_id)
        except LookupError:
            return "gone"
    return "enabled" if held["enabled"] else "disabled"


def remove(page: Page) -> None:
    page.get_by_role("link", name="Remove", exact=True).click()
    button = page.get_by_role("button", name="Remove customer")
    expect(button).to_be_disabled()
    page.get_by_label("To confirm, type the name: Initech").fill("Initech")
    button.click()
    expect(page.get_by_text("Initech was removed.", exact=True)).to_be_visible()


def add(world: World, page: Page) -> None:
    """In one go, after a domain that is somebody's was told at its field."""
    page.get_by_role("link", name="Add customer").click()
    page.get_by_label("Name", exact=True).fill("Initech")
    page.get_by_label("First domain").fill("globex.test")
    page.locator(f"#id_offer_{world.cast.mail.pk}").check()
    page.get_by_label("Seats of Mail").fill("5")
    page.get_by_label("Groups").fill("3")
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("globex.test belongs to Globex already.")).to_be_visible()
    page.get_by_label("First domain").fill("initech.test")
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("5 seats")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("button", name="Finish").click()


def suspend_and_resume(world: World, page: Page, made: Tenant) -> None:
    state = page.locator("#overview-state")
    page.get_by_role("link", name="Suspend").click()
    page.get_by_label("Reason").fill("Invoice 4711 is overdue")
    page.get_by_role("button", name="Suspend").click()
    expect(state.get_by_text("Suspended", exact=True)).to_be_visible()
    expect(page.get_by_text("Initech is suspended.")).to_be_visible()
    world.until(lambda: in_ox(world, made) == "disabled")
    page.get_by_role("button", name="Resume").click()
    expect(state.get_by_text("Active", exact=True)).to_be_visible()
    world.until(lambda: in_ox(world, made) == "enabled")


def test_a_customer_comes_and_goes(world: World, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    world.sign_in(page, "alice")
    add(world, page)
    state = page.locator("#overview-state")
    expect(state.get_by_text("Active", exact=True)).to_be_visible()
    made = Tenant.objects.get(name="Initech")
    assert in_ox(world, made) == "enabled"
    suspend_and_resume(world, page, made)

    remove(page)
    world.until(lambda: in_ox(world, made) == "disabled")
    page.get_by_role("button", name="Restore").click()
    expect(state.get_by_text("Active", exact=True)).to_be_visible()
    world.until(lambda: in_ox(world, made) == "enabled")

    remove(page)
    page.get_by_role("link", name="Delete for good").click()
    page.get_by_label("To confirm, type the name: Initech").fill("Initech")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(page.get_by_text("The customer is gone from OX and from here.")).to_be_visible()
    assert not Tenant.objects.filter(pk=made.pk).exists()
    assert in_ox(world, made) == "gone"
