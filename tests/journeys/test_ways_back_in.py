"""A forgotten password, another address, and a second factor that is demanded: by mails and pages, as a person does."""

from typing import Any

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World, link_in_mail
from tests.journeys.test_every_page import violations
from tests.signin.factors import code

from oxherd.accounts.models import SignInPolicy
from oxherd.accounts.states import SecondFactor
from oxherd.signin.queries import factors_of

NEW = "a wholly different staple"


def test_a_forgotten_password_is_chosen_anew_by_mail(world: World, page: Page) -> None:
    page.set_default_timeout(15_000)
    page.goto(world.url)
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Mail address").fill("bob@panel.test")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    link = link_in_mail(world.url, "bob@panel.test")
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    assert page.url == f"{world.url}/sign-in/reset/"
    assert list(violations(page, colours_only=False)) == []
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password once more").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed. Sign in with it.")).to_be_visible()
    page.get_by_label("Mail address").fill("bob@panel.test")
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []


def test_another_address_is_confirmed_by_mail(world: World, page: Page) -> None:
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/account/")
    page.get_by_role("link", name="Change address").click()
    page.get_by_label("New mail address").fill("bobby@panel.test")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("A link was sent to bobby@panel.test.")).to_be_visible()
    page.goto(link_in_mail(world.url, "bobby@panel.test"))
    expect(page.get_by_role("heading", name="Is this your new address?")).to_be_visible()
    assert list(violations(page, colours_only=False)) == []
    page.get_by_role("button", name="Yes, use this address").click()
    expect(page.get_by_text("bobby@panel.test", exact=True)).to_be_visible()


def test_whoever_must_have_a_second_factor_adds_one_first(world: World, page: Page, settings: Any) -> None:
    SignInPolicy.objects.create(tenant=world.cast.acme, second_factor=SecondFactor.ALL)
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/")
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("Or type this secret").click()
    secret = page.locator("#app-secret").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(code(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    assert factors_of(world.cast.bob).number == 1
