"""Customers > Adopt from OX: a context from before becomes a customer, after one saw what that means."""

from pathlib import Path

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World

from oxherd.people.models import ServiceUser
from oxherd.sandbox.seed import plant
from oxherd.tenants.models import Tenant

SEED = """
contexts:
  - name: oldcorp
    id: 4711
    login_mappings: [oldcorp.test]
    admin: {name: boss, password: boss-secret}
    users:
      - {name: eva@oldcorp.test, password: x-secret, given_name: Eva, sur_name: Old, quota: 1000}
      - {name: gus@oldcorp.test, password: x-secret, given_name: Gus, sur_name: Older, quota: 77}
    groups: [{name: team, display_name: The team, members: [eva@oldcorp.test]}]
"""


def test_a_context_is_adopted_after_a_preview_and_a_mended_password(world: World, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text(SEED)
    plant(world.sandbox.platform, path)
    world.sign_in(page, "alice")
    page.get_by_role("link", name="Adopt from OX").click()
    page.get_by_role("link", name="Adopt a context").click()
    page.get_by_label("Context", exact=True).fill("oldcorp")
    page.get_by_label("Login of the context's administrator").fill("boss")
    page.get_by_label("Password of the context's administrator").fill("wrong")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_text("The context does not take the login or password")).to_be_visible()
    page.get_by_role("link", name="Mend and try again").click()
    expect(page.locator("#id_password_error")).to_contain_text("does not take the login or password")
    expect(page.get_by_label("Context", exact=True)).to_have_value("oldcorp")
    page.get_by_label("Password of the context's administrator").fill("boss-secret")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_text("This would be taken over. Nothing is changed on the platform.")).to_be_visible()
    refused = page.get_by_role("row").filter(has_text="Gus Older")
    expect(refused).to_contain_text("No profile of Sunrise gives groupware_standard, Drive 77 MB.")
    assert not Tenant.objects.filter(name="oldcorp").exists()
    page.get_by_role("button", name="Adopt", exact=True).click()

    expect(page.get_by_text("This was taken over.")).to_be_visible()
    page.get_by_role("link", name="Go to oldcorp").click()
    expect(page.get_by_role("link", name="Eva Old")).to_be_visible()
    assert [user.login for user in ServiceUser.objects.filter(tenant__name="oldcorp")] == ["eva@oldcorp.test"]
