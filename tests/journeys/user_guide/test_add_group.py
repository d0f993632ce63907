"""The user guide: OX Service > Groups > Add new group."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.groups.models import Group


def open_groups(world: World, page: Page) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Groups", exact=True).click()


def test_add_a_group_with_its_members(world: World, page: Page, guide: Guide) -> None:
    for name in ("Anna Becker", "Bert Blum", "Carl Cole"):
        world.cast.user(name, ox=True)
    open_groups(world, page)
    expect(page.get_by_text("No groups yet")).to_be_visible()
    expect(page.get_by_text("OX makes these for every customer")).to_be_visible()

    page.get_by_role("link", name="Add new group").first.click()  # step 1
    page.get_by_label("Group name").fill("Größe & Co")  # step 2
    page.get_by_text("Additional settings").click()
    expect(page.get_by_label("Name in OX")).to_have_value("Grosse Co")
    users, members = page.get_by_role("region", name="Users"), page.get_by_role("region", name="Members")
    users.get_by_role("checkbox", name="Anna Becker").check()  # step 3
    users.get_by_role("checkbox", name="Carl Cole").check()
    page.get_by_role("button", name="Add the ticked users").click()
    expect(members.get_by_text("2 members")).to_be_visible()
    expect(page.locator("#strip")).to_contain_text("+2")
    guide.picture("add-group")
    assert not Group.objects.exists()  # nothing is saved before Save
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Größe & Co")).to_be_visible()  # step 4
    expect(members.get_by_text("Anna Becker")).to_be_visible()
    world.settled(page)
    assert world.groups_in_ox() == {"Größe & Co": ("Grosse Co", ["Anna Becker", "Carl Cole"])}


def test_members_are_searched_loaded_and_pasted(world: World, page: Page, guide: Guide) -> None:
    for name in ("Anna Becker", "Bert Blum", "Carl Cole", "Dora Dahl"):
        world.cast.user(name, ox=True)
    open_groups(world, page)
    page.get_by_role("link", name="Add new group").first.click()
    page.get_by_label("Group name").fill("Sales")
    page.get_by_label("Search users").fill("blu")
    users, members = page.get_by_role("region", name="Users"), page.get_by_role("region", name="Members")
    expect(users.get_by_text("1 found", exact=True)).to_be_visible()
    users.get_by_text("Bert Blum").dblclick()
    expect(members.get_by_text("Bert Blum")).to_be_visible()

    page.get_by_role("button", name="Paste addresses").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Addresses or logins").fill(
        "Anna <anna.becker@acme.test>; dora.dahl\nbert.blum, nobody@acme.test"
    )
    dialog.get_by_role("button", name="Add to the changes").click()
    expect(dialog.get_by_text("1 is a member already")).to_be_visible()
    expect(dialog.locator("textarea")).to_have_value("nobody@acme.test")
    guide.picture("paste-addresses")
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator("#strip")).to_contain_text("+3")

    page.get_by_role("button", name="Look through").click()
    dialog.get_by_role("button", name="Take back: Dora Dahl").click()
    expect(dialog.get_by_text("Dora Dahl")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#strip")).to_contain_text("+2")
    page.reload()  # which loses nothing
    expect(page.get_by_label("Group name")).to_have_value("Sales")
    page.get_by_role("button", name="Save").click()
    world.settled(page)
    assert world.groups_in_ox() == {"Sales": ("Sales", ["Anna Becker", "Bert Blum"])}


def test_a_group_that_ox_refuses_shows_the_cause_and_retry_brings_it_there(world: World, page: Page) -> None:
    rule = {"match": {"name": "sales*"}, "action": "refuse", "times": None}
    world.sandbox.platform.mischief.replace({"rules": [rule]})
    world.cast.group("sales")
    open_groups(world, page)
    expect(page.locator(".rows").get_by_text("Error", exact=True)).to_be_visible()
    expect(page.locator(".cause")).not_to_be_empty()
    world.sandbox.platform.mischief.clear()
    page.get_by_role("button", name="Retry sales").click()
    expect(page.locator(".rows").get_by_text("In OX", exact=True)).to_be_visible()
    assert world.groups_in_ox() == {"sales": ("sales", [])}
