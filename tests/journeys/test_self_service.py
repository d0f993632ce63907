"""From the switch to the request: what a service user does at the page of her own, and who hears of it."""

from playwright.sync_api import Browser, Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import World
from tests.journeys.own_pages import sign_in

from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.ox_commands import change_profile
from oxherd.sandbox import holdings

NEW = "a wholly different staple"


def ox_takes(world: World, password: str) -> bool:
    """Whether Anna signs in to the webmail of the stand-in with it."""
    with world.sandbox.platform.store.reading() as db:
        return holdings.why_no_sign_in(db, world.cast.acme.context_id, "anna.becker@acme.test", password) is None


def test_a_user_changes_her_password_and_asks_for_more(world: World, page: Page, browser: Browser) -> None:
    cast = world.cast
    change_upsell(actor=cast.system, brand=cast.brand)
    anna = cast.user("Anna Becker", login="anna.becker", ox=True)
    change_profile(actor=cast.system, users=[anna], profile=cast.mail)
    world.until(lambda: ox_takes(world, PASSWORD))

    her = browser.new_page()
    sign_in(her, world.url, "anna.becker@acme.test")
    expect(her.get_by_text("Login and password do not match, or you cannot sign in here.")).to_be_visible()

    world.sign_in(page, "bob")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Switch on").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Self-service is on.")).to_be_visible()
    address = page.get_by_role("link", name="/me/").get_attribute("href") or ""
    assert address.endswith("/me/")

    sign_in(her, world.url, "anna.becker@acme.test")
    expect(her.get_by_role("heading", name="Anna Becker")).to_be_visible()
    change_password(her)
    world.until(lambda: ox_takes(world, NEW))
    assert not ox_takes(world, PASSWORD)
    ask_for_more(her)

    page.goto(f"{world.url}/t/{cast.acme.pk}/ox/requests/")
    row = page.get_by_role("row").filter(has_text="Anna Becker")
    expect(row).to_contain_text("Verified")
    page.goto(f"{world.url}/t/{cast.acme.pk}/audit/")
    for told in ("Signed in to self-service", "Password set", "Upgrade asked for", "Sign-in to self-service failed"):
        expect(page.get_by_role("cell", name=told).or_(page.get_by_text(told)).first).to_be_attached()
    her.get_by_role("button", name="Sign out").click()
    expect(her.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    her.close()


def change_password(her: Page) -> None:
    """First with a wrong old one."""
    her.get_by_role("link", name="Change password").click()
    her.get_by_label("Present password").fill("not this one")
    her.get_by_label("New password", exact=True).fill(NEW)
    her.get_by_label("New password once more").fill(NEW)
    her.get_by_role("button", name="Change password").click()
    expect(her.get_by_text("This is not your present password.")).to_be_visible()
    her.get_by_label("Present password").fill(PASSWORD)
    her.get_by_label("New password", exact=True).fill(NEW)
    her.get_by_label("New password once more").fill(NEW)
    her.get_by_role("button", name="Change password").click()
    expect(her.get_by_text("Your password was changed.")).to_be_visible()


def ask_for_more(her: Page) -> None:
    her.get_by_role("link", name="Ask for more").click()
    her.get_by_role("radio", name="Groupware").check()
    her.get_by_label("Message to your administrator").fill("For the team's calendar.")
    her.get_by_role("button", name="Send request").click()
    expect(her.get_by_text("Your request was sent.")).to_be_visible()
    expect(her.get_by_role("region", name="What you have asked for")).to_contain_text("Groupware")
