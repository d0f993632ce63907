"""The wizard's step, the tab of a user, and what users and providers see, in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.aps.little_panel import LittlePanel
from tests.aps.test_views import ANNA, CONTEXT, OURS, TENANT, panel

__all__ = ["panel"]
USER = {
    "aps": {"id": "x1", "type": f"{OURS}/user/1.0"},
    "ox": True,
    "status": "enabled",
    "primaryAddress": "anna@acme.test",
    "aliases": ["a@acme.test"],
    "profile": {"aps": {"id": "p1"}},
    "user": {"aps": {"id": "u1"}},
}
MADE = {
    "aps": {"type": f"{OURS}/user/1.0"},
    "ox": True,
    "primaryAddress": "anna@acme.test",
    "aliases": ["a@acme.test"],
    "profile": {"aps": {"id": "p1"}},
    "tenant": {"aps": {"id": "t1"}},
}


@pytest.fixture
def wizard(panel: LittlePanel, page: Page) -> Iterator[Page]:
    page.goto(panel.view("suwizard.new", {**CONTEXT, "params": {"user": {"login": "anna@acme.test"}}}))
    expect(page.get_by_label("Primary address", exact=True)).to_have_value("anna")
    return page


def on_next(page: Page) -> list[Any]:
    """Click the panel's Next, and take what the view has told the panel."""
    return page.evaluate("async () => { await aps.app.onNext(); return window.told; }")


def test_the_wizard_takes_the_user_with_profile_and_addresses(wizard: Page):
    wizard.get_by_label("Aliases").fill("a@acme.test")
    assert on_next(wizard) == [["next", {"objects": [MADE], "userAttr": "user"}]]


def test_the_wizard_stays_where_an_address_is_none(wizard: Page):
    wizard.get_by_label("Primary address", exact=True).fill("an na")
    assert on_next(wizard) == [["cancelProcessing"]]
    expect(wizard.get_by_text("Enter a mail address, such as name@example.com.")).to_be_visible()
    expect(wizard.get_by_label("Primary address", exact=True)).to_have_attribute("aria-invalid", "true")


def test_the_wizard_says_where_no_profile_is_offered(panel, page: Page):
    panel.answers[("GET", f"?implementing({OURS}/profile/1.0)")] = (200, [])
    page.goto(panel.view("suwizard.new", CONTEXT))
    expect(page.get_by_label("Profile")).to_be_visible()
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_text("No profile is offered here. Ask your provider for one.")).to_be_visible()


def test_the_wizard_remembers_when_one_comes_back(panel, page: Page):
    before = {**MADE, "profile": {"aps": {"id": "p2"}}}
    page.goto(panel.view("suwizard.new", {**CONTEXT, "params": {"user": ANNA, "objects": [before]}}))
    expect(page.get_by_label("Profile")).to_have_value("p2")
    expect(page.get_by_label("Aliases")).to_have_value("a@acme.test")


def test_the_summary_tells_what_was_chosen(panel, page: Page):
    page.goto(panel.view("suwizard.overview", {**CONTEXT, "params": {"objects": [MADE]}}))
    expect(page.locator("dt")).to_have_text(["Profile", "Primary address", "Aliases"])
    expect(page.locator("dd")).to_have_text(["Mail", "anna@acme.test", "a@acme.test"])


def test_the_tab_of_a_user_tells_the_state(panel, page: Page):
    panel.answers[("GET", f"?implementing({OURS}/user/1.0),eq(user.aps.id,u1)")] = (200, [USER])
    page.goto(panel.view("suservice.view", {**CONTEXT, "params": {"user": ANNA}}))
    expect(page.locator("dd")).to_have_text(["Enabled", "Mail", "anna@acme.test", "a@acme.test"])
    page.get_by_role("button", name="All users").click()
    assert page.evaluate("window.told") == [["gotoView", f"{OURS}#users"]]


def test_a_user_without_ox_gets_it_on_the_tab(panel, page: Page):
    page.goto(panel.view("suservice.view", {**CONTEXT, "params": {"user": ANNA}}))
    page.get_by_label("Aliases").fill("a@acme.test")
    panel.answers[("GET", f"?implementing({OURS}/user/1.0),eq(user.aps.id,u1)")] = (200, [USER])
    page.get_by_role("button", name="Enable Open-Xchange").click()
    expect(page.locator("dd").first).to_have_text("Enabled")
    assert panel.made() == [("/t1/users", {**MADE, "user": {"aps": {"id": "u1"}}}, "s1")]


