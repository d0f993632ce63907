"""The user guide: OX Service > Purchase Requests. Raised inside App Suite, decided in the panel."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import FrameLocator, Page, expect
from tests.cast import COMBINATIONS
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.brands.commands import change_brand
from oxherd.brands.models import Upsell
from oxherd.brands.states import PlatformKind
from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.purchases.addresses import wizard
from oxherd.purchases.models import PurchaseRequest

# What the lesser profile of each kind of platform lacks: in App Suite's words, in ours, and first of what is gained.
LACKED = {
    PlatformKind.APP_SUITE: ("Calendar", "Calendar", "Calendar, Tasks"),
    PlatformKind.OX_CLOUD: ("Drive", "Drive for files", "Drive for files"),
}


@pytest.fixture
def anna(world: World) -> ServiceUser:
    """With the profile Mail in OX; the brand offers more, and the stand-in opens that."""
    cast, sandbox = world.cast, world.sandbox
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url=f"{sandbox.url}/appsuite/", colour="#b4470f")
    upsell = change_upsell(
        actor=cast.system,
        brand=cast.brand,
        session_api_url=sandbox.url,
        session_api_login="rest",
        session_api_password="secret",
    )
    point_the_wizard_to(world, upsell)
    anna = cast.user("Anna Becker", ox=True)
    change_profile(actor=cast.system, users=[anna], profile=cast.mail)
    return anna


def point_the_wizard_to(world: World, upsell: Upsell) -> None:
    address = wizard(world.url, upsell.key, session=True)
    world.sandbox.platform.wizard.change(url=address, width="750", height="390", append_token=False)


def combination(world: World) -> str:
    (user,) = world.in_ox(world.cast.acme)
    return str(user["combination"])


def click_upgrade(world: World, page: Page) -> FrameLocator:
    """As Anna in App Suite, who clicks what she does not have."""
    page.goto(f"{world.sandbox.url}/contexts/{world.cast.acme.context_id}")
    page.get_by_role("link", name="Anna Becker").click()
    page.get_by_role("button", name=f"Upgrade for {LACKED[world.kind][0]}").click()
    return page.frame_locator("iframe[title=Upgrade]")


def until(page: Page, come_true: Callable[[], bool]) -> None:
    """Wait for the worker, 20 seconds at most."""
    for _ in range(400):
        if come_true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the worker has not come so far")


def in_ox(anna: ServiceUser) -> bool:
    return ServiceUser.objects.get(pk=anna.pk).status == "enabled"


def open_requests(world: World, page: Page) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    page.get_by_role("link", name="Purchase requests").click()


def ask_for_groupware(world: World, page: Page, guide: Guide, anna: ServiceUser) -> None:
    until(page, lambda: in_ox(anna))
    assert combination(world) == COMBINATIONS[world.kind][0]
    offer = click_upgrade(world, page)
    expect(offer.get_by_text(f"Not part of your profile yet: {LACKED[world.kind][1]}")).to_be_visible()
    offer.get_by_role("radio", name="Groupware").check()
    offer.get_by_label("Message to your administrator").fill("We plan the fair together.")
    guide.picture("purchase-request-in-app-suite")
    offer.get_by_role("button", name="Send request").click()
    expect(offer.get_by_text("Your request was sent")).to_be_visible()
    offer.get_by_role("link", name="Close").click()
    expect(page.locator("#wizard")).to_have_count(0)


def test_proceed_with_an_upgrade_that_a_user_asked_for_in_app_suite(
    world: World, page: Page, guide: Guide, anna: ServiceUser
) -> None:
    ask_for_groupware(world, page, guide, anna)
    assert combination(world) == COMBINATIONS[world.kind][0]  # nothing has changed yet

    open_requests(world, page)
    row = page.get_by_role("row").filter(has_text="Anna Becker")
    for text in ("Mail", "Groupware", LACKED[world.kind][2], "We plan the fair together.", "just now"):
        expect(row.get_by_text(text).first).to_be_visible()
    until(page, lambda: PurchaseRequest.objects.get().verification == "session")
    page.reload()
    expect(row.get_by_text("Verified", exact=True)).to_be_visible()  # the session was Anna's
    guide.picture("purchase-requests")
    row.get_by_role("link", name=re.compile("Proceed")).click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("We plan the fair together.")).to_be_visible()
    guide.picture("purchase-request-proceed")
    dialog.get_by_role("button", name="Proceed").click()
    expect(page.get_by_text("The profile is being changed for Anna Becker.")).to_be_visible()
    expect(page.get_by_text("No open requests")).to_be_visible()

    page.get_by_text("Approved", exact=True).click()
    expect(page.get_by_text("by Bob")).to_be_visible()
    until(page, lambda: in_ox(anna) and PurchaseRequest.objects.get().told_at is not None)
    page.reload()
    expect(page.get_by_text("OX: Done")).to_be_visible()
    expect(page.get_by_text("Told by mail")).to_be_visible()
    assert combination(world) == COMBINATIONS[world.kind][1]
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["Anna Becker <anna.becker@acme.test>"], "You get the profile Groupware")

    page.goto(f"{world.sandbox.url}/appsuite/")  # Anna reloads her webmail, and has it
    expect(page.get_by_role("button", name=f"Upgrade for {LACKED[world.kind][0]}")).to_have_count(0)


def test_reject_a_request_with_a_reason(world: World, page: Page, anna: ServiceUser) -> None:
    until(page, lambda: in_ox(anna))
    offer = click_upgrade(world, page)
    offer.get_by_role("button", name="Send request").click()
    expect(offer.get_by_text("Your request was sent")).to_be_visible()

    open_requests(world, page)
    page.get_by_role("link", name=re.compile("Reject: Anna Becker")).click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog.get_by_text("Say why: the requester reads it.")).to_be_visible()
    dialog.get_by_label("Reason").fill("Not this year")
    dialog.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("The request was rejected for Anna Becker.")).to_be_visible()

    page.get_by_text("Rejected", exact=True).click()
    expect(page.get_by_text("Not this year")).to_be_visible()
    until(page, lambda: PurchaseRequest.objects.get().told_at is not None)
    assert "The reason: Not this year" in mail.outbox[0].body
    assert combination(world) == COMBINATIONS[world.kind][0]


def test_a_page_of_another_origin_cannot_show_the_offer(world: World, page: Page, anna: ServiceUser) -> None:
    """The brand's webmail is elsewhere: the browser refuses to show the offer in the stand-in's frame."""
    until(page, lambda: in_ox(anna))
    cast = world.cast
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="https://webmail.sunrise.test/appsuite/")
    click_upgrade(world, page)
    until(page, lambda: [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"])
    assert not PurchaseRequest.objects.exists()
