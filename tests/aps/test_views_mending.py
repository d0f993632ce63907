"""The tab of a user whose Open-Xchange is on its way, or has failed."""

from playwright.sync_api import Page, expect
from tests.aps.little_panel import LittlePanel
from tests.aps.test_views import ANNA, CONTEXT, OURS, panel
from tests.aps.test_views_of_people import MADE, USER

__all__ = ["panel"]
FOUND = ("GET", f"?implementing({OURS}/user/1.0),eq(user.aps.id,u1)")
FAILED = {**USER, "status": "error", "problem": "The address is taken."}


def with_status(user: dict, status: str, **more: str) -> dict:
    return {**user, "aps": {**user["aps"], "status": status, **more}}


def opened(panel: LittlePanel, page: Page, user: dict) -> None:
    panel.answers[FOUND] = (200, [user])
    page.goto(panel.view("suservice.view", {**CONTEXT, "params": {"user": ANNA}}))
    expect(page.locator("dd").first).to_be_visible()


def changes(panel: LittlePanel) -> list[tuple]:
    return [call[:3] for call in panel.calls if call[0] != "GET"]


def test_a_user_on_the_way_is_looked_at_until_it_has_arrived(panel, page: Page):
    page.clock.install()
    moving = with_status({**USER, "status": "in_progress"}, "aps:configuring")
    panel.answers[("GET", "/x1")] = (200, moving)
    opened(panel, page, moving)
    expect(page.locator("dd").first).to_have_text("In progress")
    page.clock.run_for(3_000)
    panel.answers |= {("GET", "/x1"): (200, USER), FOUND: (200, [USER])}
    for _ in range(5):
        page.clock.run_for(3_000)
    expect(page.locator("dd").first).to_have_text("Enabled")
    asked = len(panel.calls)
    page.clock.run_for(20_000)
    assert len(panel.calls) == asked


def test_a_failed_user_is_corrected_and_tried_again(panel, page: Page):
    opened(panel, page, with_status(FAILED, "aps:ready"))
    expect(page.locator("dd").nth(0)).to_have_text("Error")
    expect(page.locator("dd").nth(1)).to_have_text("The address is taken.")
    page.get_by_label("Primary address", exact=True).fill("anna.b")
    page.get_by_label("Profile").select_option("p2")
    panel.answers[FOUND] = (200, [USER])
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("dd").first).to_have_text("Enabled")
    new = {"ox": True, "primaryAddress": "anna.b@acme.test", "aliases": ["a@acme.test"]}
    assert changes(panel) == [
        ("POST", "/x1/profile", {"aps": {"id": "p2"}}),
        ("PUT", "/x1", {"aps": {"id": "x1", "type": f"{OURS}/user/1.0"}, **new}),
    ]


def test_a_user_who_was_never_made_is_made_anew(panel, page: Page):
    opened(panel, page, with_status(FAILED, "aps:provisioning"))
    expect(page.locator("dd").first).to_have_text("Error")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_have_count(0)
    assert changes(panel) == [
        ("DELETE", "/x1", None),
        ("POST", "/t1/users", {**MADE, "user": {"aps": {"id": "u1"}}}),
    ]


def test_a_user_of_whom_nothing_is_told_for_long_can_be_tried_again(panel, page: Page):
    silent = {name: value for name, value in USER.items() if name != "status"}
    opened(panel, page, with_status(silent, "aps:provisioning", modified="2026-01-01T10:00:00Z"))
    expect(page.get_by_text("This takes unusually long.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_who_falls_silent_while_looked_at_can_be_tried_again(panel, page: Page):
    page.clock.install(time="2026-01-01T10:00:00Z")
    silent = with_status({**USER, "status": ""}, "aps:provisioning", modified="2026-01-01T10:00:00Z")
    panel.answers[("GET", "/x1")] = (200, silent)
    opened(panel, page, silent)
    expect(page.locator("dd").first).to_have_text("In progress")
    page.clock.set_system_time("2026-01-01T10:01:40Z")
    page.clock.run_for(3_000)
    expect(page.get_by_text("This takes unusually long.")).to_be_visible()


def test_ox_that_failed_is_removed_after_a_question(panel, page: Page):
    opened(panel, page, FAILED)
    page.get_by_role("button", name="Remove Open-Xchange").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What Anna Becker has in Open-Xchange is deleted")
    panel.answers[FOUND] = (200, [])
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("This user does not have Open-Xchange yet.")).to_be_visible()
    assert changes(panel) == [("DELETE", "/x1", None)]


def test_what_refuses_the_second_attempt_stands_there(panel, page: Page):
    panel.answers[("PUT", "/x1")] = (409, {"message": "All 5 seats of Mail are taken."})
    opened(panel, page, FAILED)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_text("All 5 seats of Mail are taken.")
