"""The user guide: what is deleted stands under Recently removed for some days, and comes back from there."""

from typing import Any

from playwright.sync_api import Locator, Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_aliases
from oxherd.people.removal_commands import remove_user
from oxherd.sandbox import holdings


def in_ox(world: World) -> dict[str, dict[str, Any]]:
    """The users of Acme that the stand-in holds, by login."""
    return {user["name"]: user for user in world.in_ox(world.cast.acme)}


def why_no_sign_in(world: World, login: str) -> str | None:
    with world.sandbox.platform.store.reading() as db:
        return holdings.why_no_sign_in(db, world.cast.acme.context_id, login, PASSWORD)


def open_page(world: World, page: Page, path: str) -> None:
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/{path}")


def said(page: Page, text: str) -> None:
    expect(page.locator("#toasts").get_by_text(text)).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.locator(".rows tbody tr", has=page.get_by_text(name, exact=True))


def test_a_deleted_user_is_locked_in_ox_and_comes_back_with_everything(world: World, page: Page, guide: Guide) -> None:
    anna = world.cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    world.cast.user("Bert Blum", login="bert", ox=True)
    world.until(lambda: len(in_ox(world)) == 2)
    open_page(world, page, f"users/{anna.pk}/")
    page.get_by_role("link", name="Delete", exact=True).click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("Mail, calendar, contacts and files stay in OX.")).to_be_visible()
    guide.picture("delete-user")
    dialog.get_by_role("button", name="Delete user").click()
    said(page, "Anna Becker was deleted.")
    world.until(lambda: why_no_sign_in(world, "anna@acme.test") == "the user is disabled")
    assert "info@acme.test" not in in_ox(world)["anna@acme.test"]["aliases"]
    page.get_by_role("link", name="Recently removed", exact=True).first.click()
    expect(row(page, "Anna Becker").get_by_text("in 30 days")).to_be_visible()
    page.get_by_role("button", name="Restore Anna Becker").click()
    said(page, "Anna Becker was restored.")
    world.until(lambda: why_no_sign_in(world, "anna@acme.test") is None)
    assert in_ox(world)["anna@acme.test"]["aliases"] == ["anna@acme.test", "info@acme.test"]


def test_what_others_took_meanwhile_is_settled_in_the_dialog(world: World, page: Page, guide: Guide) -> None:
    cast = world.cast
    anna, bert = (cast.user(name, login=name.split()[0].lower(), ox=True) for name in ("Anna Becker", "Bert Blum"))
    remove_user(actor=cast.system, user=anna)
    change_aliases(actor=cast.system, user=bert, aliases=("anna@acme.test",))
    open_page(world, page, "removed/")
    page.get_by_role("button", name="Restore Anna Becker").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("anna@acme.test is an alias of Bert Blum now.")).to_be_visible()
    guide.picture("restore-conflict")
    dialog.get_by_label("Login", exact=True).fill("bert")
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog.get_by_text("The login bert@acme.test is taken. Choose another.")).to_be_visible()
    dialog.get_by_label("Login", exact=True).fill("anna.becker")
    dialog.get_by_role("button", name="Restore").click()
    said(page, "Anna Becker was restored.")
    assert ServiceUser.objects.get(pk=anna.pk).login == "anna.becker@acme.test"
    unlocked = lambda user: user["mailenabled"] and user["primaryEmail"] == "anna.becker@acme.test"  # noqa: E731 - short
    world.until(lambda: any(unlocked(user) for user in world.in_ox(cast.acme)))


def test_groups_and_resources_come_back_from_the_list(world: World, page: Page, guide: Guide) -> None:
    cast = world.cast
    anna = cast.user("Anna Becker", ox=True)
    cast.group("Sales", anna)
    cast.resource("Blue room", manager=anna)
    world.until(lambda: "Sales" in world.groups_in_ox() and "Blue room" in world.resources_in_ox())
    open_page(world, page, "ox/groups/")
    for tab, select, button in (
        ("Groups", "Select Sales", "Delete selected groups"),
        ("Resources", "Select Blue room", "Delete resources"),
    ):
        page.get_by_role("link", name=tab, exact=True).click()
        page.get_by_label(select).check()
        page.get_by_role("button", name=button).click()
        page.locator("#dialog").get_by_role("button", name=f"Delete {tab.lower().removesuffix('s')}").click()
        said(page, f"{select.removeprefix('Select ')} was deleted.")
    world.until(lambda: world.groups_in_ox() == {} and world.resources_in_ox() == {})
    page.get_by_role("link", name="Recently removed", exact=True).first.click()
    page.get_by_label("Select Sales").check()
    page.get_by_label("Select Blue room").check()
    guide.picture("recently-removed")
    page.get_by_role("button", name="Restore", exact=True).last.click()
    said(page, "2 entries were restored.")
    expect(page.get_by_text("Nothing was removed")).to_be_visible()
    world.until(lambda: world.groups_in_ox() == {"Sales": ("Sales", ["Anna Becker"])})
    world.until(lambda: list(world.resources_in_ox()) == ["Blue room"])


def test_deleting_for_good_asks_for_the_name(world: World, page: Page) -> None:
    anna = world.cast.user("Anna Becker", ox=True)
    world.until(lambda: len(in_ox(world)) == 1)
    remove_user(actor=world.cast.system, user=anna)
    open_page(world, page, "removed/")
    page.get_by_label("Select Anna Becker").check()
    page.get_by_role("button", name="Delete for good").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("button", name="Delete for good")).to_be_disabled()
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("Anna Becker")
    dialog.get_by_role("button", name="Delete for good").click()
    said(page, "Anna Becker is being deleted for good.")
    world.until(lambda: in_ox(world) == {})
