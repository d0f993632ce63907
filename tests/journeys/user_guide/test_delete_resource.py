"""The user guide: OX Service > Resources > Delete resource."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide


def test_delete_the_ticked_resources(world: World, page: Page, guide: Guide) -> None:
    for name in ("Blue room", "Van"):
        world.cast.resource(name)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/resources/")
    expect(page.locator(".rows").get_by_text("In OX", exact=True)).to_have_count(2)
    page.get_by_label("Select Van").check()
    guide.picture("resources")
    page.get_by_role("button", name="Delete resources").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("loses its bookings")).to_be_visible()
    guide.picture("delete-resource")
    dialog.get_by_role("button", name="Delete resource").click()
    expect(page.get_by_text("Van was deleted.")).to_be_visible()
    expect(page.get_by_label("Select Van")).to_have_count(0)
    world.until(lambda: list(world.resources_in_ox()) == ["Blue room"])
