"""The user guide: Undo, in the message after a change and in the history, takes it back also on the platform."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import expect_status, open_users


def held(world: World, name: str) -> dict[str, Any]:
    """What the stand-in holds of this user; empty for one whom it does not."""
    return next((user for user in world.in_ox(world.cast.acme) if user["name"] == f"{name}@acme.test"), {})


def undo(page: Page, after: str, told: str) -> None:
    """Press Undo in the message that says `after`."""
    toast = page.locator(".toast-note", has=page.get_by_text(after))
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts").get_by_text(told)).to_be_visible()


def test_an_edit_is_taken_back_by_the_message(world: World, page: Page) -> None:
    world.cast.user("Anna Becker", login="anna", ox=True)
    open_users(world, page)
    expect_status(page, "Anna Becker", "Enabled")
    page.get_by_role("link", name="Edit Anna Becker").click()
    dialog = page.locator("#dialog")
    dialog.get_by_text("Additional Settings").click()
    dialog.get_by_label("Display name").fill("Anna Bach")
    dialog.get_by_role("button", name="Save").last.click()
    expect_status(page, "Anna Bach", "Enabled")
    assert held(world, "anna")["display_name"] == "Anna Bach"
    undo(page, "Anna Bach was saved.", "Undone for Anna Bach.")
    expect_status(page, "Anna Becker", "Enabled")
    assert held(world, "anna")["display_name"] == "Anna Becker"


def test_a_membership_is_taken_back_by_the_history_of_the_group(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user("Anna Becker", ox=True)
    world.cast.user("Bert Blum", ox=True)
    group = world.cast.group("Sales", anna)
    world.until(lambda: world.groups_in_ox().get("Sales") == ("Sales", ["Anna Becker"]))
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/{group.pk}/")
    page.get_by_role("button", name="Add Bert Blum").click()
    page.get_by_role("button", name="Save", exact=True).last.click()
    world.until(lambda: world.groups_in_ox()["Sales"] == ("Sales", ["Anna Becker", "Bert Blum"]))
    world.settled(page)
    history = page.get_by_role("region", name="History")
    history.get_by_role("button", name="Undo").first.hover()
    history.scroll_into_view_if_needed()
    guide.picture("undo")
    history.get_by_role("button", name="Undo").first.click()
    expect(page.locator("#toasts").get_by_text("Undone for Sales.")).to_be_visible()
    world.until(lambda: world.groups_in_ox()["Sales"] == ("Sales", ["Anna Becker"]))


@pytest.mark.parametrize("by_keyboard", [True, False])
def test_disabling_is_taken_back_before_ox_begins(
    world: World,
    page: Page,
    settings: Any,
    by_keyboard: bool,
) -> None:
    settings.UNDO_SECONDS = 60
    world.cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    open_users(world, page)
    expect_status(page, "Anna Becker", "Enabled")
    before = held(world, "anna")
    page.get_by_role("link", name="Disable OX for Anna Becker").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("You can undo this for 60 seconds")).to_be_visible()
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("Anna Becker")
    dialog.get_by_role("button", name="Accept").click()
    if by_keyboard:
        expect(page.get_by_text("OX is being disabled for Anna Becker.")).to_be_visible()
        page.keyboard.press("Control+z")
        expect(page.locator("#toasts").get_by_text("Undone for Anna Becker.")).to_be_visible()
    else:
        undo(page, "OX is being disabled for Anna Becker.", "Undone for Anna Becker.")
    expect_status(page, "Anna Becker", "Enabled")
    assert held(world, "anna") == before


def test_enabling_is_taken_back_while_there_is_nothing_in_it(world: World, page: Page) -> None:
    world.cast.user("Gloria Mendes", login="gloria")
    open_users(world, page)
    page.get_by_role("link", name="Enable OX App Suite for Gloria Mendes").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Profile").select_option(index=1)
    dialog.get_by_role("button", name="Next").click()
    expect_status(page, "Gloria Mendes", "Enabled")
    assert held(world, "gloria")
    undo(page, "Gloria Mendes is being set up in OX.", "Undone for Gloria Mendes.")
    expect_status(page, "Gloria Mendes", "Disabled")
    world.until(lambda: not held(world, "gloria"))
