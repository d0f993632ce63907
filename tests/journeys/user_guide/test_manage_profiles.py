"""The user guide: OX Service > Users > Manage Profiles."""

from playwright.sync_api import Page, expect
from tests.cast import COMBINATIONS
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.users import choose, expect_status, open_users, tick

from oxherd.brands.states import PlatformKind
from oxherd.people.models import OxAccount

LOST = {
    PlatformKind.APP_SUITE: "Calendar · Tasks · Drive for files",
    PlatformKind.OX_CLOUD: "Drive for files · Documents",
}


def combinations(world: World) -> list[str]:
    return [user["combination"] for user in world.in_ox(world.cast.acme)]


def test_users_get_another_profile_after_one_saw_what_it_changes(world: World, page: Page, guide: Guide) -> None:
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    world.cast.user("Carl Cole")
    open_users(world, page)
    expect_status(page, "Anna Becker", "Enabled")
    expect_status(page, "Bert Blum", "Enabled")
    tick(page, ["Anna Becker", "Bert Blum", "Carl Cole"])
    page.get_by_role("button", name="Manage Profiles").click()  # step 1
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("OX is not enabled for Carl Cole. This user is left out.")).to_be_visible()
    choose(page, "New profile", "Mail")  # step 2
    expect(dialog.get_by_text("Lost", exact=True)).to_be_visible()
    expect(dialog.get_by_text(LOST[world.kind]).first).to_be_visible()
    expect(dialog.get_by_text("5,000 MB → Unlimited")).to_be_visible()
    seats = dialog.get_by_role("row", name="Mail")
    expect(seats).to_contain_text("0 → 2")
    expect(seats).to_contain_text("10 → 8")
    guide.picture("manage-profiles")
    assert combinations(world) == [COMBINATIONS[world.kind][1]] * 2  # nothing is changed by looking
    dialog.get_by_role("button", name="OK").last.click()  # step 3
    expect(page.get_by_text("2 of 2 users get the profile Mail.")).to_be_visible()
    expect_status(page, "Anna Becker", "Enabled")
    expect_status(page, "Bert Blum", "Enabled")
    world.until(lambda: combinations(world) == [COMBINATIONS[world.kind][0]] * 2)


def test_a_profile_without_enough_seats_cannot_be_chosen(world: World, page: Page) -> None:
    world.cast.acme.seats.filter(profile=world.cast.mail).update(number=1)
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    open_users(world, page)
    tick(page, ["Anna Becker", "Bert Blum"])
    page.get_by_role("button", name="Manage Profiles").click()
    option = page.get_by_label("New profile").locator("option", has_text="1 of 1 seats left")
    expect(option).to_be_disabled()
    page.locator("#dialog").get_by_role("button", name="OK").last.click()
    expect(page.get_by_text("Choose a profile.")).to_be_visible()
    assert OxAccount.objects.filter(profile=world.cast.mail).count() == 0


def test_all_who_match_are_enabled_and_then_changed_though_the_page_shows_fifty(world: World, page: Page) -> None:
    for number in range(55):
        world.cast.user(f"Sales {number}")
    world.cast.acme.seats.filter(profile=world.cast.mail).update(number=None)
    world.cast.user("Zoe Adler", ox=True)
    open_users(world, page)
    page.get_by_role("searchbox").first.fill("sales")
    page.get_by_label("Select all 55 that match").check()
    expect(page.get_by_text("55 selected")).to_be_visible()
    page.get_by_role("button", name="Enable OX App Suite").last.click()
    choose(page, "Profile", "Groupware")
    page.locator("#dialog").get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("55 users are being set up in OX.")).to_be_visible()
    world.until(lambda: len(world.in_ox(world.cast.acme)) == 56, seconds=60)

    page.get_by_label("Select all 55 that match").check()
    page.get_by_role("button", name="Manage Profiles").click()
    choose(page, "New profile", "Mail")
    expect(page.get_by_role("row", name="Mail")).to_contain_text("0 → 55")
    page.locator("#dialog").get_by_role("button", name="OK").last.click()
    expect(page.get_by_text("55 of 55 users get the profile Mail.")).to_be_visible()
    lesser, greater = COMBINATIONS[world.kind]
    world.until(lambda: sorted(combinations(world)) == sorted([greater] + [lesser] * 55), seconds=60)
