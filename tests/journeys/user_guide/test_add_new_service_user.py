"""The user guide: User's Tab > Add New Service User."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect
from tests.cast import COMBINATIONS
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide

from oxherd.people.models import Photo, ServiceUser


def picture(folder: Path) -> Path:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "seagreen").save(out, "PNG")
    file = folder / "anna.png"
    file.write_bytes(out.getvalue())
    return file


def test_an_administrator_adds_a_service_user_with_ox_ticked_and_ox_has_it(
    world: World, page: Page, tmp_path: Path, guide: Guide
) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Add New Service User").first.click()  # step 1
    page.get_by_label("User photo").set_input_files(picture(tmp_path))
    expect(page.get_by_alt_text("Preview of the user photo")).to_be_visible()
    page.get_by_label("Display name").fill("Anna Becker")
    page.get_by_label("Login").fill("anna.becker")  # step 2
    page.get_by_label("Domain", exact=True).select_option("acme.test")
    page.get_by_role("button", name="Generate Password").click()
    expect(page.locator("#generated-password")).to_be_visible()
    expect(page.locator("#id_password")).to_have_value(page.locator("#generated-password").inner_text())
    page.get_by_label("Open-Xchange").check()
    page.get_by_label("Profile").select_option(label=profile_option(page, "Groupware"))
    page.get_by_role("button", name="Add alias").click()
    page.get_by_label("Alias", exact=True).last.fill("sales")
    guide.picture("add-service-user")
    page.get_by_role("button", name="Next", exact=True).last.click()

    expect(page.get_by_role("heading", name="Add New Service User")).to_be_visible()  # step 3
    for text in ("Anna Becker", "anna.becker@acme.test", "sales@acme.test", "Groupware"):
        expect(page.get_by_text(text).first).to_be_visible()
    guide.picture("add-service-user-summary")
    page.get_by_role("link", name="Back").or_(page.get_by_role("button", name="Back")).first.click()
    expect(page.get_by_label("Display name")).to_have_value("Anna Becker")  # Back keeps everything
    expect(page.get_by_text("Password kept")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).last.click()
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_text("Enabled").first).to_be_visible()  # step 4, without a reload
    (held,) = world.in_ox(world.cast.acme)
    assert (held["display_name"], held["primaryEmail"]) == ("Anna Becker", "anna.becker@acme.test")
    assert sorted(held["aliases"]) == ["anna.becker@acme.test", "sales@acme.test"]
    assert held["combination"] == COMBINATIONS[world.kind][1]
    assert held["image_sha256"] == Photo.objects.get().digest


def profile_option(page: Page, name: str) -> str:
    """The option's whole text, which tells the seats left too."""
    options = page.get_by_label("Profile").locator("option").all_inner_texts()
    return next(option for option in options if option.strip().startswith(name))


def test_a_user_is_added_by_keyboard_alone(world: World, page: Page) -> None:
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Add New Service User").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Display name")).to_be_focused()
    page.keyboard.type("Bert Blum")
    press_until(page, "Tab", "#id_login")
    expect(page.get_by_label("Login")).to_have_value("bert.blum")  # suggested
    press_until(page, "Tab", "#id_password")
    page.keyboard.type("a long enough sentence")
    press_until(page, "Tab", "#id_confirm")
    page.keyboard.type("a long enough sentence")
    press_until(page, "Tab", "#id_ox")
    page.keyboard.press("Space")
    press_until(page, "Tab", "#id_profile")
    page.keyboard.press("ArrowDown")
    press_until(page, "Tab", ".wizard-foot button[value=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    press_until(page, "Tab", "button:has-text('Finish')")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enabled").first).to_be_visible()
    assert [user["name"] for user in world.in_ox(world.cast.acme)] == ["bert.blum@acme.test"]


def press_until(page: Page, key: str, selector: str, most: int = 40) -> None:
    """Press a key until the element has the focus."""
    for _ in range(most):
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by {key}")


def test_wrong_input_is_told_at_its_field_and_adds_nobody(world: World, page: Page) -> None:
    world.cast.user("Anna Becker")
    world.sign_in(page, "bob")
    page.get_by_role("link", name="Add New Service User").first.click()
    page.get_by_label("Login").fill("anna.becker")
    page.locator("#id_password").fill("short")
    page.locator("#id_confirm").fill("other")
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_text("Enter a display name.").first).to_be_visible()
    expect(page.get_by_text("The login anna.becker@acme.test is taken").first).to_be_visible()
    expect(page.get_by_text("too short").first).to_be_visible()
    expect(page.get_by_label("Login")).to_have_value("anna.becker")
    assert ServiceUser.objects.count() == 1
