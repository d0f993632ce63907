"""What the journeys over OX Service > Users share."""

from collections.abc import Sequence

from playwright.sync_api import FrameLocator, Page, expect
from tests.journeys.conftest import World


def open_users(world: World, page: Page, view: str = "Active") -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    if view != "Active":
        change_view(page, view)


def change_view(page: Page | FrameLocator, view: str) -> None:
    """To the other view, until it is there: what is pressed before that is pressed in vain."""
    views = page.get_by_role("navigation", name="View")
    views.get_by_text(view).click()
    expect(views.locator("[aria-current]")).to_have_text(view)


def tick(page: Page, names: Sequence[str]) -> None:
    for name in names:
        page.get_by_label(f"Select {name}", exact=True).check()


def choose(page: Page, label: str, beginning: str) -> None:
    """Choose the option that begins so, in a drop-down whose options tell the seats left too."""
    drop_down = page.get_by_label(label, exact=True)
    expect(drop_down).to_be_visible()
    options = drop_down.locator("option").all_inner_texts()
    drop_down.select_option(label=next(option for option in options if option.strip().startswith(beginning)))


def expect_status(page: Page, name: str, status: str) -> None:
    """Without a reload, the row of this user shows the status."""
    row = page.locator(".rows tbody tr", has=page.get_by_text(name, exact=True))
    expect(row.locator(".cell-status").get_by_text(status, exact=True)).to_be_visible()
