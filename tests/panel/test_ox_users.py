import re

import pytest
from django.contrib.sessions.models import Session
from tests.cast import Cast
from tests.panel.ox import said, settle

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.passwords import verifies


def names(response) -> list[str]:
    return [str(row.user) for row in response.context["rows"]]


def test_list_shows_everybody_with_the_state_of_ox(cast, bob, base):
    settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    cast.user("Ben")
    settle(cast.user("Cleo", ox=True), "error", "refused", "OX does not take this name.")
    cast.user("Dan", ox=True)
    response = bob.get(base)
    assert [(str(row.user), row.user.status, row.aliases) for row in response.context["rows"]] == [
        ("Anna", "enabled", ["info@acme.test"]),
        ("Ben", "disabled", []),
        ("Cleo", "error", []),
        ("Dan", "in_progress", []),
    ]
    page = response.content.decode()
    assert re.findall(r'<div class="cause">(.*?)</div>', page) == ["OX does not take this name."]
    assert re.findall(r'aria-label="Retry ([^"]*)"', page) == ["Cleo"]
    assert re.findall(r'aria-label="Enable OX App Suite for ([^"]*)"', page) == ["Ben"]


def test_classic_list_has_the_same_users_and_the_toolbar_of_old(cast, bob, base):
    settle(cast.user("Anna", ox=True))
    cast.user("Ben")
    page = bob.get(f"{base}?view=classic")
    assert names(page) == ["Anna", "Ben"]
    toolbar = re.search(r'<form class="classic-bar".*?</form>', page.content.decode(), re.DOTALL).group()
    assert re.findall(r"<span>([^<]*)</span>", toolbar) == [
        "Manage Profiles",
        "Edit",
        "Enable OX App Suite",
        "Disable",
        "Retry",
    ]


def test_view_is_remembered_for_the_session(cast, bob, base):
    views = [
        bob.get(base + query).context["view"] for query in ("", "?view=classic", "", "?view=x", "?view=active", "")
    ]
    assert views == ["active", "classic", "classic", "classic", "active", "active"]
    assert Session.objects.count() == 1


def test_search_filter_and_order_are_in_the_address(cast, bob, base):
    settle(cast.user("Anna", ox=True))
    cast.user("Ben")
    cast.user("Bruno", ox=True)
    assert names(bob.get(f"{base}?q=b")) == ["Ben", "Bruno"]
    assert names(bob.get(f"{base}?status=in_progress")) == ["Bruno"]
    assert names(bob.get(f"{base}?sort=newest")) == ["Bruno", "Ben", "Anna"]
    assert names(bob.get(f"{base}?q=zzz")) == []


def test_rows_in_progress_ask_again_until_they_are_settled(cast, bob, base):
    anna = cast.user("Anna", ox=True)
    cast.user("Ben")
    asks = re.compile(r'id="progress"\s+hx-get="([^"]*)"')
    url = asks.search(bob.get(base).content.decode()).group(1).replace("&amp;", "&")
    assert url == f"{base}progress/?view=active&ids={anna.pk}"
    assert asks.search(bob.get(url).content.decode()).group(1).replace("&amp;", "&") == url
    settle(anna, "error", "stuck", "OX cannot be reached.")
    settled = bob.get(url).content.decode()
    assert asks.search(settled) is None
    assert re.findall(r'<div class="cause">(.*?)</div>', settled) == ["OX cannot be reached."]
    assert re.findall(r'aria-label="Retry ([^"]*)"', settled) == ["Anna"]
    ServiceUser.objects.filter(pk=anna.pk).delete()
    assert f'<tr id="user-{anna.pk}" hx-swap-oob="delete">' in bob.get(url).content.decode()


def test_disable_names_its_effects_and_asks_for_the_name(cast, bob, base):
    anna = settle(cast.user("Anna Becker", ox=True))
    dialog = bob.get(f"{base}disable/", {"user": anna.pk}).content.decode()
    assert "mailbox, calendar, contacts and files in OX are deleted" in dialog
    refused = bob.post(f"{base}disable/", {"user": anna.pk, "typed": "Anna"})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {"typed": ["Type Anna Becker to confirm."]}
    assert OxAccount.objects.get().presence == "present"
    done = bob.post(f"{base}disable/", {"user": anna.pk, "typed": " anna  becker "})
    assert (done.url, said(done)) == (base, ["OX is being disabled for Anna Becker."])
    assert OxAccount.objects.get().presence == "leaving"
    assert "Enable OX App Suite for Anna Becker" not in bob.get(base).content.decode()  # before it is done


