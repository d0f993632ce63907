from playwright.sync_api import Page, expect
from tests.journeys.conftest import World


def test_two_tenants_do_not_see_each_other(world: World, page: Page) -> None:
    anna = world.cast.user("Anna Becker", ox=True)
    ines = world.cast.user("Ines Novak", tenant=world.cast.globex, ox=True)

    world.sign_in(page, "charlie")
    expect(page.get_by_text("Ines Novak").first).to_be_visible()
    assert "Anna Becker" not in page.content()
    assert "Acme" not in page.content()
    for path in (f"users/{anna.pk}/", "users/", "users/add/", "ox/users/", f"ox/users/{anna.pk}/edit/"):
        answer = page.goto(f"{world.url}/t/{world.cast.acme.pk}/{path}")
        assert answer is not None
        assert answer.status == 404
        assert "Anna Becker" not in page.content()
    # One's own tenant's address with another's user finds nothing either.
    answer = page.goto(f"{world.url}/t/{world.cast.globex.pk}/users/{anna.pk}/")
    assert answer is not None
    assert answer.status == 404

    page.context.clear_cookies()
    world.sign_in(page, "bob")
    expect(page.get_by_text("Anna Becker").first).to_be_visible()
    page.get_by_role("searchbox").first.fill("ines")
    expect(page.get_by_text("Ines Novak")).to_have_count(0)
    answer = page.goto(f"{world.url}/t/{world.cast.acme.pk}/users/{ines.pk}/")
    assert answer is not None
    assert answer.status == 404
