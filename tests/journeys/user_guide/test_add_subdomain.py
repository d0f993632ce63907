"""The user guide: OX Service > Domains > Add subdomain."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.domains import choose_catch_all, open_domains


def test_add_a_subdomain(world: World, page: Page, guide: Guide) -> None:
    world.cast.user(ox=True)
    open_domains(world, page)
    page.get_by_role("link", name="Add subdomain").click()  # step 1
    page.get_by_role("textbox", name="Subdomain").fill("shop")  # step 2
    page.get_by_label("Domain", exact=True).select_option("acme.test")
    choose_catch_all(page, "Anna Becker")
    guide.picture("add-subdomain")
    page.get_by_role("button", name="Save").last.click()  # step 3

    expect(page.get_by_role("heading", name="shop.acme.test")).to_be_visible()
    expect(page.locator("#domain-state").get_by_text("Verified")).to_be_visible()
    world.until(lambda: world.mappings_in_ox() == ["acme.test", "shop.acme.test"])
    page.get_by_role("link", name="Domains").first.click()
    row = page.get_by_role("row").filter(has_text="shop.acme.test")
    expect(row).to_contain_text("Subdomain of acme.test")
    expect(row).to_contain_text("anna.becker@acme.test")


def test_wrong_input_is_told_at_the_field(world: World, page: Page) -> None:
    open_domains(world, page)
    page.get_by_role("link", name="Add subdomain").click()
    for typed, said in (
        ("", "Enter the subdomain, such as mail for mail.acme.test."),
        ("two words", "is not a domain name"),
    ):
        page.get_by_role("textbox", name="Subdomain").fill(typed)
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text(said)).to_be_visible()
