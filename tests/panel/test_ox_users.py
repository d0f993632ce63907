import re

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from tests.cast import Cast

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.passwords import verifies
from oxherd.provisioning.models import SyncJob


@pytest.fixture
def bob(cast):
    return cast.client(cast.bob)


@pytest.fixture
def base(cast) -> str:
    return f"/t/{cast.acme.pk}/ox/users/"


def settle(user: ServiceUser, status: str = "enabled", state: str = "done", sentence: str = "") -> ServiceUser:
    """As the worker would leave it."""
    ServiceUser.objects.filter(pk=user.pk).update(status=status)
    SyncJob.objects.filter(subject_kind="account", subject_id=user.account.pk).update(state=state, sentence=sentence)
    return user


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def names(response) -> list[str]:
    return [str(row.user) for row in response.context["rows"]]


def profile_of(user: ServiceUser) -> str:
    return str(OxAccount.objects.get(user=user).profile)


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


def test_profile_of_many_changes_at_once(cast, bob, base):
    users = [settle(cast.user(name, ox=True)) for name in ("Anna", "Ben")]
    without = cast.user("Cleo")
    asked = {"user": [user.pk for user in (*users, without)]}
    dialog = bob.get(f"{base}profile/", asked)
    assert [str(user) for user in dialog.context["users"]] == ["Anna", "Ben"]
    assert [str(user) for user in dialog.context["left_out"]] == ["Cleo"]
    done = bob.post(f"{base}profile/", {**asked, "profile": cast.mail.pk})
    assert (done.url, said(done)) == (base, ["2 of 2 users get the profile Mail."])
    assert [profile_of(user) for user in users] == ["Mail", "Mail"]
    bob.get(base)  # shows the message
    again = bob.post(f"{base}profile/", {**asked, "profile": cast.mail.pk})
    assert said(again) == ["Nothing to change: the profile is Mail already."]


def test_profile_without_enough_seats_changes_nobody(cast, bob, base):
    cast.acme.seats.filter(profile=cast.mail).update(number=1)
    users = [settle(cast.user(name, ox=True)) for name in ("Anna", "Ben")]
    refused = bob.post(f"{base}profile/", {"user": [user.pk for user in users], "profile": cast.mail.pk})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "profile": ["Only 1 of 1 seats of the profile Mail are left. Choose fewer users."],
    }
    assert [profile_of(user) for user in users] == ["Groupware", "Groupware"]
    one = bob.post(f"{base}profile/", {"user": users[0].pk, "profile": cast.mail.pk})
    assert said(one) == ["Anna gets the profile Mail."]


