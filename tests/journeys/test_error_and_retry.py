from playwright.sync_api import Page, expect
from tests.journeys.conftest import World


def test_an_error_shows_its_cause_and_retry_brings_the_user_to_ox(world: World, page: Page) -> None:
    rule = {"match": {"name": "anna*"}, "action": "refuse", "times": None}
    world.sandbox.platform.mischief.replace({"rules": [rule]})
    anna = world.cast.user(ox=True)
    world.sign_in(page, "bob")
    page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{anna.pk}/")
    expect(page.get_by_text("Error", exact=True).first).to_be_visible()
    world.sandbox.platform.mischief.clear()
    page.get_by_role("button", name="Retry").first.click()
    expect(page.get_by_text("Enabled", exact=True).first).to_be_visible()
    assert [user["name"] for user in world.in_ox(world.cast.acme)] == ["anna.becker@acme.test"]


def test_a_platform_that_is_down_is_told_in_a_banner_that_goes_by_itself(
    world: World, page: Page, settings: object
) -> None:
    settings.BREAKER_THRESHOLD = 1  # type: ignore[attr-defined]  # pytest-django's wrapper
    settings.BREAKER_PROBE_SECONDS = 0  # type: ignore[attr-defined]
    rule = {"match": {"name": "*"}, "action": "status_503", "times": None}
    world.sandbox.platform.mischief.replace({"rules": [rule]})
    world.cast.user(ox=True)
    world.sign_in(page, "bob")
    banner = page.get_by_text("does not answer")
    expect(banner.first).to_be_visible()
    expect(page.get_by_text("In progress").first).to_be_visible()
    world.sandbox.platform.mischief.clear()
    from oxherd.sync.housekeeping import one_round

    one_round()
    expect(banner).to_have_count(0)
    expect(page.get_by_text("Enabled", exact=True).first).to_be_visible()
