"""Addresses of users whom a controller manages: the login is its own, the addresses are worked on here."""

from tests.cast import Cast
from tests.panel.frame import managed

from oxherd.people.models import OxAccount


def test_the_address_alone_is_asked_for(cast: Cast) -> None:
    anna = cast.user("Anna Becker", login="anna", ox=True)
    OxAccount.objects.filter(user=anna).update(ox_id=7, ox_name=anna.login)
    managed(cast.acme)
    bob, url = cast.client(cast.bob), f"/t/{cast.acme.pk}/users/{anna.pk}/rename/"
    dialog = bob.get(url).content.decode()
    assert 'name="primary_address"' in dialog
    assert "Keep anna@acme.test as an alias" in dialog
    for word in ('name="login"', 'name="same"', "goes on signing in as", ">Login<"):
        assert word not in dialog
    sent = {"same": "on", "primary_address": "ab", "primary_domain": "acme.test", "keep": "on"}
    assert bob.post(url, sent).status_code == 302
    anna.refresh_from_db()
    account = OxAccount.objects.get(user=anna)
    assert (anna.login, account.primary_address, account.aliases) == (
        "anna@acme.test",
        "ab@acme.test",
        ["anna@acme.test"],
    )
