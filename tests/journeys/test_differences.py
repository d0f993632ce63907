from dataclasses import replace

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.sync.out_of_band import NEW

from oxherd.ox.interface import ContextAccess, Platform, UserChange
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.sync.platforms import access, platform_of


def reached(world: World) -> tuple[Platform, ContextAccess]:
    tenant = world.cast.acme
    tenant.refresh_from_db()
    return platform_of(world.cast.brand), access(
        tenant.context_id, tenant.context_admin, tenant.sealed_context_password
    )


def test_what_was_changed_in_ox_is_found_and_repaired_either_way(world: World, page: Page) -> None:
    anna, bert = world.cast.user(ox=True), world.cast.user("Bert Blum", ox=True)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/users/")
    expect(page.get_by_text("Enabled", exact=True)).to_have_count(3)  # two users, and the filter
    platform, context = reached(world)
    for user, surname in ((anna, "Changed"), (bert, "Married")):
        platform.change_user(context, OxAccount.objects.get(user=user).ox_id or 0, UserChange(surname=surname))
    address = "eve@acme.test"
    eve = replace(NEW, name=address, display_name="Eve Stranger", primary_address=address, aliases=(address,))
    platform.create_user(context, eve)

    page.get_by_role("link", name="Differences").click()
    expect(page.get_by_text("Not compared yet")).to_be_visible()
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("link", name="Differences 3")).to_be_visible()

    page.get_by_role("button", name="Send to OX: Anna Becker").click()
    expect(page.get_by_role("row", name="Anna Becker").get_by_text("In OX", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take from OX: Bert Blum").click()
    expect(page.get_by_role("row", name="Bert Blum").get_by_text("Taken from OX")).to_be_visible()
    page.get_by_role("link", name="Delete in OX: Eve Stranger").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 user of OX only: deleted there")).to_be_visible()
    dialog.get_by_role("textbox").fill("Eve Stranger")
    dialog.get_by_role("button", name="Send to OX").click()
    expect(page.get_by_role("row", name="Eve Stranger").get_by_text("In OX", exact=True)).to_be_visible()

    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text("Panel and OX agree")).to_be_visible()
    assert {user["sur_name"] for user in world.in_ox(world.cast.acme)} == {"Becker", "Married"}
    assert ServiceUser.objects.get(pk=bert.pk).surname == "Married"


def test_many_are_repaired_after_it_was_said_what_happens(world: World, page: Page) -> None:
    users = [world.cast.user(f"User {number}", ox=True) for number in range(3)]
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/users/")
    expect(page.get_by_text("Enabled", exact=True)).to_have_count(4)
    platform, context = reached(world)
    for user in users:
        platform.change_user(context, OxAccount.objects.get(user=user).ox_id or 0, UserChange(language="fr_FR"))
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/differences/")
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_label("Select all on this page").check()
    page.get_by_role("group", name="Act on selected rows").get_by_role("button", name="Take from OX").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 users get the values of OX in the panel.")).to_be_visible()
    dialog.get_by_role("button", name="Take from OX").click()
    expect(page.get_by_role("row").get_by_text("Taken from OX")).to_have_count(3)
    assert set(ServiceUser.objects.values_list("language", flat=True)) == {"fr_FR"}
