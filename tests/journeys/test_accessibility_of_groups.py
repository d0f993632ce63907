"""axe finds nothing on the pages of groups and resources, in light and in dark."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.test_accessibility import Auditor, opens


def look_at_groups(page: Page, auditor: Auditor, base: str) -> None:
    page.goto(f"{base}/ox/groups/")
    auditor.look("groups")
    page.get_by_label("Select Sales").check()
    opens(page, lambda: page.get_by_role("button", name="Delete selected groups").click())
    auditor.look("delete groups")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Sales").click()
    page.get_by_role("button", name="Remove Anna Becker").click()
    expect(page.locator("#strip")).to_contain_text("not saved yet")
    auditor.look("group")
    opens(page, lambda: page.get_by_role("button", name="Look through").click())
    auditor.look("changes")
    page.keyboard.press("Escape")
    opens(page, lambda: page.get_by_role("button", name="Paste addresses").click())
    page.get_by_label("Addresses or logins").fill("anna.becker, nobody")
    page.get_by_role("button", name="Add to the changes").click()
    expect(page.get_by_text("1 matched nobody")).to_be_visible()
    auditor.look("pasted addresses")
    page.goto(f"{base}/ox/groups/add/")
    page.locator("#save").click()
    expect(page.get_by_text("Enter a name for the group.")).to_be_visible()
    auditor.look("new group with errors")


def look_at_resources(page: Page, auditor: Auditor, base: str) -> None:
    page.goto(f"{base}/ox/resources/")
    auditor.look("resources")
    page.goto(f"{base}/ox/resources/add/")
    page.get_by_role("button", name="Save resource").last.click()
    expect(page.get_by_text("Enter a resource name.")).to_be_visible()
    page.get_by_role("combobox", name="Resource manager").click()
    expect(page.get_by_role("option", name="Anna Becker")).to_be_visible()
    auditor.look("new resource with errors and the list of managers")


def test_no_page_of_groups_and_resources_has_a_barrier_that_axe_knows(world: World, page: Page) -> None:
    auditor = Auditor(page)
    anna = world.cast.user(ox=True)
    group, _ = world.cast.group("Sales", anna, address="sales@acme.test"), world.cast.resource("Van", manager=anna)
    base = f"{world.url}/t/{world.cast.acme.pk}"
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    look_at_groups(page, auditor, base)
    look_at_resources(page, auditor, base)
    page.goto(f"{base}/users/{anna.pk}/")
    opens(page, lambda: page.get_by_role("link", name="Add to group").click())
    auditor.look("add to group")
    page.context.clear_cookies()
    world.sign_in(page, "rita")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    page.goto(f"{base}/ox/groups/{group.pk}/")
    auditor.look("group for readers")
    assert auditor.found == {}
    assert len(auditor.looked_at) == len(set(auditor.looked_at)) == 20
