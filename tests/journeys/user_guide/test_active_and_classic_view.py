"""The user guide: OX Service > Users, in the Active view and as the Classic list."""

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import change_view, expect_status, open_users, tick


@pytest.fixture
def staffed(world: World) -> World:
    """Somebody in OX, somebody whom OX refuses, and somebody without OX."""
    rule = {"match": {"name": "bert*"}, "action": "refuse", "times": None}
    world.sandbox.platform.mischief.replace({"rules": [rule]})
    world.cast.user("Anna Becker", ox=True, aliases=("sales@acme.test",))
    world.cast.user("Bert Blum", ox=True)
    world.cast.user("Carl Cole")
    return world


def test_both_views_show_the_same_users_with_the_status_of_each(staffed: World, page: Page, guide: Guide) -> None:
    open_users(staffed, page)
    for view in ("Active", "Classic list"):
        if view != "Active":
            change_view(page, view)
        expect(page.get_by_role("navigation", name="View").locator("[aria-current]")).to_have_text(view)
        expect_status(page, "Anna Becker", "Enabled")
        expect_status(page, "Bert Blum", "Error")
        expect_status(page, "Carl Cole", "Disabled")
        expect(page.locator(".cause")).not_to_be_empty()
        expect(page.get_by_text("sales@acme.test")).to_be_visible()
        if view == "Active":
            guide.picture("active-view")
        else:
            guide.picture("classic-list")


def test_the_classic_list_has_the_same_acts_in_its_toolbar(staffed: World, page: Page) -> None:
    open_users(staffed, page, "Classic list")
    toolbar = page.get_by_role("form", name="Act on ticked users")
    tick(page, ["Anna Becker"])
    for button, heading in (
        ("Manage Profiles", "Manage Profiles"),
        ("Edit", "Edit Anna Becker"),
        ("Disable", "Disable OX"),
    ):
        toolbar.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.keyboard.press("Escape")
    page.get_by_label("Select Anna Becker").uncheck()
    tick(page, ["Carl Cole"])
    toolbar.get_by_role("button", name="Enable OX App Suite").click()
    expect(page.get_by_role("heading", name="Enable OX App Suite")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()  # the view is remembered
    expect(toolbar).to_be_visible()


def test_the_classic_list_works_without_script(staffed: World, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_users(staffed, page, "Classic list")
    page.get_by_role("button", name="Manage Profiles").click()
    expect(page.get_by_text("Tick the users for this first.")).to_be_visible()
    page.get_by_role("link", name="Go back").or_(page.get_by_role("link", name="Back")).first.click()
    tick(page, ["Anna Becker", "Carl Cole"])
    page.get_by_role("button", name="Manage Profiles").click()
    expect(page.get_by_text("OX is not enabled for Carl Cole.")).to_be_visible()
    page.get_by_label("New profile").select_option(index=1)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Lost")).to_be_visible()
    page.get_by_role("button", name="OK").last.click()
    expect(page.get_by_text("Anna Becker gets the profile Mail.")).to_be_visible()
    context.close()
