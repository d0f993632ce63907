"""The built package in the stand-in for a controller: its views reach the endpoint by the controller's bus."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.aps.little_panel import LittlePanel
from tests.controller.conftest import Panel
from tests.controller.endpoint import Endpoint

from oxherd.aps.package import build
from oxherd.controller.seed import Demo, plant
from oxherd.controller.testing import ControllerServer

expect.set_options(timeout=15_000)


@dataclass
class Customer:
    """Acme at the controller's panel. url: of its pages."""

    url: str
    endpoint: Endpoint
    ours: LittlePanel

    def view(self, page: Page, name: str):
        page.goto(f"{self.url}/views/{name}")
        return page.frame_locator("iframe")

    def made(self, service: str) -> list[dict]:
        """What the endpoint was to make of a service, without what names this run."""
        calls = [call.body for call in self.endpoint.calls if call.line == f"POST /{service}"]
        return [{name: value for name, value in body.items() if isinstance(value, str | list | bool)} for body in calls]


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Customer]:
    with (
        Endpoint() as endpoint,
        LittlePanel() as ours,
        ControllerServer(tmp_path / "controller.sqlite3", hurry=1000) as controller,
    ):
        endpoint.expect("POST /tenant/ID/entry", (200, {"url": f"{ours.url}/frame/enter/", "ticket": "once"}))
        demo = Demo(
            package=build(tmp_path),
            endpoint=endpoint.url,
            key="consumer-of-tests",
            secret="secret-of-tests",
            brand={"name": "North", "apiUrl": "https://ox.north.test", "username": "oxherd"},
            profiles=[{"name": "Mail", "accessCombination": "webmail", "rank": 1}],
            domains=["acme.example"],
            users=[{"login": "anna@acme.example", "displayName": "Anna Becker", "password": "Secret-123-x"}],
        )
        account = plant(controller.url, demo).account
        Panel(controller, endpoint).settled()
        yield Customer(f"{controller.url}/customers/{account}", endpoint, ours)


def with_its_domain(view) -> None:
    """The login's domain is not in Open-Xchange yet: it is added from there."""
    view.get_by_role("button", name="Add acme.example to Open-Xchange").click()
    expect(view.get_by_label("Domain of the primary address")).to_have_value("acme.example")
    expect(view.get_by_label("Primary address", exact=True)).to_have_value("anna")


def test_our_page_opens_and_a_service_user_gets_ox(acme: Customer, page: Page):
    view = acme.view(page, "users")
    expect(view.frame_locator("iframe").get_by_role("heading", name="Our page")).to_be_visible()
    assert acme.ours.entered == [{"ticket": ["once"], "page": ["users"], "tabs": ["no"]}]
    view.get_by_role("button", name="Add New User").click()
    view.get_by_label("Service user").select_option(label="Anna Becker (anna@acme.example)")
    with_its_domain(view)
    view.get_by_role("button", name="Add", exact=True).click()
    expect(view.get_by_text("Anna Becker gets Open-Xchange now.")).to_be_visible()
    assert acme.made("user") == [{"ox": True, "primaryAddress": "anna@acme.example", "aliases": []}]


def test_a_domain_of_the_account_is_added(acme: Customer, page: Page):
    view = acme.view(page, "domains")
    view.get_by_role("button", name="Add domain").click()
    view.get_by_label("Domain", exact=True).select_option(label="acme.example")
    view.get_by_role("button", name="Add", exact=True).click()
    expect(view.get_by_text("acme.example is being added.")).to_be_visible()
    assert acme.made("domain") == [{"name": "acme.example"}]
    view.get_by_role("button", name="Add domain").click()
    expect(view.get_by_role("dialog")).to_contain_text("Every domain of this account is in Open-Xchange already.")


def test_what_the_endpoint_refuses_stands_in_the_view(acme: Customer, page: Page):
    acme.endpoint.expect("POST /tenant/ID/entry", (409, {"code": 409, "message": "The customer is suspended."}))
    view = acme.view(page, "groups")
    expect(view.get_by_role("alert")).to_contain_text("The customer is suspended.")


def test_the_tab_of_a_user_enables_ox(acme: Customer, page: Page):
    page.goto(f"{acme.url}/users")
    page.get_by_role("link", name="Anna Becker").click()
    tab = page.frame_locator("iframe")
    with_its_domain(tab)
    acme.endpoint.expect("POST /user", (201, {"status": "enabled"}))
    tab.get_by_role("button", name="Enable Open-Xchange").click()
    expect(tab.locator("dd").first).to_have_text("Enabled")
    assert len(acme.made("user")) == 1
