"""axe finds nothing on the list of OX users and in its dialogs, in light and in dark."""

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.test_accessibility import Auditor, opens
from tests.journeys.user_guide.users import choose, tick


def look_at_dialogs_over_many(page: Page, auditor: Auditor, base: str) -> None:
    page.goto(f"{base}/ox/users/?view=active")
    page.get_by_label("Select all 4 users").check()
    auditor.look("OX users, active, all selected")
    opens(page, lambda: page.get_by_role("button", name="Manage Profiles").click())
    choose(page, "New profile", "Mail")
    expect(page.get_by_text("Lost", exact=True)).to_be_visible()
    auditor.look("profiles compared")
    page.keyboard.press("Escape")
    opens(page, page.get_by_role("button", name="Enable OX App Suite").last.click)
    auditor.look("enable many")
    page.keyboard.press("Escape")
    opens(page, page.get_by_role("button", name="Disable", exact=True).last.click)
    auditor.look("disable many")


def look_at_dialogs_over_one(page: Page, auditor: Auditor, base: str, pk: int) -> None:
    page.goto(f"{base}/ox/users/?view=classic")
    auditor.look("OX users, classic")
    tick(page, ["Anna Becker"])
    opens(page, lambda: page.get_by_role("button", name="Edit", exact=True).click())
    page.get_by_text("Additional Settings").click()
    page.get_by_label("Display name").fill("")
    page.get_by_label("Alias", exact=True).fill("a b/c")
    page.locator("#dialog").get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Enter a display name.")).to_be_visible()
    auditor.look("edit with errors")
    page.goto(f"{base}/users/{pk}/")
    opens(page, lambda: page.get_by_role("link", name="Change login").click())
    page.get_by_label("The primary address is the same").uncheck()
    page.get_by_label("Login", exact=True).fill("adler")
    expect(page.locator("#rename-preview").get_by_text("adler@acme.test")).to_be_visible()
    auditor.look("change login and address")


def test_no_dialog_of_ox_users_has_a_barrier_that_axe_knows(
    world: World, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oxherd.panel.paging.SIZE", 3)  # so that there is more than a page
    auditor = Auditor(page)
    anna = world.cast.user("Anna Becker", ox=True, aliases=("sales@acme.test",))
    world.cast.group("Sales", anna)
    bert = world.cast.user("Bert Blum", ox=True)
    world.cast.resource("Van", manager=bert)
    for name in ("Carl Cole", "Dora Dahl"):
        world.cast.user(name)
    base = f"{world.url}/t/{world.cast.acme.pk}"
    world.sign_in(page, "bob")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    look_at_dialogs_over_many(page, auditor, base)
    look_at_dialogs_over_one(page, auditor, base, anna.pk)
    assert auditor.found == {}
    assert len(auditor.looked_at) == 14
