import re

from tests.panel.ox import said, settle

from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases
from oxherd.provisioning.models import SyncJob


def typed(user, *, aliases=(), domain="acme.test", **more):
    """The form as the dialog is filled in, with the aliases given."""
    account = getattr(user, "account", None)
    return {
        "do": "save",
        "display_name": user.display_name,
        "language": user.language,
        "time_zone": user.time_zone,
        "primary_address": account.primary_address if account else "",
        "alias_local": list(aliases),
        "alias_domain": [domain] * len(aliases),
        **more,
    }


def rows(response):
    return [(row.address, row.error) for row in response.context["form"].alias_rows]


def account_of(user):
    return OxAccount.objects.get(user=user)


def test_aliases_and_additional_settings_are_saved_as_one_change(cast, bob, base):
    add_domain(actor=cast.system, tenant=cast.acme, name="sales.test")
    anna = settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/edit/"
    assert rows(bob.get(url)) == [("info@acme.test", "")]
    entries, jobs = AuditEntry.objects.count(), SyncJob.objects.count()
    wish = typed(anna, aliases=("info", "anna@sales.test"), display_name="Anna Bach", language="de_DE")
    done = bob.post(url, wish | {"time_zone": "America/New York"})
    assert (done.url, said(done)) == (base, ["Anna Bach was saved."])
    assert account_of(anna).aliases == ["anna@sales.test", "info@acme.test"]
    entry = AuditEntry.objects.latest("id")
    assert (AuditEntry.objects.count(), SyncJob.objects.count()) == (entries + 1, jobs + 1)
    assert (entry.action, entry.after) == (
        "user:change",
        {
            "display_name": "Anna Bach",
            "language": "de_DE",
            "time_zone": "America/New_York",
            "aliases": ["anna@sales.test", "info@acme.test"],
        },
    )


def test_rows_are_added_and_removed_without_script(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/edit/"
    more = bob.post(url, typed(anna, aliases=("info",), do="add_alias", display_name=""))
    assert (more.status_code, rows(more)) == (200, [("info@acme.test", ""), ("@", "")])
    less = bob.post(url, typed(anna, aliases=("info",), do="remove_alias:0"))
    assert (less.status_code, rows(less)) == (200, [])
    assert account_of(anna).aliases == ["info@acme.test"]


def test_an_alias_is_made_primary_and_saved_with_the_rest(cast, bob, base):
    anna = settle(cast.user("Anna", login="anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/edit/"
    page = bob.get(url).content.decode()
    assert re.findall(r'aria-label="(Make [^"]*)"', page) == ["Make info@acme.test primary"]
    swapped = bob.post(url, typed(anna, aliases=("info", "new"), do="make_primary:info@acme.test"))
    assert (swapped.status_code, swapped.context["form"].primary) == (200, "info@acme.test")
    assert rows(swapped) == [("anna@acme.test", ""), ("new@acme.test", "")]
    assert account_of(anna).primary_address == "anna@acme.test"
    bob.post(url, typed(anna, aliases=("anna", "new"), primary_address="info@acme.test"))
    assert account_of(anna).primary_address == "info@acme.test"
    assert AuditEntry.objects.latest("id").after == {
        "primary_address": "info@acme.test",
        "aliases": ["anna@acme.test", "new@acme.test"],
    }


def test_an_alias_that_was_typed_over_is_saved_before_it_is_made_primary(cast, bob, base):
    anna = settle(cast.user("Anna", ox=True, aliases=("info@acme.test",)))
    same = bob.post(f"{base}{anna.pk}/edit/", typed(anna, aliases=("other",), do="make_primary:info@acme.test"))
    assert same.context["form"].told == "Save first: info@acme.test is not among the aliases as they stand here."
    assert rows(same) == [("other@acme.test", "")]


def test_everything_to_be_mended_shows_at_once_and_at_its_place(cast, bob, base):
    cast.user("Ben", ox=True, aliases=("info@acme.test",))
    anna = settle(cast.user("Anna", ox=True))
    cast.user("Gina", tenant=cast.globex)
    wish = typed(anna, aliases=("info", "gina@globex.test", "new"), display_name="BEN", time_zone="Berlin")
    refused = bob.post(f"{base}{anna.pk}/edit/", wish)
    assert refused.status_code == 422
    assert rows(refused) == [
        ("info@acme.test", "info@acme.test is taken. Choose another address."),
        ("gina@globex.test", "globex.test is not one of your domains. Choose one from the list."),
        ("new@acme.test", ""),
    ]
    taken = "Another user of this customer has this display name, and OX takes it once. Add an initial or a title."
    assert refused.context["form"].errors == {
        "display_name": [taken],
        "time_zone": ["There is no time zone Berlin. Enter one such as Europe/Berlin."],
        "aliases": ["Mend the marked aliases, or remove them."],
    }
    assert re.search(r'<details class="more"\s+open', refused.content.decode())
    assert account_of(anna).aliases == []


def test_a_primary_address_of_somebody_else_is_refused(cast, bob, base):
    cast.user("Ben", login="ben", ox=True)
    anna = settle(cast.user("Anna", login="anna", ox=True))
    refused = bob.post(f"{base}{anna.pk}/edit/", typed(anna, primary_address="ben@acme.test"))
    assert refused.context["form"].errors == {"primary_address": ["ben@acme.test is taken. Choose another address."]}


def test_what_somebody_else_saved_is_not_undone_unawares(cast, bob, base):
    anna = settle(cast.user("Anna", login="anna", ox=True, aliases=("info@acme.test",)))
    url = f"{base}{anna.pk}/edit/"
    seen = bob.get(url).context["form"].seen
    change_aliases(actor=cast.system, user=anna, aliases=("sales@acme.test",))
    change_user(actor=cast.system, user=anna, language="fr_FR")
    late = bob.post(url, typed(anna, aliases=("office",), seen=seen))
    told = (
        "This user was changed meanwhile. Stored now: Language fr_FR; Primary address anna@acme.test; "
        "Aliases sales@acme.test. Save again to replace it by what stands here."
    )
    assert (late.status_code, late.context["form"].errors) == (422, {"__all__": [told]})
    assert account_of(anna).aliases == ["sales@acme.test"]
    bob.post(url, typed(anna, aliases=("office",), seen=late.context["form"].seen))
    assert account_of(anna).aliases == ["office@acme.test"]


def test_without_ox_the_additional_settings_can_be_edited(cast, bob, base):
    ben = cast.user("Ben")
    url = f"{base}{ben.pk}/edit/"
    page = bob.get(url).content.decode()
    assert "OX is not enabled for Ben. Addresses come with it." in page
    assert 'name="alias_local"' not in page
    bob.post(url, typed(ben, language="nl_NL"))
    assert ServiceUser.objects.get(pk=ben.pk).language == "nl_NL"


def test_a_stranger_finds_nothing_to_edit(cast, base):
    anna = settle(cast.user("Anna", ox=True))
    charlie = cast.client(cast.charlie)
    for method in (charlie.get, charlie.post):
        assert method(f"{base}{anna.pk}/edit/").status_code == 404
        assert method(f"/t/{cast.globex.pk}/ox/users/{anna.pk}/edit/").status_code == 404
