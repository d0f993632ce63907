"""The first brand, by hand: a wrong password is found and mended, a profile is made of what there is, and used."""

from typing import Any

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World

from oxherd.brands.models import Brand
from oxherd.domains.commands import add_domain
from oxherd.people.commands import NewUser, add_user
from oxherd.people.records import OxWish
from oxherd.profiles.models import Profile
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant


def test_a_brand_is_connected_and_its_profile_reaches_users_when_it_changes(world: World, page: Page) -> None:
    world.sign_in(page, "alice")
    page.get_by_role("link", name="Brands").click()
    page.get_by_role("link", name="Add brand").click()
    _connect(world, page)
    page.get_by_role("link", name="Add a profile").click()
    page.get_by_role("link", name="Add the first profile").click()
    _add_profile(page)

    anna = _customer_with_a_user(world)
    world.until(lambda: _in_ox(world, anna).get("maxQuota") == 2048)
    page.get_by_role("link", name="Office").click()
    page.get_by_role("link", name="Edit profile").click()
    page.get_by_label("Drive quota").fill("3 GB")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("1 user of 1 customer gets this.")).to_be_visible()
    page.get_by_role("button", name="Save for 1 user").first.click()
    expect(page.get_by_text("Office is saved and comes to its users now.")).to_be_visible()
    world.until(lambda: _in_ox(world, anna).get("maxQuota") == 3072)
    held = _in_ox(world, anna)
    assert held["userAttributes"]["config"]["com.openexchange.capability.text"] == "true"

    page.get_by_role("link", name="Remove profile").click()
    expect(page.get_by_text("1 user has this profile.")).to_be_visible()


def _connect(world: World, page: Page) -> None:
    """With a wrong password first, which is found before anything is saved."""
    page.get_by_label("Name", exact=True).fill("Dawn")
    page.get_by_label("API URL").fill(world.sandbox.url)
    page.get_by_label("Username", exact=True).fill("oxadminmaster")
    page.get_by_label("Password", exact=True).fill("wrong-secret")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection does not work yet.")).to_be_visible()
    expect(page.get_by_text("does not accept the login or password")).to_be_visible()
    assert not Brand.objects.filter(name="Dawn").exists()
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection works.")).to_be_visible()
    page.get_by_role("button", name="Add brand").last.click()
    expect(page.get_by_role("heading", name="Dawn")).to_be_visible()
    expect(page.locator("#brand-state").get_by_text("Works")).to_be_visible()  # asked at once, without a reload


def _add_profile(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Office")
    level = page.get_by_role("combobox", name="Feature level")
    level.click()
    level.press_sequentially("groupware_standard")
    page.get_by_role("option", name="groupware_standard").click()
    page.get_by_label("Drive quota").fill("2 GB")
    page.get_by_label("Documents").select_option("On")
    page.get_by_role("button", name="Add profile").last.click()
    expect(page.get_by_text("The profile Office is added.")).to_be_visible()


def _customer_with_a_user(world: World) -> int:
    """Added as other pages do it; returns the customer's id."""
    actor, office = world.cast.system, Profile.objects.get(name="Office")
    tenant = add_tenant(actor=actor, brand=Brand.objects.get(name="Dawn"), name="Initech", seats={office: 5})
    add_domain(actor=actor, tenant=tenant, name="initech.test")
    new = NewUser("Anna Becker", login="anna", domain="initech.test", password="correct horse 4711", ox=OxWish(office))
    add_user(actor=actor, tenant=tenant, new=new)
    return int(tenant.pk)


def _in_ox(world: World, tenant_id: int) -> dict[str, Any]:
    tenant = Tenant.objects.get(pk=tenant_id)
    if not tenant.is_provisioned:
        return {}
    return next(iter(world.in_ox(tenant)), {})
