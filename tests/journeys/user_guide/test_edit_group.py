"""The user guide: OX Service > Groups > Edit group."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide


def test_edit_a_group_by_mouse(world: World, page: Page, guide: Guide) -> None:
    anna, bert = world.cast.user("Anna Becker", ox=True), world.cast.user("Bert Blum", ox=True)
    world.cast.user("Carl Cole", ox=True)
    world.cast.group("Sales", anna, bert)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/")
    page.get_by_role("link", name="Sales").click()
    page.get_by_label("Group name").fill("Sales & Marketing")
    users, members = page.get_by_role("region", name="Users"), page.get_by_role("region", name="Members")
    users.get_by_role("checkbox", name="Carl Cole").check()
    page.get_by_role("button", name="Add the ticked users").click()
    expect(members.get_by_text("3 members")).to_be_visible()
    members.get_by_role("checkbox", name="Anna Becker").check()
    page.get_by_role("button", name="Remove the ticked members").click()
    expect(page.locator("#strip")).to_contain_text("+1")
    expect(page.locator("#strip")).to_contain_text("\u22121")
    guide.picture("edit-group")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Members: 1 added, 1 removed.")).to_be_visible()
    world.settled(page)
    assert world.groups_in_ox() == {"Sales & Marketing": ("Sales", ["Bert Blum", "Carl Cole"])}
    expect(page.get_by_text("Group changed")).to_be_visible()  # the history


def focused(page: Page) -> str:
    """The row, or the id of the field, that has the focus."""
    return page.evaluate(
        "document.activeElement.closest('[data-pane-row]')?.innerText.split('\\n')[0] ?? document.activeElement.id"
    )


def test_edit_a_group_by_keyboard_alone(world: World, page: Page) -> None:
    people = [world.cast.user(name, ox=True) for name in ("Anna Becker", "Bert Blum", "Carl Cole", "Dora Dahl")]
    group = world.cast.group("Sales", people[0])
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/{group.pk}/")
    said = page.locator("#picker-said")
    page.get_by_label("Group name").focus()
    page.keyboard.press("End")
    page.keyboard.type(" North")
    while focused(page) != "outside_q":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Bert Blum"
    page.keyboard.press("Enter")
    expect(said).to_have_text("1 user added. 2 members")
    assert focused(page) == "Carl Cole"  # the next one
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # both that are ticked
    expect(said).to_have_text("2 users added. 4 members")
    assert focused(page) == "outside_q"  # nobody is left there
    page.keyboard.press("Tab")
    while focused(page) != "Anna Becker":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said).to_have_text("1 user removed. 3 members")
    assert focused(page) == "Bert Blum"
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "Anna Becker"
    page.get_by_label("Group name").focus()
    page.keyboard.press("Enter")  # saves, as in every form
    world.settled(page)
    assert world.groups_in_ox() == {"Sales North": ("Sales", ["Bert Blum", "Carl Cole", "Dora Dahl"])}


def test_quick_clicks_are_all_carried_out(world: World, page: Page) -> None:
    for name in ("Anna Becker", "Bert Blum", "Carl Cole"):
        world.cast.user(name, ox=True)
    group = world.cast.group("Sales")
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/groups/{group.pk}/")
    expect(page.get_by_role("button", name="Add Carl Cole")).to_be_visible()
    page.evaluate(
        "document.querySelectorAll('[data-pane=outside] [data-pane-act]').forEach((button) => button.click())"
    )
    expect(page.locator("#strip")).to_contain_text("+3")
    expect(page.get_by_role("region", name="Members").get_by_text("3 members")).to_be_visible()
    expect(page.get_by_role("region", name="Users").get_by_text("All users are members.")).to_be_visible()
