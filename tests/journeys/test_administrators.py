"""From an invitation to what the role allows, and support that acts for a customer's administrator."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import World

from oxherd.audit.models import AuditEntry


def test_an_invited_person_accepts_and_sees_only_what_the_role_allows(
    world: World, page: Page, browser: Browser
) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Administrators").click()
    page.get_by_role("link", name="Invite administrator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Mail address").fill("eve@panel.test")
    dialog.get_by_label("Role").select_option("Read-only")
    dialog.get_by_role("button", name="Send invitation").click()
    link = dialog.locator("#invitation-link").inner_text()
    path = link[link.index("/invitation/") :]
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("eve@panel.test").first).to_be_visible()

    other = browser.new_context(reduced_motion="reduce")
    eve = other.new_page()
    eve.goto(world.url + path)
    expect(eve).to_have_url(f"{world.url}/invitation/")
    assert Axe().run(eve).response["violations"] == []
    eve.get_by_label("Your name").fill("Eve Fox")
    eve.get_by_label("Password", exact=True).fill("short")
    eve.get_by_role("button", name="Accept and sign in").click()
    expect(eve.get_by_text("too short")).to_be_visible()
    eve.get_by_label("Password", exact=True).fill(PASSWORD)
    eve.get_by_label("Confirm password").fill(PASSWORD)
    eve.get_by_role("button", name="Accept and sign in").click()
    expect(eve.get_by_role("heading", name="Users")).to_be_visible()
    assert eve.get_by_role("link", name="Administrators").count() == 0
    assert eve.get_by_role("link", name="Add New Service User").count() == 0
    eve.goto(world.url + path)
    expect(eve.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
    other.close()


def test_support_acts_for_an_administrator_with_a_bar_on_every_page(world: World, page: Page) -> None:
    world.sign_in(page, "alice")
    page.get_by_role("heading", name="Customers").wait_for()
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/administrators/people/{world.cast.rita.pk}/")
    page.get_by_role("link", name="Act for").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Ticket 4711")
    page.get_by_role("dialog").get_by_role("button", name="Act for Rita").click()
    bar = page.get_by_text("You act for Rita of Acme")
    expect(bar).to_be_visible()
    assert page.get_by_role("link", name="Customers").count() == 0
    page.get_by_role("link", name="OX Service").click()
    expect(bar).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You do not act for Rita any more.")).to_be_visible()
    told = AuditEntry.objects.filter(tenant_id=world.cast.acme.pk, action__startswith="act_for:").order_by("id")
    assert [entry.action for entry in told] == ["act_for:begin", "act_for:end"]
