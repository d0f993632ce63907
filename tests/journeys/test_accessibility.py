"""axe finds nothing on any kind of page, in light and in dark."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.journeys.conftest import World

SCHEMES = ("light", "dark")


class Auditor:
    """Collects what axe finds, under the name of the page and of the colour scheme."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}
        self.looked_at: list[str] = []

    def look(self, name: str) -> None:
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.looked_at.append(f"{name}, {scheme}")
            violations = Axe().run(self.page).response["violations"]
            if violations:
                self.found[f"{name}, {scheme}"] = [
                    f"{violation['id']}: {node['html'][:160]}"
                    for violation in violations
                    for node in violation["nodes"]
                ]


@pytest.fixture
def auditor(page: Page) -> Iterator[Auditor]:
    auditor = Auditor(page)
    yield auditor
    assert len(auditor.looked_at) == len(set(auditor.looked_at)) == 18


def fill_in(page: Page) -> None:
    page.get_by_label("Display name").fill("Bert Blum")
    page.get_by_label("Login").fill("bert.blum")
    page.locator("#id_password").fill("a long enough sentence")
    page.locator("#id_confirm").fill("a long enough sentence")
    page.get_by_label("Open-Xchange").check()
    page.get_by_label("Profile").select_option(index=1)


def opens(page: Page, act: Callable[[], None]) -> None:
    act()
    expect(page.locator("#dialog")).to_be_visible()


def look_at_the_wizard(page: Page, auditor: Auditor, base: str) -> None:
    page.goto(f"{base}/users/add/")
    page.get_by_label("Open-Xchange").check()
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_text("Enter a display name.")).to_be_visible()
    auditor.look("wizard with errors")
    fill_in(page)
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    auditor.look("summary")


def test_no_page_has_a_barrier_that_axe_knows(world: World, page: Page, auditor: Auditor) -> None:
    anna = world.cast.user(ox=True, aliases=("sales@acme.test",))
    world.cast.user("Gloria Mendes")
    base = f"{world.url}/t/{world.cast.acme.pk}"
    page.set_default_timeout(15_000)
    page.goto(world.url)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == ["image-alt"]  # it does look
    page.goto(world.url)
    auditor.look("sign-in")
    world.sign_in(page, "alice")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    auditor.look("customers")
    page.goto(f"{base}/users/")
    expect(page.get_by_text("Enabled", exact=True).nth(1)).to_be_visible()  # the first is the filter
    auditor.look("users")
    page.goto(f"{base}/users/?q=nobody")
    auditor.look("nobody found")
    page.goto(f"{base}/users/{anna.pk}/")
    auditor.look("user")
    opens(page, lambda: page.get_by_role("link", name="Delete").click())
    auditor.look("delete")
    look_at_the_wizard(page, auditor, base)
    page.goto(f"{world.url}/nothing/here/")
    auditor.look("not found")
    assert auditor.found == {}
