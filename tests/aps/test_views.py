"""The package's views in a browser, as a control panel shows them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.aps.little_panel import LittlePanel

expect.set_options(timeout=15_000)
OURS = "http://oxherd.example/aps"
TENANT = {"aps": {"id": "t1", "subscription": "s1"}, "brand": {"aps": {"id": "b1"}}}
CONTEXT = {"vars": {"tenant": TENANT}}
PROFILES = [
    {"aps": {"id": "p2"}, "name": "Productivity", "priceLabel": "€ 9", "rank": 2, "brand": {"aps": {"id": "b1"}}},
    {"aps": {"id": "p1"}, "name": "Mail", "rank": 1, "brand": {"aps": {"id": "b1"}}},
    {"aps": {"id": "p3"}, "name": "Elsewhere", "rank": 0, "brand": {"aps": {"id": "b2"}}},
]
ANNA = {"aps": {"id": "u1"}, "login": "anna@acme.test", "fullName": "Anna Becker"}
BEN = {"aps": {"id": "u2"}, "login": "ben", "givenName": "Ben", "familyName": "Dorn", "email": "ben@acme.test"}
HAS_OX = {"aps": {"id": "x1"}, "status": "enabled", "user": {"aps": {"id": "u1"}}}


@pytest.fixture
def panel() -> Iterator[LittlePanel]:
    with LittlePanel() as panel:
        entry = {"url": f"{panel.url}/frame/enter/", "ticket": "once"}
        panel.answers = {
            ("POST", "/t1/entry"): (200, entry),
            ("GET", f"?implementing({OURS}/profile/1.0)"): (200, PROFILES),
            ("GET", "?implementing(http://aps-standard.org/types/core/service-user/1.0)"): (200, [ANNA, BEN]),
            ("GET", "/t1/users"): (200, [HAS_OX]),
            ("GET", "/t1/domains"): (200, [{"aps": {"id": "d1"}, "name": "acme.test"}]),
        }
        yield panel


@pytest.mark.parametrize(
    ("view", "title"),
    [
        ("users", "Users"),
        ("groups", "Groups"),
        ("resources", "Resources"),
        ("domains", "Domains"),
        ("requests", "Purchase requests"),
    ],
)
def test_our_page_opens_in_the_frame_with_a_ticket_that_stands_in_no_address(panel, page: Page, view, title):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(panel.view(view, CONTEXT))
    frame = page.frame_locator(f"iframe[title='{title}']")
    expect(frame.get_by_role("heading", name="Our page")).to_be_visible()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert panel.entered == [{"ticket": ["once"], "page": [view], "tabs": ["no"]}]
    assert [call[:3] for call in panel.calls] == [("POST", "/t1/entry", {"page": view})]
    assert [url for url in asked if "once" in url] == []


def test_what_keeps_our_page_from_opening_is_told_and_can_be_tried_again(panel, page: Page):
    works = panel.answers[("POST", "/t1/entry")]
    panel.answers[("POST", "/t1/entry")] = (409, {"code": 409, "message": "The customer is suspended."})
    page.goto(panel.view("groups", CONTEXT))
    expect(page.get_by_role("alert")).to_contain_text("The customer is suspended.")
    panel.answers[("POST", "/t1/entry")] = works
    page.get_by_role("button", name="Try again").click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Our page")).to_be_visible()


def test_an_answer_without_a_sentence_gets_one(panel, page: Page):
    panel.answers[("POST", "/t1/entry")] = (502, "<html>")
    page.goto(panel.view("groups", CONTEXT))
    expect(page.get_by_role("alert")).to_contain_text("The control panel could not reach Open-Xchange.")


def test_an_address_that_is_none_is_not_opened(panel, page: Page):
    panel.answers[("POST", "/t1/entry")] = (200, {"url": "javascript:alert(1)", "ticket": "once"})
    page.goto(panel.view("groups", CONTEXT))
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


def test_our_page_opens_in_a_new_tab_with_a_ticket_of_its_own(panel, page: Page):
    page.goto(panel.view("users", CONTEXT))
    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Open in a new tab").click()
    expect(opened.value.get_by_role("heading", name="Our page")).to_be_visible()
    assert len(panel.entered) == 2
    assert opened.value.url == f"{panel.url}/frame/enter/"


def test_a_service_user_without_ox_gets_it(panel, page: Page):
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    people = page.get_by_label("Service user")
    expect(people.locator("option")).to_have_text(["Ben Dorn (ben)"])
    expect(page.get_by_label("Profile").locator("option")).to_have_text(["Mail", "Productivity (€ 9)"])
    expect(people).to_have_value("u2")  # there is nobody else
    expect(page.get_by_label("Primary address", exact=True)).to_have_value("ben")
    expect(page.get_by_label("Domain of the primary address")).to_have_value("acme.test")
    people.select_option([])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Choose a service user.")).to_be_visible()
    people.select_option("u2")
    page.get_by_label("Aliases").fill("b@acme.test\nbenni")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("benni is no mail address.")).to_be_visible()
    page.get_by_label("Aliases").fill("b@acme.test")
    page.get_by_label("Profile").select_option("p2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Ben Dorn gets Open-Xchange now.")).to_be_visible()
    made = {
        "aps": {"type": f"{OURS}/user/1.0"},
        "ox": True,
        "primaryAddress": "ben@acme.test",
        "aliases": ["b@acme.test"],
        "profile": {"aps": {"id": "p2"}},
        "user": {"aps": {"id": "u2"}},
    }
    assert panel.made() == [("/t1/users", made, "s1")]
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("button", name="Add New User").click()
    expect(page.get_by_text("Ben Dorn gets Open-Xchange now.")).to_have_count(0)  # the next act takes it away


def test_what_was_said_passes(panel, page: Page):
    page.clock.install()
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Ben Dorn gets Open-Xchange now.")).to_be_visible()
    page.clock.run_for(8_000)
    expect(page.get_by_text("Ben Dorn gets Open-Xchange now.")).to_have_count(0)


@pytest.mark.parametrize("size", [(1280, 870), (360, 740)])
def test_our_page_gets_all_the_room_so_that_only_it_scrolls(panel, page: Page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Ben Dorn gets Open-Xchange now.")).to_be_visible()
    frame = page.locator("iframe").bounding_box()
    assert frame["y"] + frame["height"] == size[1]
    assert page.evaluate("document.documentElement.scrollHeight") == size[1]


def test_a_user_who_did_not_get_ox_is_offered_again(panel, page: Page):
    failed = {
        **HAS_OX,
        "aps": {"id": "x1", "status": "aps:provisioning"},
        "status": "error",
        "aliases": ["a@acme.test"],
    }
    panel.answers[("GET", "/t1/users")] = (200, [failed])
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    page.get_by_label("Service user").select_option(label="Anna Becker (anna@acme.test), not finished")
    expect(page.get_by_label("Aliases")).to_have_value("a@acme.test")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Anna Becker gets Open-Xchange now.")).to_be_visible()
    changes = [call[:2] for call in panel.calls if call[0] != "GET" and call[1] != "/t1/entry"]
    assert changes == [("DELETE", "/x1"), ("POST", "/t1/users")]


def test_a_user_who_is_refused_stays_in_the_dialog_with_the_sentence(panel, page: Page):
    panel.answers[("POST", "/t1/users")] = (409, {"message": "All 5 seats of Mail are taken."})
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    page.get_by_label("Service user").select_option("u2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("All 5 seats of Mail are taken.")
    expect(page.get_by_label("Primary address", exact=True)).to_have_value("ben")


def test_where_everybody_has_ox_the_dialog_says_so(panel, page: Page):
    panel.answers[("GET", "?implementing(http://aps-standard.org/types/core/service-user")] = (200, [ANNA])
    page.goto(panel.view("users", CONTEXT))
    page.get_by_role("button", name="Add New User").click()
    expect(page.get_by_role("dialog")).to_contain_text("Every service user of this account has Open-Xchange already.")


def test_a_domain_of_the_account_is_added_with_its_catch_all(panel, page: Page):
    zones = [{"aps": {"id": "z1"}, "name": "acme.test."}, {"aps": {"id": "z2"}, "name": "Acme.Example."}]
    panel.answers[("GET", "?implementing(http://parallels.com/aps/types/pa/dns/zone/1.0)")] = (200, zones)
    panel.answers[("GET", "/t1/domains")] = (200, [{"aps": {"id": "d1"}, "name": "acme.test"}])
    page.goto(panel.view("domains", CONTEXT))
    page.get_by_role("button", name="Add domain").click()
    domain = page.get_by_role("dialog").get_by_label("Domain", exact=True)
    expect(domain.locator("option")).to_have_text(["acme.example"])
    domain.select_option("z2")
    page.get_by_label("Catch-all").fill("anna@acme.test")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("acme.example is being added.")).to_be_visible()
    made = {
        "aps": {"type": f"{OURS}/domain/1.0"},
        "name": "acme.example",
        "zone": {"aps": {"id": "z2"}},
        "catchAll": "anna@acme.test",
    }
    assert panel.made() == [("/t1/domains", made, "s1")]


def test_views_speak_the_language_of_the_panel(panel, page: Page):
    page.goto(panel.view("users", {**CONTEXT, "user": {"locale": "de_DE"}}))
    expect(page.get_by_role("heading", name="Benutzer")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="Neuen Benutzer hinzufügen").click()
    expect(page.get_by_label("Hauptadresse", exact=True)).to_be_visible()
