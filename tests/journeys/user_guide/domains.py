"""What the journeys over domains share."""

from playwright.sync_api import Page
from tests.journeys.conftest import World


def open_domains(world: World, page: Page, name: str = "bob") -> None:
    world.sign_in(page, name)
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Domains", exact=True).click()


def choose_catch_all(page: Page, name: str) -> None:
    box = page.get_by_role("combobox", name="Catch-all")
    box.click()
    box.fill(name.split(maxsplit=1)[0].lower())
    page.get_by_role("option", name=name).click()