def test_disabling_many_asks_for_their_number(cast, bob, base):
    users = [settle(cast.user(name, ox=True)) for name in ("Anna", "Ben")]
    without = cast.user("Cleo")
    asked = {"user": [user.pk for user in (*users, without)]}
    assert bob.post(f"{base}disable/", {**asked, "typed": "3"}).status_code == 422
    done = bob.post(f"{base}disable/", {**asked, "typed": "2"})
    assert said(done) == ["OX is being disabled for 2 users."]
    assert set(OxAccount.objects.values_list("presence", flat=True)) == {"leaving"}


def test_enable_takes_address_profile_aliases_and_a_password(cast, bob, base):
    anna = cast.user("Anna")
    form = bob.get(f"{base}{anna.pk}/enable/").context["form"]
    assert [form[name].value() for name in ("primary_address", "primary_domain")] == ["anna", "acme.test"]
    done = bob.post(
        f"{base}{anna.pk}/enable/",
        {
            "do": "save",
            "primary_address": "a.becker",
            "primary_domain": "acme.test",
            "profile": cast.mail.pk,
            "alias_local": "info, sales@acme.test help@acme.test",
            "alias_domain": "acme.test",
            "password": "quite another staple",
        },
    )
    assert (done.url, said(done)) == (base, ["Anna is being set up in OX."])
    account = OxAccount.objects.get()
    assert (account.primary_address, account.aliases) == (
        "a.becker@acme.test",
        ["help@acme.test", "info@acme.test", "sales@acme.test"],
    )
    anna.refresh_from_db()
    assert verifies(anna.password_hash, "quite another staple")


def test_enable_without_a_password_keeps_the_one_for_mail(cast, bob, base):
    anna = cast.user("Anna")
    before = anna.password_hash
    wish = {"do": "save", "primary_address": "anna", "primary_domain": "acme.test", "profile": cast.mail.pk}
    bob.post(f"{base}{anna.pk}/enable/", wish)
    anna.refresh_from_db()
    assert (anna.password_hash, OxAccount.objects.get().sealed_password != "") == (before, True)


def test_enable_tells_of_an_address_that_no_text_can_be(cast, bob, base):
    anna = cast.user("Anna")
    wish = {"do": "save", "primary_address": "a\x00b", "primary_domain": "acme.test", "profile": cast.mail.pk}
    refused = bob.post(f"{base}{anna.pk}/enable/", wish)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["primary_address"])


def test_enable_shows_everything_to_be_mended_at_once(cast, bob, base):
    cast.user("Ben", ox=True, aliases=("info@acme.test",))
    anna = cast.user("Anna")
    wrong = {
        "do": "save",
        "primary_address": "info",
        "primary_domain": "acme.test",
        "alias_local": "x@globex.test",
        "alias_domain": "acme.test",
        "password": "short",
    }
    refused = bob.post(f"{base}{anna.pk}/enable/", wrong)
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "profile": ["Choose a profile."],
        "primary_address": ["info@acme.test is taken. Choose another address."],
        "aliases": ["Mend the marked aliases, or remove them."],
        "password": ["The password is too short: 10 characters at least."],
    }
    assert not OxAccount.objects.filter(user=anna).exists()
    more = bob.post(f"{base}{anna.pk}/enable/", wrong | {"do": "add_alias"})
    assert (more.status_code, len(more.context["form"].alias_rows)) == (200, 2)


def test_enabling_twice_is_refused_above_the_form(cast, bob, base):
    anna = cast.user("Anna", ox=True)
    wish = {"do": "save", "primary_address": "anna", "primary_domain": "acme.test", "profile": cast.mail.pk}
    refused = bob.post(f"{base}{anna.pk}/enable/", wish)
    assert refused.context["form"].errors == {"__all__": ["OX is enabled for Anna already."]}


def test_retry_of_many_names_who_has_nothing_to_try_again(cast, base):
    failed = settle(cast.user("Anna", ox=True), "error", "stuck")
    fine, without = settle(cast.user("Ben", ox=True)), cast.user("Cleo")
    dora = cast.client(cast.dora)
    done = dora.post(f"{base}retry/", {"user": [failed.pk, fine.pk, without.pk]})
    assert said(done) == [
        "OX is being tried again for Anna.",
        "Ben: There is nothing to try again.",
        "Cleo: OX is not enabled for Cleo. There is nothing to try again.",
    ]
    assert ServiceUser.objects.get(pk=failed.pk).status == "in_progress"


