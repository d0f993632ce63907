"""The user guide: OX Service > Users > Disable, which deletes the Open-Xchange user."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import expect_status, open_users, tick


def test_an_open_xchange_user_is_deleted_and_the_service_user_stays(world: World, page: Page, guide: Guide) -> None:
    world.cast.user("Anna Becker", ox=True)
    open_users(world, page, "Classic list")
    expect_status(page, "Anna Becker", "Enabled")
    tick(page, ["Anna Becker"])
    page.get_by_role("button", name="Disable", exact=True).click()  # step 1
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("mailbox, calendar, contacts and files in OX are deleted")).to_be_visible()
    accept = dialog.get_by_role("button", name="Accept")
    expect(accept).to_be_disabled()  # until the name is typed
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("anna becker")
    guide.picture("disable-user")
    accept.click()  # step 2
    expect(page.get_by_text("OX is being disabled for Anna Becker.")).to_be_visible()
    expect_status(page, "Anna Becker", "Disabled")
    assert world.in_ox(world.cast.acme) == []


def test_several_are_disabled_after_their_number_was_typed(world: World, page: Page) -> None:
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    open_users(world, page)
    tick(page, ["Anna Becker", "Bert Blum"])
    page.get_by_role("button", name="Disable", exact=True).last.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("To confirm, type the number of users: 2").fill("2")
    dialog.get_by_role("button", name="Accept").click()
    expect_status(page, "Anna Becker", "Disabled")
    expect_status(page, "Bert Blum", "Disabled")
    assert world.in_ox(world.cast.acme) == []


def test_who_manages_a_resource_stays_and_the_way_to_another_manager_is_shown(world: World, page: Page) -> None:
    anna = world.cast.user("Anna Becker", ox=True)
    world.cast.resource("Blue room", manager=anna)
    open_users(world, page)
    page.get_by_role("link", name="Disable OX for Anna Becker").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("Choose another manager first")).to_be_visible()
    expect(dialog.get_by_role("button", name="Accept")).to_have_count(0)
    dialog.get_by_role("link", name="Blue room").click()
    expect(page.get_by_role("heading", name="Blue room")).to_be_visible()
