"""What the views find wrong before they ask for it: addresses, domains, names, seats."""

import pytest
from playwright.sync_api import Page, expect
from tests.aps.little_panel import LittlePanel
from tests.aps.test_views import ANNA, BEN, CONTEXT, OURS, PROFILES, panel
from tests.aps.test_views_of_people import on_next

__all__ = ["panel"]
ZONE = {"aps": {"id": "z9"}, "name": "initech.example."}
ZONES = ("GET", "?implementing(http://parallels.com/aps/types/pa/dns/zone/1.0)")
PETER = {"aps": {"id": "u9"}, "login": "peter@initech.example", "fullName": "Peter Gibbons"}
MISSING = "initech.example is not in Open-Xchange yet. Add it under Open-Xchange > Domains first."


def step(panel: LittlePanel, page: Page, person: dict) -> None:
    page.goto(panel.view("suwizard.new", {**CONTEXT, "params": {"user": person}}))
    expect(page.get_by_label("Profile")).to_be_visible()


def test_a_login_in_a_domain_that_is_not_there_keeps_the_step(panel, page: Page):
    step(panel, page, PETER)
    expect(page.get_by_role("alert")).to_have_text(MISSING)
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_role("alert")).to_have_text(MISSING)


def test_a_domain_of_the_account_is_added_from_there(panel, page: Page):
    panel.answers[ZONES] = (200, [ZONE])
    step(panel, page, PETER)
    page.get_by_role("button", name="Add initech.example to Open-Xchange").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    made = {"aps": {"type": f"{OURS}/domain/1.0"}, "name": "initech.example", "zone": {"aps": {"id": "z9"}}}
    assert panel.made() == [("/t1/domains", made, "s1")]
    expect(page.get_by_label("Domain of the primary address")).to_have_value("initech.example")
    [[_, told]] = on_next(page)
    assert told["objects"][0]["primaryAddress"] == "peter@initech.example"


def test_where_there_is_no_domain_yet_the_address_is_not_blamed(panel, page: Page):
    panel.answers[ZONES], panel.answers["GET", "/t1/domains"] = (200, [ZONE]), (200, [])
    step(panel, page, PETER)
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_role("alert")).to_contain_text(MISSING)
    expect(page.get_by_label("Primary address", exact=True)).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Add initech.example to Open-Xchange").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_any_domain_a_login_of_no_domain_keeps_the_step(panel, page: Page):
    panel.answers["GET", "/t1/domains"] = (200, [])
    step(panel, page, {**PETER, "login": "peter"})
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_role("alert")).to_have_text(
        "No domain is in Open-Xchange yet. Add one under Open-Xchange > Domains first."
    )


def test_a_domain_that_cannot_be_added_says_why(panel, page: Page):
    panel.answers[ZONES] = (200, [ZONE])
    panel.answers[("POST", "/t1/domains")] = (409, {"message": "The domain is Globex's."})
    step(panel, page, PETER)
    page.get_by_role("button", name="Add initech.example to Open-Xchange").click()
    expect(page.get_by_role("alert")).to_contain_text("The domain is Globex's.")


def test_an_alias_in_a_domain_that_is_not_there_is_told_at_the_field(panel, page: Page):
    step(panel, page, ANNA)
    page.get_by_label("Aliases").fill("a@acme.test\na@initech.example")
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_text(MISSING)).to_be_visible()
    expect(page.get_by_label("Aliases")).to_have_attribute("aria-invalid", "true")