def test_no_profile_and_a_strange_profile_are_refused(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True))
    sentences = [
        bob.post(f"{base}profile/", {"user": anna.pk, "profile": value}).context["form"].errors["profile"]
        for value in ("", "999999")
    ]
    assert sentences == [
        ["Choose a profile."],
        ["This profile is not part of the subscription. Choose one from the list."],
    ]


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
            "alias_local": "info, sales@acme.test",
            "alias_domain": "acme.test",
            "password": "quite another staple",
        },
    )
    assert (done.url, said(done)) == (base, ["Anna is being set up in OX."])
    account = OxAccount.objects.get()
    assert (account.primary_address, account.aliases) == (
        "a.becker@acme.test",
        ["info@acme.test", "sales@acme.test"],
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


def test_aliases_are_edited(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/aliases/"
    assert [row.address for row in bob.get(url).context["alias_rows"]] == ["info@acme.test"]
    done = bob.post(url, {"do": "save", "alias_local": ["sales", ""], "alias_domain": ["acme.test"] * 2})
    assert said(done) == ["The aliases of Anna were saved."]
    assert OxAccount.objects.get().aliases == ["sales@acme.test"]
    more = bob.post(url, {"do": "add_alias", "alias_local": ["sales"], "alias_domain": ["acme.test"]})
    assert [row.local for row in more.context["alias_rows"]] == ["sales", ""]


def test_alias_of_somebody_else_is_refused_at_its_row(cast, bob, base):
    cast.user("Ben", ox=True, aliases=("info@acme.test",))
    anna = settle(cast.user("Anna", ox=True))
    cast.user("Gina", tenant=cast.globex)
    typed = {"alias_local": ["info", "gina@globex.test", "new"], "alias_domain": ["acme.test"] * 3, "do": "save"}
    refused = bob.post(f"{base}{anna.pk}/aliases/", typed)
    assert refused.status_code == 422
    assert [(row.address, row.error) for row in refused.context["alias_rows"]] == [
        ("info@acme.test", "info@acme.test is taken. Choose another address."),
        ("gina@globex.test", "globex.test is not one of your domains. Choose one from the list."),
        ("new@acme.test", ""),
    ]
    assert OxAccount.objects.get(user=anna).aliases == []


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
    assert bob.get(f"{base}aliases/", {"user": anna.pk}).context["user"] == anna
    assert bob.get(f"{base}enable/", {"user": ben.pk}).context["user"] == ben
    for url, users in (("aliases", []), ("enable", [anna.pk, ben.pk])):
        refused = bob.get(f"{base}{url}/", {"user": users})
        assert (refused.status_code, refused.context["sentence"]) == (422, "Tick one user for this.")
    refused = bob.get(f"{base}profile/")
    assert (refused.status_code, refused.context["sentence"]) == (422, "Tick the users for this first.")


def test_after_a_dialog_the_browser_goes_back_to_the_list_as_it_was(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True))
    for came, goes in ((f"{base}?q=an&status=error", f"{base}?q=an&status=error"), ("/elsewhere/", base)):
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{came}"}
        done = bob.post(f"{base}{anna.pk}/aliases/", {"do": "save"}, headers=headers)
        assert done.headers["HX-Redirect"] == goes


def acts(cast: Cast, anna: ServiceUser) -> list[tuple[str, str]]:
    """Every address that a role may be refused, with its method."""
    one, all_of_them = f"/t/{cast.acme.pk}/ox/users/{anna.pk}/", f"/t/{cast.acme.pk}/ox/users/"
    manage = [
        f"{one}aliases/",
        f"{one}enable/",
        *(f"{all_of_them}{act}/?user={anna.pk}" for act in ("profile", "disable")),
    ]
    return [(method, url) for url in manage for method in ("get", "post")]


def test_roles_get_only_what_they_may(cast, base):
    anna = settle(cast.user("Anna", ox=True), "error", "stuck")
    for administrator in (cast.dora, cast.rita):
        client = cast.client(administrator)
        assert [getattr(client, method)(url).status_code for method, url in acts(cast, anna)] == [403] * 8
    assert cast.client(cast.rita).post(f"{base}retry/", {"user": anna.pk}).status_code == 403
    shown = {}
    for name in ("bob", "dora", "rita"):
        page = cast.client(getattr(cast, name)).get(base).content.decode()
        shown[name] = re.findall(r"(Add New User|Manage Profiles of|Edit aliases of|Disable OX for|Retry) ?", page)
    assert shown == {
        "bob": ["Add New User", "Retry", "Retry", "Manage Profiles of", "Edit aliases of", "Disable OX for", "Retry"],
        "dora": ["Retry", "Retry", "Retry"],
        "rita": [],
    }


def test_stranger_finds_nothing(cast, base):
    anna = settle(cast.user("Anna", ox=True))
    charlie = cast.client(cast.charlie)
    urls = [("get", base), ("get", f"{base}progress/?ids={anna.pk}"), ("post", f"{base}retry/"), *acts(cast, anna)]
    assert [getattr(charlie, method)(url).status_code for method, url in urls] == [404] * 11
    own = f"/t/{cast.globex.pk}/ox/users/"
    assert charlie.get(own).status_code == 200
    assert charlie.get(f"{own}{anna.pk}/aliases/").status_code == 404
    assert charlie.post(f"{own}disable/", {"user": anna.pk, "typed": "Anna"}).status_code == 422
    assert OxAccount.objects.get().presence == "present"


@pytest.mark.parametrize("view", ["active", "classic"])
def test_list_costs_the_same_queries_for_one_user_and_for_many(cast, bob, base, view, django_assert_num_queries):
    for number in range(1, 4):
        settle(cast.user(f"Anna {number}", ox=True, aliases=(f"info{number}@acme.test",)), "error", "stuck", "No.")
        bob.get(f"{base}?view={view}")
        with django_assert_num_queries(11):
            bob.get(base)


def test_aliases_that_somebody_else_changed_are_not_undone_unawares(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/aliases/"
    seen = bob.get(url).context["seen"]
    typed = {"do": "save", "alias_local": ["sales"], "alias_domain": ["acme.test"], "seen": seen}
    bob.post(url, typed)
    late = bob.post(url, typed | {"alias_local": ["office"]})
    told = "The aliases were changed meanwhile. Stored now: sales@acme.test. "
    told += "Save again to replace them by what stands here."
    assert (late.status_code, late.context["errors"]) == (422, [told])
    assert OxAccount.objects.get().aliases == ["sales@acme.test"]
    bob.post(url, typed | {"alias_local": ["office"], "seen": late.context["seen"]})
    assert OxAccount.objects.get().aliases == ["office@acme.test"]


def test_retry_of_nobody_says_what_to_do(bob, base):
    refused = bob.post(f"{base}retry/")
    assert (refused.status_code, refused.context["sentence"]) == (422, "Tick the users for this first.")
