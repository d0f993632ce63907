"""What matters around a user: nothing typed is lost, nothing is removed by mistake."""

from typing import Any

from playwright.sync_api import Page, expect
from tests.cast import PASSWORD
from tests.journeys.conftest import World


def test_what_was_typed_outlives_an_expired_session(world: World, page: Page) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Add New Service User").first.click()
    page.get_by_label("Display name").fill("Bert Blum")
    page.get_by_label("Login").fill("blum")
    page.get_by_label("Open-Xchange").check()
    page.get_by_role("button", name="Add alias").click()
    page.get_by_label("Alias", exact=True).last.fill("sales")
    wizard = page.url
    page.context.clear_cookies(name="sessionid")
    with page.expect_response("**/strength/"):  # a check while one types takes nobody away
        page.locator("#id_password").fill("a long enough sentence")
    expect(page.get_by_text("You have to sign in again")).to_be_visible()
    page.locator("#id_confirm").fill("a long enough sentence")
    page.get_by_role("button", name="Next", exact=True).last.click()
    page.get_by_label("Mail address").fill("bob@panel.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Display name")).to_have_value("Bert Blum")
    expect(page.get_by_label("Login")).to_have_value("blum")
    expect(page.get_by_label("Open-Xchange")).to_be_checked()
    expect(page.get_by_label("Alias", exact=True).last).to_have_value("sales")
    expect(page.locator("#id_password")).to_have_value("")  # kept nowhere but on the server, and it never got there
    assert page.url == wizard


def test_the_name_of_whom_one_deletes_is_typed_before_the_button_works(world: World, page: Page, settings: Any) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    anna = world.cast.user(ox=True)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{anna.pk}/")
    page.get_by_role("link", name="Delete").click()
    delete = page.get_by_role("button", name="Delete user")
    expect(delete).to_be_disabled()
    page.get_by_label("To confirm, type the name: Anna Becker").fill("anna becker")
    expect(delete).to_be_enabled()
    delete.click()
    expect(page.get_by_text("Anna Becker was deleted.")).to_be_visible()


def test_after_a_generated_password_the_page_tells_that_it_was_set(world: World, page: Page) -> None:
    anna = world.cast.user(ox=True)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{anna.pk}/")
    page.get_by_role("link", name="Set password").click()
    page.get_by_role("button", name="Generate and set a password").click()
    expect(page.locator("#generated-password")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".history-what")).to_have_count(2)


def test_an_application_password_is_shown_once_and_then_listed(world: World, page: Page) -> None:
    world.cast.carry_mail()
    anna = world.cast.user(ox=True)
    world.sign_in(page, "dora")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{anna.pk}/")
    page.get_by_role("link", name="Add application password").click()
    page.get_by_label("Program or device").fill("Telephone")
    page.get_by_role("button", name="Add", exact=True).click()
    secret = page.locator("#app-password").inner_text()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="Revoke the application password Telephone").click()
    expect(page.locator("body")).not_to_contain_text(secret)
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("The application password Telephone was revoked.")).to_be_visible()
    expect(page.get_by_text("No application passwords")).to_be_visible()


def test_an_error_goes_as_soon_as_its_field_is_mended(world: World, page: Page) -> None:
    world.cast.user(login="anna")
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Add New Service User").first.click()
    page.get_by_label("Display name").fill("Anna Again")
    page.get_by_label("Login").fill("anna")
    page.get_by_role("button", name="Next", exact=True).last.click()
    wrong = page.get_by_text("The login anna@acme.test is taken. Choose another.")
    expect(wrong).to_be_visible()
    page.get_by_label("Login").fill("anna.again")
    expect(wrong).to_have_count(0)
    expect(page.get_by_label("Login")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_password_error")).to_be_visible()  # not mended yet