def test_an_alias_given_twice_is_sent_once(panel, page: Page):
    step(panel, page, ANNA)
    page.get_by_label("Aliases").fill("a@acme.test\nA@acme.test\nb@acme.test, anna@acme.test")
    [[_, told]] = on_next(page)
    assert told["objects"][0]["aliases"] == ["a@acme.test", "b@acme.test"]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"primaryAddress": "ANNA@acme.test"}, "Primary address"),
        ({"aliases": ["x@acme.test", "a@acme.test"]}, "Aliases"),
    ],
)
def test_an_address_that_another_user_has_is_told_at_the_field(panel, page: Page, other, field):
    panel.answers[("GET", "/t1/users")] = (200, [{"aps": {"id": "x7"}, "displayName": "Carl", **other}])
    step(panel, page, ANNA)
    page.get_by_label("Aliases").fill("a@acme.test")
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_label(field, exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".ox-wrong:visible")).to_contain_text("Another user has")
    panel.answers[("GET", "/t1/users")] = (200, [])
    assert on_next(page)[-1][0] == "next"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Anna Becker", "Another user is called Anna Becker already."),
        ("A" * 201, "The display name is longer than 200 characters."),
    ],
)
def test_a_name_that_cannot_be_is_told(panel, page: Page, name, sentence):
    panel.answers[("GET", "/t1/users")] = (200, [{"aps": {"id": "x7"}, "displayName": "anna becker"}])
    step(panel, page, {**ANNA, "fullName": name})
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_role("alert")).to_contain_text(sentence)


def test_a_large_tenant_is_asked_for_the_addresses_alone(panel, page: Page):
    some = [{"aps": {"id": f"x{number}"}, "primaryAddress": f"{number}@acme.test"} for number in range(1000)]
    panel.answers[("GET", "/t1/users?select")] = (200, some)
    asked = "/t1/users?select(primaryAddress,aliases,login,displayName),or(in(primaryAddress,(anna@acme.test))"
    panel.answers[("GET", asked)] = (200, [{"aps": {"id": "x7000"}, "primaryAddress": "anna@acme.test"}])
    step(panel, page, ANNA)
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_text("Another user has anna@acme.test already.")).to_be_visible()
    assert len([call for call in panel.calls if call[1].startswith("/t1/users")]) == 2


def test_profiles_tell_their_free_seats(panel, page: Page):
    counted = [{**one, "counter": f"OX_PROFILE_{number}"} for number, one in enumerate(PROFILES, start=1)]
    panel.answers[("GET", f"?implementing({OURS}/profile/1.0)")] = (200, counted)
    counters = {"OX_PROFILE_1": {"limit": 5, "usage": 2}, "OX_PROFILE_2": {"limit": 3, "usage": 3}}
    panel.answers[("GET", "/t1")] = (200, {"aps": {"id": "t1"}, **counters})
    panel.answers[("GET", "/t1/domains")] = panel.answers.pop(("GET", "/t1/domains"))
    panel.answers[("GET", "/t1/users")] = panel.answers.pop(("GET", "/t1/users"))
    step(panel, page, ANNA)
    options = page.get_by_label("Profile").locator("option")
    expect(options).to_have_text(["Mail, no seat is free", "Productivity (€ 9), free seats: 3"])
    expect(options.first).to_be_disabled()
    expect(page.get_by_label("Profile")).to_have_value("p2")
    panel.answers[("GET", "/t1")] = (200, {"OX_PROFILE_2": {"limit": -1, "usage": 3}})
    panel.answers[("GET", "/t1/domains")] = panel.answers.pop(("GET", "/t1/domains"))
    page.reload()
    expect(options).to_have_text(["Mail", "Productivity (€ 9)"])


def test_where_no_seat_is_free_the_step_says_so(panel, page: Page):
    panel.answers[("GET", f"?implementing({OURS}/profile/1.0)")] = (200, [{**PROFILES[1], "counter": "OX_PROFILE_1"}])
    context = {"vars": {"tenant": {**CONTEXT["vars"]["tenant"], "OX_PROFILE_1": {"limit": 1, "usage": 1}}}}
    page.goto(panel.view("suwizard.new", {**context, "params": {"user": BEN}}))
    expect(page.get_by_label("Profile")).to_be_visible()
    assert on_next(page) == [["cancelProcessing"]]
    expect(page.get_by_text("No seat is free. Choose another profile, or order more seats.")).to_be_visible()


def test_a_subscription_without_room_says_so(panel, page: Page):
    context = {"vars": {"tenant": {**CONTEXT["vars"]["tenant"], "USERS": {"limit": 2, "usage": 2}}}}
    page.goto(panel.view("suwizard.new", {**context, "params": {"user": BEN}}))
    expect(page.get_by_role("alert")).to_contain_text("The subscription has no room for more users.")
    assert on_next(page) == [["cancelProcessing"]]