def test_toolbar_acts_on_one_or_says_so(cast, bob, base):
    anna, ben = settle(cast.user("Anna", ox=True)), cast.user("Ben")
    assert bob.get(f"{base}edit/", {"user": anna.pk}).context["user"] == anna
    assert bob.get(f"{base}enable/", {"user": ben.pk}).context["user"] == ben
    for users in ({}, {"user": [anna.pk, ben.pk]}, {"user": anna.pk, "all": "yes"}):
        refused = bob.get(f"{base}edit/", users)
        assert (refused.status_code, refused.context["sentence"]) == (422, "Tick one user for this.")
    for url in ("profile", "enable", "disable"):
        refused = bob.get(f"{base}{url}/")
        assert (refused.status_code, refused.context["sentence"]) == (422, "Tick the users for this first.")


def test_after_a_dialog_the_browser_goes_back_to_the_list_as_it_was(cast, bob, base):
    listed = f"{base}?q=an&status=error"
    for name, came, goes in (("Anna", listed, listed), ("Anni", "/elsewhere/", base)):
        user = settle(cast.user(name, ox=True))
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{came}"}
        done = bob.post(f"{base}disable/", {"user": user.pk, "typed": name}, headers=headers)
        assert done.headers["HX-Redirect"] == goes


def acts(cast: Cast, anna: ServiceUser) -> list[tuple[str, str]]:
    """Every address that a role may be refused, with its method."""
    one, all_of_them = f"/t/{cast.acme.pk}/ox/users/{anna.pk}/", f"/t/{cast.acme.pk}/ox/users/"
    manage = [
        f"{one}edit/",
        f"{one}enable/",
        *(f"{all_of_them}{act}/?user={anna.pk}" for act in ("profile", "disable", "enable")),
    ]
    return [(method, url) for url in manage for method in ("get", "post")]


def test_roles_get_only_what_they_may(cast, base):
    anna = settle(cast.user("Anna", ox=True), "error", "stuck")
    for administrator in (cast.dora, cast.rita):
        client = cast.client(administrator)
        assert [getattr(client, method)(url).status_code for method, url in acts(cast, anna)] == [403] * 10
    assert cast.client(cast.rita).post(f"{base}retry/", {"user": anna.pk}).status_code == 403
    shown = {}
    for name in ("bob", "dora", "rita"):
        page = cast.client(getattr(cast, name)).get(base).content.decode()
        shown[name] = re.findall(r"(Add New User|Manage Profiles of|Edit [A-Z]|Disable OX for|Retry) ?", page)
    assert shown == {
        "bob": ["Add New User", "Retry", "Retry", "Manage Profiles of", "Edit A", "Disable OX for", "Retry"],
        "dora": ["Retry", "Retry", "Retry"],
        "rita": [],
    }


def test_stranger_finds_nothing(cast, base):
    anna = settle(cast.user("Anna", ox=True))
    charlie = cast.client(cast.charlie)
    urls = [("get", base), ("get", f"{base}progress/?ids={anna.pk}"), ("post", f"{base}retry/"), *acts(cast, anna)]
    assert [getattr(charlie, method)(url).status_code for method, url in urls] == [404] * 13
    own = f"/t/{cast.globex.pk}/ox/users/"
    assert charlie.get(own).status_code == 200
    assert charlie.get(f"{own}{anna.pk}/edit/").status_code == 404
    assert charlie.post(f"{own}disable/", {"user": anna.pk, "typed": "Anna"}).status_code == 422
    assert OxAccount.objects.get().presence == "present"


@pytest.mark.parametrize("view", ["active", "classic"])
def test_list_costs_the_same_queries_for_one_user_and_for_many(cast, bob, base, view, django_assert_num_queries):
    for number in range(1, 4):
        settle(cast.user(f"Anna {number}", ox=True, aliases=(f"info{number}@acme.test",)), "error", "stuck", "No.")
        bob.get(f"{base}?view={view}")
        with django_assert_num_queries(12):
            bob.get(base)


def test_retry_of_nobody_says_what_to_do(bob, base):
    refused = bob.post(f"{base}retry/")
    assert (refused.status_code, refused.context["sentence"]) == (422, "Tick the users for this first.")
