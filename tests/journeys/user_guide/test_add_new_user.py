"""The user guide: OX Service > Users > Add New User."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.users import choose, expect_status, open_users


def fill_in(page: Page, name: str, login: str) -> None:
    page.get_by_role("link", name="Add New User").first.click()  # step 1
    page.get_by_label("Display name").fill(name)  # step 2
    page.get_by_label("Login").fill(login)
    page.locator("#id_password").fill("a long enough sentence")
    page.locator("#id_confirm").fill("a long enough sentence")
    expect(page.get_by_label("Open-Xchange")).to_be_checked()  # here it is ticked already
    choose(page, "Profile", "Groupware")
    page.get_by_role("button", name="Next", exact=True).last.click()  # step 3
    page.get_by_role("button", name="Finish").click()


def test_a_new_user_appears_in_progress_and_is_enabled(world: World, page: Page) -> None:
    world.sandbox.platform.mischief.replace({"latency_ms": 1500, "rules": []})
    open_users(world, page)
    fill_in(page, "Bert Blum", "bert.blum")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/users/")
    expect_status(page, "Bert Blum", "In progress")  # step 4
    world.sandbox.platform.mischief.clear()
    expect_status(page, "Bert Blum", "Enabled")
    assert [user["name"] for user in world.in_ox(world.cast.acme)] == ["bert.blum@acme.test"]


def test_an_error_during_creation_shows_with_its_cause_and_retry_mends_it(world: World, page: Page) -> None:
    rule = {"match": {"name": "bert*"}, "action": "refuse", "times": None}
    world.sandbox.platform.mischief.replace({"rules": [rule]})
    open_users(world, page)
    fill_in(page, "Bert Blum", "bert.blum")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/ox/users/")
    expect_status(page, "Bert Blum", "Error")
    expect(page.locator(".cause")).not_to_be_empty()
    world.sandbox.platform.mischief.clear()
    page.get_by_role("button", name="Retry Bert Blum").click()
    expect_status(page, "Bert Blum", "Enabled")


def test_what_is_missing_is_told_at_its_field(world: World, page: Page) -> None:
    open_users(world, page)
    page.get_by_role("link", name="Add New User").first.click()
    page.get_by_role("button", name="Next", exact=True).last.click()
    for sentence in ("Enter a display name.", "Fill in the part before the @.", "Choose a profile."):
        expect(page.get_by_text(sentence).first).to_be_visible()
    assert world.in_ox(world.cast.acme) == []
