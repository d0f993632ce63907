"""The user guide: OX Service > Users > Enable OX App Suite."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import choose, expect_status, open_users, tick

from oxherd.domains.commands import add_domain


def test_a_service_user_is_brought_to_ox_with_address_profile_and_aliases(
    world: World, page: Page, guide: Guide
) -> None:
    add_domain(actor=world.cast.system, tenant=world.cast.acme, name="sales.test")
    world.cast.user("Anna Becker")
    open_users(world, page, "Classic list")
    tick(page, ["Anna Becker"])
    page.get_by_role("button", name="Enable OX App Suite").click()  # step 1
    dialog = page.locator("#dialog")
    dialog.get_by_label("Email", exact=True).fill("a.becker")  # step 2
    dialog.get_by_label("Domain of the primary address").select_option("sales.test")
    choose(page, "Profile", "Groupware")
    dialog.get_by_text("Additional Settings").click()
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).fill("info")
    guide.picture("enable-user")
    dialog.get_by_role("button", name="Next").last.click()  # step 3
    expect(page.get_by_text("Anna Becker is being set up in OX.")).to_be_visible()
    expect_status(page, "Anna Becker", "Enabled")
    (held,) = world.in_ox(world.cast.acme)
    assert (held["name"], held["primaryEmail"]) == ("anna.becker@acme.test", "a.becker@sales.test")
    assert sorted(held["aliases"]) == ["a.becker@sales.test", "info@acme.test"]


def test_many_are_enabled_and_who_cannot_be_is_told_before(world: World, page: Page) -> None:
    add_domain(actor=world.cast.system, tenant=world.cast.acme, name="sales.test")
    for name in ("Anna Becker", "Bert Blum", "Carl Cole"):
        world.cast.user(name)
    world.cast.user("Dora Dahl", ox=True, aliases=("bert.blum@sales.test",))
    open_users(world, page)
    tick(page, ["Anna Becker", "Bert Blum", "Carl Cole"])
    page.get_by_role("button", name="Enable OX App Suite").last.click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("3 seats needed")).to_be_visible()
    choose(page, "Profile", "Mail")
    dialog.get_by_label("Domain of the addresses").select_option("sales.test")
    expect(dialog.get_by_text("anna.becker@sales.test")).to_be_visible()
    expect(dialog.get_by_text("bert.blum@sales.test is taken.")).to_be_visible()
    dialog.get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("2 users are being set up in OX. 1 left out.")).to_be_visible()
    expect_status(page, "Anna Becker", "Enabled")
    expect_status(page, "Carl Cole", "Enabled")
    expect_status(page, "Bert Blum", "Disabled")
    addresses = sorted(user["primaryEmail"] for user in world.in_ox(world.cast.acme))
    assert addresses == ["anna.becker@sales.test", "carl.cole@sales.test", "dora.dahl@acme.test"]


def test_without_an_address_and_a_profile_nobody_is_enabled(world: World, page: Page) -> None:
    world.cast.user("Anna Becker")
    open_users(world, page)
    page.get_by_role("link", name="Enable OX App Suite for Anna Becker").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Email", exact=True).fill("")
    dialog.get_by_role("button", name="Next").last.click()
    expect(dialog.get_by_text("Enter the address.")).to_be_visible()
    expect(dialog.get_by_text("Choose a profile.")).to_be_visible()
    assert world.in_ox(world.cast.acme) == []
