"""The user guide: OX Service > Users > Disable, which deletes the Open-Xchange user."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import expect_status, open_users, tick

from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.resources.models import Resource


def test_an_open_xchange_user_is_deleted_and_the_service_user_stays(world: World, page: Page, guide: Guide) -> None:
    world.cast.user("Anna Becker", ox=True)
    open_users(world, page, "Classic list")
    expect_status(page, "Anna Becker", "Enabled")
    tick(page, ["Anna Becker"])
    page.get_by_role("button", name="Disable", exact=True).click()  # step 1
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("mailbox, calendar, contacts and files in OX are deleted")).to_be_visible()
    accept = dialog.get_by_role("button", name="Accept")
    expect(accept).to_be_disabled()  # until the name is typed
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("anna becker")
    guide.picture("disable-user")
    accept.click()  # step 2
    expect(page.get_by_text("OX is being disabled for Anna Becker.")).to_be_visible()
    expect_status(page, "Anna Becker", "Disabled")
    assert world.in_ox(world.cast.acme) == []


def test_several_are_disabled_after_their_number_was_typed(world: World, page: Page) -> None:
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    open_users(world, page)
    tick(page, ["Anna Becker", "Bert Blum"])
    page.get_by_role("button", name="Disable", exact=True).last.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("To confirm, type the number of users: 2").fill("2")
    dialog.get_by_role("button", name="Accept").click()
    expect_status(page, "Anna Becker", "Disabled")
    expect_status(page, "Bert Blum", "Disabled")
    assert world.in_ox(world.cast.acme) == []


def test_who_looks_after_something_hands_over_in_the_dialog(world: World, page: Page, guide: Guide) -> None:
    anna, bert = (world.cast.user(name, ox=True) for name in ("Anna Becker", "Bert Blum"))
    for name in ("Blue room", "Van"):
        world.cast.resource(name, manager=anna)
    domain = Domain.objects.get(name="acme.test")
    change_domain(actor=world.cast.system, domain=domain, catch_all="anna.becker@acme.test")
    open_users(world, page)
    page.get_by_role("link", name="Disable OX for Anna Becker").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("Anna Becker manages 2 resources: Blue room, Van.")).to_be_visible()
    choose(page, "New manager", "ber", "Bert Blum")
    dialog.get_by_text("Choose one by one").click()
    choose(page, "Van", "", "No manager: everybody books directly")
    guide.picture("hand-over")
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("Anna Becker")
    dialog.get_by_role("button", name="Accept").click()
    expect(dialog.get_by_text("Choose who gets this mail from now on, or nobody.")).to_be_visible()
    choose(page, "New catch-all", "", "Nobody: mail to unknown addresses is refused")
    dialog.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("OX is being disabled for Anna Becker.")).to_be_visible()
    expect_status(page, "Anna Becker", "Disabled")
    managers = {str(room): room.manager for room in Resource.objects.select_related("manager")}
    assert managers == {"Blue room": bert, "Van": None}
    assert Domain.objects.get(name="acme.test").catch_all is None
    bert_in_ox = next(user["id"] for user in world.in_ox(world.cast.acme) if user["display_name"] == "Bert Blum")
    decides = {"entity": bert_in_ox, "group": False, "privilege": "DELEGATE"}
    world.until(lambda: decides in world.resources_in_ox()["Blue room"]["permissions"])


def choose(page: Page, label: str, text: str, option: str) -> None:
    """By keyboard, in the combobox of this label."""
    box = page.locator("#dialog").get_by_role("combobox", name=label, exact=True)
    box.focus()
    if text:
        box.press_sequentially(text)
    else:
        box.press("ArrowDown")
    found = page.locator("#dialog").get_by_role("option", name=option)
    expect(found).to_be_visible()
    while found.get_attribute("aria-selected") != "true":
        box.press("ArrowDown")
    box.press("Enter")
    expect(found).to_be_hidden()
