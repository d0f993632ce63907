"""The user guide: OX Service > Groups > Delete group."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide


def test_delete_the_ticked_groups(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user(ox=True)
    for name in ("Sales", "Marketing", "Stays"):
        world.cast.group(name, anna)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/")
    expect(page.locator(".rows").get_by_text("In OX", exact=True)).to_have_count(3)
    page.get_by_label("Select Sales").check()
    page.get_by_label("Select Marketing").check()
    guide.picture("groups")
    page.get_by_role("button", name="Delete selected groups").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("lose the rights that were given to them")).to_be_visible()
    guide.picture("delete-group")
    dialog.get_by_role("button", name="Delete groups").click()
    expect(page.get_by_text("2 groups were deleted.")).to_be_visible()
    expect(page.get_by_label("Select Sales")).to_have_count(0)
    world.until(lambda: list(world.groups_in_ox()) == ["Stays"])


def test_delete_a_group_from_its_page(world: World, page: Page) -> None:
    group = world.cast.group("Sales")
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/{group.pk}/")
    world.settled(page)
    page.get_by_role("link", name="Delete").click()
    page.locator("#dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("#dialog")).to_be_hidden()
    page.get_by_role("link", name="Delete").click()
    page.locator("#dialog").get_by_role("button", name="Delete group").click()
    expect(page.get_by_text("No groups yet")).to_be_visible()
    world.until(lambda: world.groups_in_ox() == {})
