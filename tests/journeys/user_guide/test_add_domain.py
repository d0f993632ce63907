"""The user guide: OX Service > Domains > Add domain."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.domains import choose_catch_all, open_domains
from tests.little_dns import LittleDns

from oxherd.domains.models import Domain


def test_add_a_domain_and_prove_it(world: World, page: Page, guide: Guide, little_dns: LittleDns) -> None:
    world.cast.user(ox=True)
    open_domains(world, page)
    page.get_by_role("link", name="Add domain").click()  # step 1
    page.get_by_label("Domain", exact=True).fill("Bücher.example")
    choose_catch_all(page, "Anna Becker")  # step 2
    guide.picture("add-domain")
    page.get_by_role("button", name="Save").last.click()  # step 3

    expect(page.get_by_role("heading", name="Prove that bücher.example is yours")).to_be_visible()
    expect(page.get_by_text("_oxherd-verify.xn--bcher-kva.example")).to_be_visible()
    new = Domain.objects.get(name="xn--bcher-kva.example")
    expect(page.get_by_text(new.proof_value)).to_be_visible()
    guide.picture("prove-domain")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("The record was not found.")).to_be_visible()
    assert world.mappings_in_ox() == ["acme.test"]

    little_dns.has(new.proof_name, "TXT", f'"{new.proof_value}"')
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("#domain-state").get_by_text("Verified")).to_be_visible()
    expect(page.get_by_role("heading", name="DNS records")).to_be_visible()
    expect(page.get_by_text("Prove that")).to_have_count(0)
    world.until(lambda: world.mappings_in_ox() == ["acme.test", "xn--bcher-kva.example"])
    page.get_by_role("link", name="Domains").click()
    row = page.get_by_role("row").filter(has_text="bücher.example")
    expect(row).to_contain_text("anna.becker@acme.test")
    expect(row).to_contain_text("Verified")


def test_the_value_of_the_record_is_copied(world: World, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_domains(world, page)
    page.get_by_role("link", name="Add domain").click()
    page.get_by_label("Domain", exact=True).fill("new.test")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy value of the record").click()
    value = Domain.objects.get(name="new.test").proof_value
    assert page.evaluate("navigator.clipboard.readText()") == value


def test_wrong_input_is_told_at_the_field(world: World, page: Page) -> None:
    open_domains(world, page)
    page.get_by_role("link", name="Add domain").click()
    field = page.get_by_label("Domain", exact=True)
    for typed, said in (
        ("", "Enter a domain, such as example.com."),
        ("co.uk", "co.uk is a public suffix, which no customer can own."),
        ("acme.test", "acme.test is on the list of Acme already."),
        ("globex.test", "globex.test is in use by another customer."),
        ("shop.globex.test", "which belongs to another customer."),
    ):
        field.fill(typed)
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text(said)).to_be_visible()
        expect(field).to_be_focused()
    assert Domain.objects.count() == 2


def test_the_provider_approves_by_hand(world: World, page: Page) -> None:
    open_domains(world, page)
    page.get_by_role("link", name="Add domain").click()
    page.get_by_label("Domain", exact=True).fill("new.test")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("button", name="Check again")).to_be_visible()
    address = page.url
    page.context.clear_cookies()
    world.sign_in(page, "alice")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    page.goto(address)
    page.get_by_role("link", name="Approve").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#domain-state").get_by_text("Verified")).to_be_visible()
    expect(page.get_by_text("Approved by Alice")).to_be_visible()
