"""The user guide: OX Service > Resources > Edit resource."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide


def test_edit_a_resource(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user(ox=True)
    world.cast.resource("Blue room", manager=anna)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/resources/")
    expect(page.locator(".rows").get_by_text("In OX", exact=True)).to_be_visible()
    page.get_by_role("link", name="Blue room").click()
    manager = page.get_by_role("combobox", name="Resource manager")
    expect(manager).to_have_value("Anna Becker")
    manager.fill("")
    page.get_by_label("Display name").fill("Green room")
    expect(manager).to_have_value("No manager: everybody books directly")
    page.get_by_label("Resource email").fill("green")
    guide.picture("edit-resource")
    page.get_by_role("button", name="Save resource").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    world.settled(page)
    held = world.resources_in_ox()
    assert list(held) == ["Green room"]
    assert (held["Green room"]["name"], held["Green room"]["email"]) == ("Blue room", "green@acme.test")
    assert held["Green room"]["permissions"] == []  # everybody books directly
    expect(page.get_by_text("Resource changed")).to_be_visible()  # the history


def test_what_ox_would_not_take_is_told_at_its_field(world: World, page: Page) -> None:
    resource = world.cast.resource("Blue room")
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/resources/{resource.pk}/")
    page.get_by_label("Resource name").fill("Blue/room")
    page.get_by_role("button", name="Save resource").last.click()
    expect(page.get_by_label("Resource name")).to_be_focused()
    expect(page.get_by_text("Use letters a-z, digits, blanks and $ @ % . + - _ only.")).to_be_visible()
    page.get_by_label("Resource name").fill("Blue-room")
    page.get_by_role("button", name="Save resource").last.click()
    world.settled(page)
    assert world.resources_in_ox()["Blue room"]["name"] == "Blue-room"
