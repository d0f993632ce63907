"""The user guide: OX Service > Domains > Edit domains."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import World
from tests.journeys.user_guide.conftest import Guide
from tests.journeys.user_guide.domains import choose_catch_all, open_domains

from oxherd.domains.models import Domain


def test_edit_a_domain(world: World, page: Page, guide: Guide) -> None:
    for name in ("Anna Becker", "Bert Blum"):
        world.cast.user(name, ox=True)
    open_domains(world, page)
    page.get_by_role("link", name="Edit acme.test").click()  # the pencil under Actions
    expect(page.get_by_role("heading", name="Edit acme.test")).to_be_visible()
    choose_catch_all(page, "Bert Blum")
    guide.picture("edit-domain")
    page.get_by_role("button", name="Save").last.click()
    row = page.get_by_role("row").filter(has_text="acme.test").last
    expect(row).to_contain_text("bert.blum@acme.test")
    assert str(Domain.objects.get(name="acme.test").catch_all) == "Bert Blum"

    page.get_by_role("link", name="Edit acme.test").click()
    box = page.get_by_role("combobox", name="Catch-all")
    expect(box).to_have_value("Bert Blum")
    box.click()
    page.get_by_role("option", name="Nobody: mail to unknown addresses is refused").click()
    page.get_by_role("button", name="Save").last.click()
    expect(row).to_contain_text("None")
    assert Domain.objects.get(name="acme.test").catch_all is None
