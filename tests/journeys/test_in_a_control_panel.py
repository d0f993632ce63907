"""The user guide in a controller's panel: its wizard, our views in its frames, our endpoint, a worker, the platform."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from tests.aps import double
from tests.aps.double import Odin
from tests.journeys.conftest import World
from tests.journeys.user_guide.domains import choose_catch_all
from tests.journeys.user_guide.users import change_view, choose, expect_status, tick

from oxherd.controller import sales
from oxherd.domains.commands import add_subdomain
from oxherd.groups.commands import add_group
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles.models import Profile
from oxherd.purchases.commands import Wish, ask
from oxherd.purchases.models import PurchaseRequest
from oxherd.resources.commands import ResourceWish, add_resource
from oxherd.tenants.models import Seats, Tenant


@pytest.fixture
def odin(world: World, tmp_path: Path, settings: Any) -> Iterator[Odin]:
    """With a customer, Initech, whose zone is initech.test."""
    settings.BASE_URL = world.url
    with double.running(tmp_path, world.url, world.sandbox.url, drains=False) as odin:
        odin.rest("PUT", f"resources/{odin.app}", {"panelHosts": [by_name(odin)]})
        odin.customer("Initech")
        sales.add_domain(odin.server.hub, odin.account, "initech.test")
        yield odin


@pytest.fixture
def initech(odin: Odin) -> Tenant:
    return Tenant.objects.get(name="Initech")


def by_name(odin: Odin) -> str:
    """Browsers keep cookies of frames for one site only, and the panel is at localhost too."""
    return odin.server.url.replace("127.0.0.1", "localhost")


class Panel:
    """The customer's panel in the controller: `view` is the package's page in it, `ours` the frame in that one."""

    def __init__(self, page: Page, odin: Odin) -> None:
        self.page = page
        page.set_default_timeout(20_000)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 1000})
        page.goto(f"{by_name(odin)}/customers")
        page.get_by_role("link", name="Initech").first.click()

    @property
    def view(self) -> FrameLocator:
        return self.page.frame_locator("iframe").first

    @property
    def ours(self) -> FrameLocator:
        return self.view.frame_locator("iframe")

    def open(self, name: str) -> None:
        """Each page is waited for: until it is there, frames of the last one could still be pressed, in vain."""
        for menu, link in (("Panel", "Open-Xchange"), ("Open-Xchange", name)):
            with self.page.expect_navigation():
                self.page.get_by_role("navigation", name=menu).get_by_role("link", name=link, exact=True).click()

    def classic(self) -> None:
        self.open("Users")
        change_view(self.ours, "Classic list")

    def add_domain(self) -> None:
        self.open("Domains")
        self.view.get_by_role("button", name="Add domain").click()
        self.view.get_by_label("Domain", exact=True).select_option("initech.test")
        self.view.get_by_role("button", name="Add", exact=True).click()
        expect(self.view.get_by_role("dialog")).to_be_hidden()

    def add_service_user(self, name: str, login: str) -> None:
        self.page.get_by_role("navigation", name="Panel").get_by_role("link", name="Users").click()
        self.page.get_by_role("link", name="Add New Service User").click()
        self.page.get_by_label("Display name").fill(name)
        self.page.get_by_label("Login").first.fill(login)
        self.page.get_by_role("button", name="Generate").click()
        self.page.get_by_role("button", name="Next").click()
        self.view.get_by_label("Profile").select_option("Groupware")
        self.page.get_by_role("button", name="Next").click()
        expect(self.view.get_by_text("Groupware")).to_be_visible()
        self.page.get_by_role("button", name="Finish").click()


def status_of(name: str) -> str:
    return str(ServiceUser.objects.filter(display_name=name).values_list("status", flat=True).first())


def start(panel: Panel, world: World, initech: Tenant) -> None:
    """A domain, and two users who have OX."""
    panel.add_domain()
    world.until(lambda: initech.domains.filter(verified_at__isnull=False).exists())
    panel.add_service_user("Anna Becker", "anna.becker")
    panel.add_service_user("Bert Blum", "bert.blum")
    world.until(lambda: {status_of("Anna Becker"), status_of("Bert Blum")} == {"enabled"}, seconds=40)


def both_are_enabled(panel: Panel) -> None:
    expect_status(panel.ours, "Anna Becker", "Enabled")
    expect_status(panel.ours, "Bert Blum", "Enabled")


def test_users_are_added_and_managed(world: World, odin: Odin, initech: Tenant, page: Page) -> None:
    panel = Panel(page, odin)
    start(panel, world, initech)
    assert sorted(user["name"] for user in world.in_ox(initech)) == [
        "anna.becker@initech.test",
        "bert.blum@initech.test",
    ]
    panel.open("Users")  # our page, in the frame
    expect(panel.ours.get_by_role("navigation", name="View").locator("[aria-current]")).to_have_text("Active")
    both_are_enabled(panel)
    panel.classic()
    both_are_enabled(panel)
    dialog = panel.ours.locator("#dialog")
    tick(panel.ours, ["Anna Becker"])
    panel.ours.get_by_role("button", name="Manage Profiles").click()
    choose(panel.ours, "New profile", "Mail")
    dialog.get_by_role("button", name="OK").last.click()
    world.until(lambda: {user["combination"] for user in world.in_ox(initech)} == {"webmail", "groupware_standard"})

    panel.classic()
    tick(panel.ours, ["Bert Blum"])
    panel.ours.get_by_role("button", name="Edit", exact=True).last.click()
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).fill("info")
    dialog.get_by_role("button", name="Save").last.click()
    world.until(lambda: any("info@initech.test" in user["aliases"] for user in world.in_ox(initech)))

    panel.classic()
    tick(panel.ours, ["Anna Becker"])
    panel.ours.get_by_role("button", name="Disable", exact=True).last.click()
    dialog.get_by_label("To confirm, type the name: Anna Becker").fill("Anna Becker")
    dialog.get_by_role("button", name="Accept").click()
    expect_status(panel.ours, "Anna Becker", "Disabled")


def test_groups_resources_subdomains_and_requests(world: World, odin: Odin, initech: Tenant, page: Page) -> None:
    panel = Panel(page, odin)
    start(panel, world, initech)
    panel.open("Groups")
    panel.ours.get_by_role("link", name="Add new group").first.click()
    panel.ours.get_by_label("Group name").fill("Sales")
    panel.ours.get_by_role("checkbox", name="Bert Blum").check()
    panel.ours.get_by_role("button", name="Add the ticked users").click()
    panel.ours.get_by_role("button", name="Save").last.click()
    expect(panel.ours.locator("#state").get_by_text("In OX", exact=True)).to_be_visible()
    assert Group.objects.get(tenant=initech).display_name == "Sales"

    panel.open("Resources")
    panel.ours.get_by_role("link", name="Add new resource").first.click()
    panel.ours.get_by_label("Resource name").fill("Blue room")
    panel.ours.get_by_role("button", name="Save resource").last.click()
    expect(panel.ours.locator("#state").get_by_text("In OX", exact=True)).to_be_visible()

    panel.open("Domains")
    panel.ours.get_by_role("link", name="Add subdomain").click()
    panel.ours.get_by_role("textbox", name="Subdomain").fill("shop")
    panel.ours.get_by_role("button", name="Save").last.click()
    expect(panel.ours.get_by_role("heading", name="shop.initech.test")).to_be_visible()

    anna = OxAccount.objects.get(user__display_name="Anna Becker")
    better = Profile.objects.create(brand=initech.brand, name="Premium", access_combination="groupware_premium", rank=9)
    Seats.objects.create(tenant=initech, profile=better)
    ask(actor=world.cast.system, account=anna, wish=Wish(better))
    panel.open("Purchase requests")
    panel.ours.get_by_role("link", name=re.compile("Proceed")).first.click()
    panel.ours.locator("#dialog").get_by_role("button", name="Proceed").last.click()
    world.until(lambda: "groupware_premium" in {user["combination"] for user in world.in_ox(initech)})


def test_groups_and_resources_are_edited_and_deleted(world: World, odin: Odin, initech: Tenant, page: Page) -> None:
    furnish(world, odin, initech)
    panel = Panel(page, odin)
    ours, dialog = panel.ours, panel.ours.locator("#dialog")
    in_ox = ours.locator("#state").get_by_text("In OX", exact=True)
    panel.open("Groups")
    ours.get_by_role("link", name="Sales").click()
    ours.get_by_label("Group name").fill("Sales & Marketing")
    ours.get_by_role("button", name="Save").last.click()
    world.until(lambda: Group.objects.get(tenant=initech).applied.get("display_name") == "Sales & Marketing")
    panel.open("Groups")
    ours.get_by_label("Select Sales & Marketing").check()
    ours.get_by_role("button", name="Delete selected groups").last.click()
    dialog.get_by_role("button", name="Delete group").click()
    expect(ours.get_by_text("Sales & Marketing was deleted.")).to_be_visible()

    panel.open("Resources")
    ours.get_by_role("link", name="Blue room").click()
    ours.get_by_label("Display name").fill("Green room")
    ours.get_by_role("button", name="Save resource").last.click()
    expect(in_ox).to_be_visible()
    panel.open("Resources")
    ours.get_by_label("Select Green room").check()
    ours.get_by_role("button", name="Delete resources").last.click()
    dialog.get_by_role("button", name="Delete resource").click()
    expect(ours.get_by_text("Green room was deleted.")).to_be_visible()


def test_domains_are_edited_a_request_is_rejected_and_ox_enabled(
    world: World, odin: Odin, initech: Tenant, page: Page
) -> None:
    furnish(world, odin, initech)
    panel = Panel(page, odin)
    ours, dialog = panel.ours, panel.ours.locator("#dialog")
    panel.open("Domains")
    ours.get_by_role("link", name="Edit shop.initech.test").click()
    choose_catch_all(ours, "Bert Blum")
    ours.get_by_role("button", name="Save").last.click()
    expect(ours.get_by_role("row").filter(has_text="shop.initech.test")).to_contain_text("bert.blum@initech.test")
    panel.open("Domains")
    ours.get_by_label("Select shop.initech.test").check()
    ours.get_by_role("button", name="Remove domains").last.click()
    ours.get_by_role("button", name="Remove domain", exact=True).last.click()
    expect(ours.get_by_text("shop.initech.test was removed.")).to_be_visible()

    panel.open("Purchase requests")
    ours.get_by_role("link", name=re.compile("Reject")).first.click()
    dialog.get_by_label("Reason").fill("Not this year")
    dialog.get_by_role("button", name="Reject").last.click()
    world.until(lambda: PurchaseRequest.objects.get().state == "rejected")

    panel.classic()
    tick(ours, ["Carl Cole"])
    ours.get_by_role("button", name="Enable OX App Suite").last.click()
    choose(ours, "Profile", "Mail")
    dialog.get_by_role("button", name="Next").last.click()
    expect_status(ours, "Carl Cole", "Enabled")


def furnish(world: World, odin: Odin, initech: Tenant) -> None:
    """Two users with OX and one without, a group, a resource, a subdomain and a purchase request."""
    tenant, system = odin.listed("tenant")[-1]["aps"]["id"], world.cast.system
    odin.domain(tenant, "initech.test")
    for name, ox in (("Anna Becker", True), ("Bert Blum", True), ("Carl Cole", False)):
        login = f"{name.lower().replace(' ', '.')}@initech.test"
        odin.user(tenant, login, displayName=name, givenName=name.split()[0], familyName=name.split()[1], ox=ox)
    odin.settle()
    anna = OxAccount.objects.get(user__display_name="Anna Becker")
    add_group(actor=system, tenant=initech, display_name="Sales", members=[anna.user_id])
    add_resource(actor=system, tenant=initech, wish=ResourceWish(display_name="Blue room", address="blue@initech.test"))
    add_subdomain(actor=system, tenant=initech, name="shop", parent="initech.test")
    better = Profile.objects.create(brand=initech.brand, name="Premium", access_combination="groupware_premium", rank=9)
    Seats.objects.create(tenant=initech, profile=better)
    ask(actor=system, account=anna, wish=Wish(better))
