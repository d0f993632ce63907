"""Mail that we carry, as a customer's administrator sets it up in the browser: each change counts for mail at once."""

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.mail.conftest import ask

from oxherd.people.models import ServiceUser

PRESS = "press@agency.test"


@pytest.fixture
def anna(world: World, page: Page) -> ServiceUser:
    """Of Acme, whose mail is carried; Bob has signed in."""
    world.cast.carry_mail()
    anna = world.cast.user("Anna Becker", ox=True)
    page.emulate_media(reduced_motion="reduce")
    world.sign_in(page, "bob")
    page.get_by_role("link", name="OX Service").click()
    return anna


def test_a_group_gets_an_outside_address_and_hears_its_own_customer_only(
    world: World, page: Page, anna: ServiceUser
) -> None:
    page.get_by_role("link", name="Groups", exact=True).click()
    page.get_by_role("link", name="Add new group").first.click()
    page.get_by_label("Group name").fill("Team")
    page.locator("#id_address").fill("team")
    page.get_by_label("Users of this customer, signed in").check()
    outside = page.locator("#id_outside_addresses")
    outside.fill("team@acme.test")
    page.get_by_role("button", name="Save").last.click()
    expect(outside).to_have_attribute("aria-invalid", "true")
    outside.fill(f"Press <{PRESS}>")
    page.get_by_role("button", name="Save").last.click()
    world.settled(page)

    assert ask("route", "team@acme.test") == [PRESS]


def test_a_forwarder_that_would_send_mail_round_is_refused_at_its_field(
    world: World, page: Page, anna: ServiceUser
) -> None:
    page.get_by_role("link", name="Forwarders", exact=True).click()
    page.get_by_role("link", name="Add new forwarder").first.click()
    page.get_by_label("Address", exact=True).fill("info")
    recipients = page.get_by_label("Passes mail on to")
    recipients.fill("info@acme.test")
    page.get_by_role("button", name="Save forwarder").last.click()
    expect(recipients).to_have_attribute("aria-invalid", "true")
    recipients.fill(f"{anna.login}\n{PRESS}")
    page.get_by_role("button", name="Save forwarder").last.click()
    expect(page.get_by_role("heading", name="info@acme.test")).to_be_visible()

    assert ask("route", "info@acme.test") == [anna.login, PRESS]
