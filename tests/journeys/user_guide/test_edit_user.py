"""The user guide: OX Service > Users > Edit; and the change of login and address on the user's page."""

from typing import Any

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import expect_status, open_users, tick

from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain


def held(world: World) -> dict[str, Any]:
    (user,) = world.in_ox(world.cast.acme)
    return user


def test_an_alias_in_another_domain_is_added(world: World, page: Page, guide: Guide) -> None:
    add_domain(actor=world.cast.system, tenant=world.cast.acme, name="sales.test")
    world.cast.user("Anna Becker", ox=True)
    open_users(world, page, "Classic list")
    expect_status(page, "Anna Becker", "Enabled")
    tick(page, ["Anna Becker"])
    page.get_by_role("button", name="Edit", exact=True).click()  # step 1
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).fill("anna")  # step 2
    dialog.get_by_label("Domain of the alias").select_option("sales.test")
    guide.picture("edit-user")
    dialog.get_by_role("button", name="Save").last.click()  # step 3
    expect(page.get_by_text("Anna Becker was saved.")).to_be_visible()
    expect_status(page, "Anna Becker", "Enabled")
    world.until(lambda: sorted(held(world)["aliases"]) == ["anna.becker@acme.test", "anna@sales.test"])


def test_additional_settings_and_the_primary_address_are_saved_in_one_go(world: World, page: Page) -> None:
    world.cast.user("Anna Becker", ox=True, aliases=("info@acme.test",))
    open_users(world, page)
    expect_status(page, "Anna Becker", "Enabled")
    page.get_by_role("link", name="Edit Anna Becker").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Make info@acme.test primary").click()
    expect(dialog.locator(".primary-now")).to_have_text("info@acme.test")
    dialog.get_by_text("Additional Settings").click()
    dialog.get_by_label("Display name").fill("Anna Bach")
    dialog.get_by_label("Language").select_option("de_DE")
    dialog.get_by_label("Time zone").fill("Asia/Tokyo")
    dialog.get_by_role("button", name="Save").last.click()
    expect_status(page, "Anna Bach", "Enabled")
    user = held(world)
    assert (user["primaryEmail"], user["display_name"]) == ("info@acme.test", "Anna Bach")
    assert (user["language"], user["timezone"]) == ("de_DE", "Asia/Tokyo")
    assert sorted(user["aliases"]) == ["anna.becker@acme.test", "info@acme.test"]


def test_an_alias_of_somebody_else_is_told_at_its_row_and_nothing_is_saved(world: World, page: Page) -> None:
    world.cast.user("Anna Becker", ox=True)
    world.cast.user("Bert Blum", login="info")
    open_users(world, page)
    page.get_by_role("link", name="Edit Anna Becker").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).fill("info")
    dialog.get_by_role("button", name="Save").last.click()
    expect(dialog.get_by_text("info@acme.test is taken. Choose another address.")).to_be_visible()
    expect(dialog.get_by_label("Alias", exact=True)).to_be_focused()
    world.until(lambda: held(world)["aliases"] == ["anna.becker@acme.test"])


def test_login_and_address_are_changed_after_one_saw_what_follows(world: World, page: Page) -> None:
    anna = world.cast.user("Anna Becker", ox=True)
    world.cast.group("Sales", anna)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{anna.pk}/")
    expect(page.locator("#user-state").get_by_text("Enabled")).to_be_visible()
    page.get_by_role("link", name="Change login").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("1 group follows by itself: Sales.")).to_be_visible()
    dialog.get_by_label("Login", exact=True).fill("anna.adler")
    expect(dialog.get_by_text("anna.becker@acme.test stays as an alias.")).to_be_visible()
    stays = world.kind == PlatformKind.APP_SUITE  # its names change only where the brand says so
    expect(dialog.get_by_text("goes on signing in as anna.becker@acme.test")).to_be_visible(visible=stays)
    expect(dialog.get_by_label("Login", exact=True)).to_be_focused()  # the preview takes nothing away
    dialog.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Anna Becker was saved.")).to_be_visible()
    expect(page.locator("#user-state").get_by_text("Enabled")).to_be_visible()
    expect(page.get_by_text("Name in OX")).to_be_visible(visible=stays)
    user = held(world)
    name = "anna.becker@acme.test" if stays else "anna.adler@acme.test"
    assert (user["name"], user["primaryEmail"]) == (name, "anna.adler@acme.test")
    assert sorted(user["aliases"]) == ["anna.adler@acme.test", "anna.becker@acme.test"]
    assert world.groups_in_ox() == {"Sales": ("Sales", ["Anna Becker"])}
