"""The user guide: OX Service > Resources > Add resource."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.people.models import OxAccount


def test_add_a_resource(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user(ox=True)
    world.cast.user("Bert Blum", ox=True)
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Resources", exact=True).click()
    page.get_by_role("link", name="Add new resource").first.click()  # step 1
    page.get_by_label("Resource name").fill("Blue room")  # step 2
    manager = page.get_by_role("combobox", name="Resource manager")
    manager.click()
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(3)  # nobody, Anna, Bert
    guide.picture("resource-manager")
    page.get_by_role("option", name="Anna Becker").click()
    expect(manager).to_have_value("Anna Becker")
    expect(page.get_by_label("Display name")).to_have_value("Blue room")  # suggested
    page.get_by_label("Display name").fill("Blue room, 2nd floor")
    page.get_by_label("Description").fill("Eight seats")
    expect(page.get_by_label("Resource email")).to_have_value("blue.room")
    guide.picture("add-resource")
    page.get_by_role("button", name="Save resource").last.click()  # step 3
    world.settled(page)
    held = world.resources_in_ox()["Blue room, 2nd floor"]
    assert (held["name"], held["email"], held["description"]) == ("Blue room", "blue.room@acme.test", "Eight seats")
    ox_id = OxAccount.objects.get(user=anna).ox_id
    managers = [each for each in held["permissions"] if each["privilege"] == "DELEGATE"]
    assert [(each["entity"], each["group"]) for each in managers] == [(ox_id, False)]


def test_a_manager_is_found_by_keyboard(world: World, page: Page) -> None:
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/resources/add/")
    expect(page.get_by_label("Resource name")).to_be_focused()
    page.keyboard.type("Van")
    page.keyboard.press("Tab")
    manager = page.get_by_role("combobox", name="Resource manager")
    expect(manager).to_be_focused()
    expect(manager).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="No manager: everybody books directly")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.type("blu")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    expect(manager).to_have_attribute("aria-activedescendant", "id_manager_list_0")
    page.keyboard.press("Enter")
    expect(manager).to_have_value("Bert Blum")
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nothing matches.").first).to_be_visible()
    page.keyboard.press("Escape")  # back to what was chosen
    expect(manager).to_have_value("Bert Blum")
    page.keyboard.press("Enter")  # saves, while the list is closed
    world.settled(page)
    assert "Van" in world.resources_in_ox()
