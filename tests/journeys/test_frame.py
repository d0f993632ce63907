"""A control panel of another origin shows our pages in a frame: its user enters by a ticket and works there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, Page, expect
from tests.journeys.conftest import World
from tests.panel.frame import a_ticket, an_instance, managed

from oxherd.aps.models import ApsInstance
from oxherd.people.models import OxAccount

TABS = ("Users", "Groups", "Resources", "Domains", "Purchase requests")


class Controller:
    """A page of another origin that posts a ticket into its frame."""

    def __init__(self, panel: str) -> None:
        self.panel, self.ticket = panel, ""
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = page.html().encode() if self.path in {"/", "/enter.js"} else b""
                if self.path == "/enter.js":
                    body = b"document.forms[0].submit()"
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if self.path == "/enter.js" else "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)
        self.url = f"http://localhost:{self.server.server_address[1]}"

    def html(self) -> str:
        return f"""<!DOCTYPE html><html lang="en"><title>Control panel</title><body style="margin:0">
            <h1 style="font:600 15px sans-serif;margin:0;padding:12px">Control panel</h1>
            <form method="post" action="{self.panel}/frame/enter/" target="ox">
            <input type="hidden" name="ticket" value="{self.ticket}"><input type="hidden" name="page" value="users">
            </form><iframe name="ox" title="OX" style="border:0;width:100%;height:calc(100vh - 60px)"></iframe>
            <script src="/enter.js"></script></body></html>"""


@contextmanager
def controller(panel: str) -> Iterator[Controller]:
    made = Controller(panel)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join(10)


@pytest.fixture
def odin(world: World) -> Iterator[tuple[Controller, ApsInstance]]:
    managed(world.cast.acme)
    with controller(world.url.replace("127.0.0.1", "localhost")) as made:
        yield made, an_instance(made.url)


def enter(page: Page, world: World, odin: tuple[Controller, ApsInstance]) -> FrameLocator:
    made, instance = odin
    made.ticket = a_ticket(instance, world.cast.acme)
    page.set_default_timeout(15_000)
    page.goto(made.url)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Users", level=1)).to_be_visible()
    return frame


def test_somebody_works_in_the_frame(world: World, page: Page, odin: Any) -> None:
    anna, ben = world.cast.user("Anna Becker", ox=True), world.cast.user("Ben Oak")
    frame = enter(page, world, odin)
    expect(frame.get_by_role("link", name="Anna Becker", exact=True)).to_be_visible()
    for outside in ("Overview", "Administrators", "Sign out", "Add New User", "Differences"):
        expect(frame.get_by_text(outside, exact=True)).to_have_count(0)
    tabs = frame.get_by_role("navigation", name="Open-Xchange")
    for word in (*TABS[1:], TABS[0]):
        tabs.get_by_role("link", name=word).click()
        expect(frame.get_by_role("heading", name=word, level=1)).to_be_visible()
        expect(tabs.get_by_role("link", name=word)).to_have_attribute("aria-current", "page")

    frame.get_by_role("link", name="Edit Anna Becker").click()
    dialog = frame.get_by_role("dialog")
    expect(dialog.get_by_label("Display name")).to_be_disabled()
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).last.fill("sales")
    dialog.get_by_role("button", name="Save").last.click()
    expect(frame.get_by_text("sales@acme.test")).to_be_visible()
    frame.get_by_role("button", name="Undo").click()
    expect(frame.get_by_text("sales@acme.test")).to_have_count(0)

    frame.get_by_role("link", name="Enable OX App Suite for Ben Oak").click()
    dialog.get_by_label("Profile").select_option(label=None, index=1)
    dialog.get_by_role("button", name="Next").last.click()
    expect(frame.get_by_text("Ben Oak is being set up in OX.")).to_be_visible()
    world.until(lambda: OxAccount.objects.filter(user=ben).exclude(ox_id=None).exists())
    frame.get_by_role("link", name="Anna Becker", exact=True).click()
    expect(frame.get_by_role("heading", name="Anna Becker", level=1)).to_be_visible()
    expect(frame.get_by_text("Names are managed in Odin. Change them there.")).to_be_visible()
    assert {user["email1"] for user in world.in_ox(world.cast.acme)} >= {anna.login}


def test_a_panel_of_another_origin_shows_nothing(world: World, page: Page, odin: Any) -> None:
    _, instance = odin
    with controller(world.url.replace("127.0.0.1", "localhost")) as stranger:
        stranger.ticket = a_ticket(instance, world.cast.acme)
        with page.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-error:")):
            page.goto(stranger.url)
        assert "Users" not in page.frames[-1].content()


def test_the_frames_pages_have_no_barrier_that_axe_knows(world: World, page: Page, odin: Any) -> None:
    world.cast.user("Anna Becker", ox=True)
    frame = enter(page, world, odin)
    page.set_viewport_size({"width": 360, "height": 800})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for word in ("Domains", "Users"):
            frame.get_by_role("navigation", name="Open-Xchange").get_by_role("link", name=word).click()
            expect(frame.get_by_role("heading", name=word, level=1)).to_be_visible()
            inner = page.frames[-1]
            wide = inner.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (word, wide)
            found = Axe().run(inner)
            assert not found.response["violations"], found.generate_report()


def test_a_form_that_comes_back_breaks_no_rule_of_its_page(world: World, page: Page, odin: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    world.cast.user("Anna Becker", ox=True)
    frame = enter(page, world, odin)
    frame.get_by_role("link", name="Edit Anna Becker").click()
    dialog = frame.get_by_role("dialog")
    dialog.get_by_role("button", name="Add alias").click()
    dialog.get_by_label("Alias", exact=True).last.fill("a b")
    dialog.get_by_role("button", name="Save").last.click()
    expect(dialog.get_by_text("An address has no spaces.")).to_be_visible()
    assert not [text for text in said if "Content Security Policy" in text], said
