"""The user guide: OX Service > Domains > Remove domains."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.domains import open_domains

from oxherd.domains.commands import add_domain, add_subdomain
from oxherd.domains.models import Domain


def test_remove_ticked_domains(world: World, page: Page, guide: Guide) -> None:
    cast = world.cast
    for name in ("old.test", "older.test"):
        add_domain(actor=cast.system, tenant=cast.acme, name=name)
    open_domains(world, page)
    for name in ("old.test", "older.test"):
        page.get_by_label(f"Select {name}").check()
    guide.picture("domains")
    page.get_by_role("button", name="Remove domains").click()
    expect(page.get_by_text("No login, address, group or resource depends on them.")).to_be_visible()
    page.get_by_role("button", name="Remove 2 domains").click()
    expect(page.get_by_text("2 domains were removed.")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)  # head, acme.test
    world.until(lambda: world.mappings_in_ox() == ["acme.test"])


def give_another_address(world: World, page: Page, resource: str, local_part: str) -> None:
    page.get_by_role("link", name="Resources", exact=True).click()
    page.get_by_role("link", name=resource).click()
    page.get_by_label("Resource email").fill(local_part)
    page.get_by_role("button", name="Save resource").last.click()
    world.settled(page)


def test_what_depends_on_a_domain_moves_first(world: World, page: Page, guide: Guide) -> None:
    cast = world.cast
    anna = cast.user(ox=True, aliases=("sales@acme.test",))
    cast.group("Team", anna, address="team@acme.test")
    cast.resource("Blue room", address="room@acme.test")
    add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    cast.resource("Red room", address="team@new.test")
    open_domains(world, page)
    page.get_by_label("Select acme.test").check()
    page.get_by_role("button", name="Remove domains").click()
    expect(page.get_by_text("There are subdomains below:")).to_be_visible()
    page.get_by_role("link", name="Remove them, too").click()
    expect(page.get_by_role("heading", name="Remove 2 domains?")).to_be_visible()
    expect(page.get_by_text("1 primary address, 1 alias, 1 group and 1 resource.")).to_be_visible()
    page.get_by_label("Move them all to").select_option("new.test")
    expect(page.get_by_text("team@new.test is taken already.")).to_be_visible()
    guide.picture("remove-domain-in-use")
    page.get_by_role("button", name="Move all and remove").click()
    expect(page.get_by_text("1 of the addresses cannot be moved to new.test")).to_be_visible()
    assert Domain.objects.filter(presence="removed").count() == 0

    page.get_by_role("button", name="Stop").click()
    give_another_address(world, page, "Red room", "red")
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Domains", exact=True).click()
    page.get_by_label("Select all on this page").check()
    page.get_by_label("Select new.test").uncheck()
    page.get_by_role("button", name="Remove domains").click()
    page.get_by_label("Move them all to").select_option("new.test")
    expect(page.get_by_text("All of them can move to new.test.")).to_be_visible()
    page.get_by_role("button", name="Move all and remove").click()

    expect(page.get_by_text("1 user, 1 group and 1 resource moved to new.test.")).to_be_visible()
    world.until(lambda: world.mappings_in_ox() == ["new.test"])
    world.until(lambda: [user["primaryEmail"] for user in world.in_ox(cast.acme)] == ["anna.becker@new.test"])
    world.until(lambda: world.resources_in_ox()["Blue room"]["email"] == "room@new.test")
