"""The upgrade wizard of App Suite, as the stand-in opens it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.ox.wire import Answer, running_wire

from oxherd.sandbox.testing import running_sandbox
from oxherd.sandbox.wizard import Wizard

VARIABLES = {"user_id": "3", "mail": "a+b@acme.test", "missing": "calendar,tasks", "user_login": ""}


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("https://p.test/?u=$user_id&m=$mail", "https://p.test/?u=3&m=a%2Bb%40acme.test"),
        ("https://p.test/?u=$USER_ID&x=$User_Id", "https://p.test/?u=3&x=3"),
        ("https://p.test/?m=$missing#l=$user_login", "https://p.test/?m=calendar%2Ctasks#l="),
        ("https://p.test/?u=$unknown&v=$user_id2", "https://p.test/?u=$unknown&v=$user_id2"),
        ("https://p.test/?t=[token]", "https://p.test/?t=a-token"),
        ("https://p.test/", "https://p.test/"),
    ],
)
def test_variables_are_replaced_as_the_user_interface_does_it(template, address):
    assert Wizard(template).address(VARIABLES, "a-token") == address


def test_an_iframe_app_appends_its_token_before_the_fragment():
    address = Wizard("https://p.test/?u=$user_id#x", append_token=True).address(VARIABLES, "a-token")
    assert address == "https://p.test/?u=3&ox_token=a-token#x"


@pytest.fixture
def anna(acme):
    acme.add("anna", language="de_DE", defaultSenderAddress="anna@acme.test")
    acme.admin("changeByModuleAccessName", user={"id": 3}, access_combination_name="webmail")
    return acme


def set_up(caller, **settings):
    form = {"url": "", "width": "750", "height": "390", **settings}
    return requests.post(f"{caller.url}/wizard", data=form, allow_redirects=False)


def frame_of(page):
    return {
        name: unescape(value)
        for name, value in re.findall(r'\s(src|width|height)="([^"]*)"', page[page.index("<iframe") :])
    }


def test_the_wizard_opens_in_a_frame_of_its_size_with_everything_the_user_interface_tells(anna):
    url = "https://panel.test/upsell/key/?c=$context_id&u=$user_id&n=$user&m=$mail&l=$language&h=$hostname"
    url += "&t=$type&i=$id&x=$missing&e=$imap_login#s=$session"
    assert set_up(anna, url=url, width="600", height="400").status_code == 303
    clicked = {"type": "app", "id": "io.ox/calendar", "missing": "calendar"}
    answer = requests.get(f"{anna.url}/contexts/10/users/3/upgrade", params=clicked)
    frame = frame_of(answer.text)
    assert (frame["width"], frame["height"]) == ("600", "400")
    parts = urlsplit(frame["src"])
    assert parse_qs(parts.query, keep_blank_values=True) == {
        "c": ["10"],
        "u": ["3"],
        "n": ["anna"],
        "m": ["anna@acme.test"],
        "l": ["de_DE"],
        "h": ["127.0.0.1"],
        "t": ["app"],
        "i": ["io.ox/calendar"],
        "x": ["calendar"],
        "e": [""],
    }
    session = requests.get(
        f"{anna.url}/preliminary/session/v1/get/{parts.fragment.removeprefix('s=')}", auth=("rest", "secret")
    )
    assert session.json() == {"context": 10, "user": 3, "guest": False}
    assert "frame-src 'self' https://panel.test" in answer.headers["Content-Security-Policy"]


def test_the_page_of_a_user_offers_what_the_user_lacks(anna):
    def offered():
        return re.findall(r"Upgrade for ([^<]+)<", requests.get(f"{anna.url}/contexts/10/users/3").text)

    assert offered() == ["Calendar", "Tasks", "Drive", "Phones (ActiveSync)"]
    anna.admin("changeByModuleAccessName", user={"id": 3}, access_combination_name="groupware_premium")
    assert offered() == []


def test_without_an_address_the_way_leads_to_the_settings(anna):
    answer = requests.get(f"{anna.url}/contexts/10/users/3/upgrade", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/wizard")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"url": "javascript:alert(1)"}, "The address begins with http:// or https:// and a host."),
        ({"url": "https://[::1"}, "The address begins with http:// or https:// and a host."),
        ({"url": "https://a.test;script-src"}, "The address begins with http:// or https:// and a host."),
        ({"width": "wide"}, "The width is a number of pixels from 1 to 4000."),
        ({"height": "0"}, "The height is a number of pixels from 1 to 4000."),
    ],
)
def test_settings_that_cannot_be_are_told_and_change_nothing(anna, settings, sentence):
    answer = set_up(anna, **settings)
    assert (answer.status_code, f'role="alert">{sentence}<' in answer.text) == (400, True)
    assert 'value="750"' in requests.get(f"{anna.url}/wizard").text


def test_the_webmails_address_leads_to_whose_wizard_was_open(anna):
    set_up(anna, url="https://panel.test/")
    with requests.Session() as browser:
        nobody = browser.get(f"{anna.url}/appsuite/", allow_redirects=False)
        browser.get(f"{anna.url}/contexts/10/users/3/upgrade")
        somebody = browser.get(f"{anna.url}/appsuite/", allow_redirects=False)
    assert (nobody.headers["Location"], somebody.headers["Location"]) == ("/", "/contexts/10/users/3")


def test_the_wizard_is_set_up_at_the_start_too(tmp_path):
    options = {"upsell_url": "https://p.test/?u=$user_id", "upsell_width": 500, "upsell_token": True}
    with running_sandbox(tmp_path, **options) as running:
        page = requests.get(f"{running.url}/wizard").text
    assert 'value="https://p.test/?u=$user_id"' in page
    assert 'value="500"' in page
    assert 'name="append_token" checked' in page


def test_a_page_of_another_origin_closes_the_wizard_by_going_to_the_page_for_that(anna, page):
    """In a browser: the frame is somebody else's, and the page around it stays as it is."""
    with running_wire() as foreign:
        close = f"{anna.url}/appsuite/apps/plugins/upsell/simple-wizard/close.html"
        foreign.description = lambda name: Answer(
            f'<a href="{close}">Close</a>'.encode(), headers={"Content-Type": "text/html"}
        )
        set_up(anna, url=f"{foreign.url}/offer?u=$user_id")
        page.goto(f"{anna.url}/contexts/10/users/3")
        page.get_by_role("button", name="Upgrade for Calendar").click()
        page.frame_locator("iframe").get_by_role("link", name="Close").click()
        page.locator("#wizard").wait_for(state="detached")
        assert page.url == f"{anna.url}/contexts/10/users/3"
        page.get_by_role("button", name="Upgrade for Tasks").click()
        page.get_by_role("link", name="Close", exact=True).click()
        page.locator("#wizard").wait_for(state="detached")
        assert foreign.gets == ["/offer?u=3", "/offer?u=3"]