def test_a_user_whose_ox_is_off_gets_it_back(panel, page: Page):
    panel.answers[("GET", f"?implementing({OURS}/user/1.0),eq(user.aps.id,u1)")] = (
        200,
        [{**USER, "ox": False, "status": "disabled"}],
    )
    panel.answers[("PUT", "/x1")] = (409, {"message": "All 5 seats of Mail are taken."})
    page.goto(panel.view("suservice.view", {**CONTEXT, "params": {"user": ANNA}}))
    page.get_by_role("button", name="Enable Open-Xchange").click()
    expect(page.get_by_role("alert")).to_have_text("All 5 seats of Mail are taken.")
    assert panel.made() == [("/x1", {"aps": {"id": "x1", "type": f"{OURS}/user/1.0"}, "ox": True}, None)]


def test_users_see_their_own(panel, page: Page):
    panel.answers[("GET", "/x1")] = (200, {**USER, "status": "error", "problem": "The platform is away."})
    page.goto(panel.view("me", {"vars": {"user": {"aps": {"id": "x1"}}}}))
    expect(page.locator("dt")).to_have_text(["Status", "Problem", "Profile", "Primary address", "Aliases"])
    expect(page.locator("dd").first).to_have_text("Error")


BRAND = {"aps": {"id": "b1"}, "name": "North", "platform": "app_suite", "apiUrl": "https://ox.north.test"}


def test_providers_add_a_brand(panel, page: Page):
    page.goto(panel.view("provider", {"vars": {"app": {"aps": {"id": "a1"}}}}))
    expect(page.get_by_text("No brand yet.")).to_be_visible()
    page.get_by_text("Add brand").click()
    form = page.locator("details", has_text="Add brand")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    typed = {"Name": "North", "API URL": BRAND["apiUrl"], "Username": "oxherd", "Password": "s3cret"}
    for label, value in typed.items():
        form.get_by_label(label, exact=True).fill(value)
    panel.answers[("GET", "/a1/brands")] = (200, [BRAND])
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("cell", name="https://ox.north.test")).to_be_visible()
    made = {
        "aps": {"type": f"{OURS}/brand/1.0"},
        "name": "North",
        "platform": "app_suite",
        "apiUrl": "https://ox.north.test",
        "username": "oxherd",
        "password": "s3cret",
    }
    assert panel.made() == [("/a1/brands", made, None)]


def test_providers_add_a_profile_to_a_brand(panel, page: Page):
    panel.answers[("GET", "/a1/brands")] = (200, [BRAND])
    page.goto(panel.view("provider", {"vars": {"app": {"aps": {"id": "a1"}}}}))
    expect(page.get_by_role("cell", name="Productivity")).to_be_visible()
    page.get_by_text("Add profile").click()
    form = page.locator("details", has_text="Add profile")
    form.get_by_label("Name", exact=True).fill("Mail")
    form.get_by_label("Feature level").fill("webmail")
    form.get_by_label("Mail quota").fill("1024")
    form.get_by_label("OX Guard").check()
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_label("Feature level")).to_have_value("")  # the page has come anew
    profile = {
        "aps": {"type": f"{OURS}/profile/1.0"},
        "brand": {"aps": {"id": "b1"}},
        "name": "Mail",
        "accessCombination": "webmail",
        "mailQuota": 1024,
        "documents": False,
        "guard": True,
        "counter": "OX_PROFILE_1",
    }
    assert panel.made() == [("/b1/profiles", profile, None)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["users", "suwizard.new", "suservice.view", "provider"])
def test_views_are_accessible_and_fit_a_narrow_frame(panel, page: Page, view, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 640})
    variables = {"tenant": TENANT, "app": {"aps": {"id": "a1"}}}
    page.goto(panel.view(view, {"vars": variables, "params": {"user": ANNA}}))
    expect(page.get_by_role("status")).to_have_count(0)
    if view == "users":
        page.get_by_role("button", name="Add New User").click()
        expect(page.get_by_role("dialog")).to_be_visible()
    if view == "provider":
        page.get_by_text("Add brand").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    found = Axe().run(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
