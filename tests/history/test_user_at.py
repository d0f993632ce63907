"""What a user had at a point in time, and who set it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.pictures import picture
from tests.rows import last_entry
from tests.tampering import tamper

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.app_passwords.commands import add_app_password, revoke_all, revoke_app_password
from oxherd.app_passwords.models import AppPassword
from oxherd.audit.models import AuditEntry
from oxherd.groups.commands import change_group, remove_group
from oxherd.history.queries import user_at
from oxherd.people.commands import change_password, change_photo, change_user
from oxherd.people.ox_commands import change_profile, disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.tenants.commands import suspend_tenant

ME = system("Me", Door.CLI)


@pytest.fixture
def anna(cast):
    return cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))


def had(user, at=None):
    """Each field's value at that moment, which is after the entry if one is given."""
    moment = user_at(ME, user, at.at if isinstance(at, AuditEntry) else at or timezone.now())
    return {name: fact.value for name, fact in moment.facts.items()} if moment.existed else None


def set_by(user, name, at=None):
    by = user_at(ME, user, at or timezone.now()).facts[name].by
    return (by.actor, by.action) if by else None


def test_each_change_is_there_from_its_moment_on(cast, anna):
    added = last_entry()
    change_user(actor=ME, user=anna, surname="Bach")
    renamed = rename_user(actor=ME, user=anna, login="anna.bach@acme.test")
    change_profile(actor=ME, users=[anna], profile=cast.mail)
    change_photo(actor=ME, user=anna, photo=picture())
    then, now = had(anna, added), had(anna)
    before = {"surname": "Becker", "login": "anna@acme.test", "profile": "Groupware", "aliases": ["info@acme.test"]}
    assert {name: then[name] for name in before} == before
    assert (then["presence"], then["ox"], then["domain"], then.get("photo")) == (
        "Present",
        "Enabled",
        "acme.test",
        False,
    )
    assert (now["surname"], now["login"], now["profile"], now["photo"]) == ("Bach", renamed.login, "Mail", True)
    assert (set_by(anna, "surname"), set_by(anna, "given_name")) == (("Me", "user:change"), ("Tests", "user:add"))
    assert set_by(anna, "profile") == ("Me", "ox:profile")


def test_before_it_was_added_there_was_nothing(anna):
    moment = user_at(ME, anna, last_entry().at - timedelta(seconds=1))
    assert (moment.existed, moment.since) == (False, last_entry().at)


def test_ox_that_was_disabled_takes_profile_and_addresses_along(cast, anna):
    added = last_entry()
    disable_ox(actor=ME, user=anna)
    disabled = last_entry()
    cast.acme.refresh_from_db()
    bert = cast.user("Bert Conrad", login="bert")
    enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail), password="a lantern by the harbour")
    assert (had(anna, added)["ox"], had(anna, added)["profile"]) == ("Enabled", "Groupware")
    assert (had(anna, disabled)["ox"], had(anna, disabled)["profile"], had(anna)["aliases"]) == ("Disabled", None, None)
    assert set_by(anna, "ox") == ("Me", "ox:disable")
    assert (had(bert)["ox"], had(bert)["profile"], set_by(bert, "password")) == ("Enabled", "Mail", ("Me", "ox:enable"))


def test_who_set_the_password_is_told_and_not_the_password(anna):
    change_password(actor=ME, user=anna, password="a lantern by the harbour")
    assert (had(anna)["password"], set_by(anna, "password")) == ("set", ("Me", "user:password"))
    assert last_entry().after == {"password": "set"}


def test_removed_and_restored(anna):
    remove_user(actor=ME, user=anna)
    removed = last_entry()
    restore_user(actor=ME, user=anna)
    assert (had(anna, removed)["presence"], had(anna)["presence"]) == ("Removed", "Present")


def test_application_passwords_that_were_valid_by_their_names(cast, anna):
    cast.carry_mail()
    entries = {"none": last_entry()}
    for name in ("Telephone", "Tablet"):
        add_app_password(actor=ME, user=anna, name=name)
        entries[name] = last_entry()
    revoke_app_password(actor=ME, app_password=AppPassword.objects.get(name="Telephone"))
    entries["revoked"] = last_entry()
    add_app_password(actor=ME, user=anna, name="Telephone")
    entries["again"] = last_entry()
    revoke_all(actor=ME, user=anna)
    entries["all revoked"] = last_entry()
    valid = {
        word: sorted(name for name in had(anna, entry) if name.startswith("app_password"))
        for word, entry in entries.items()
    }
    tablet, telephone = "app_password:Tablet", "app_password:Telephone"
    assert valid == {
        "none": [],
        "Telephone": [telephone],
        "Tablet": [tablet, telephone],
        "revoked": [tablet],
        "again": [tablet, telephone],
        "all revoked": [],
    }
    assert set_by(anna, tablet, entries["again"].at) == ("Me", "app_password:add")


def test_an_application_password_older_than_the_audit_is_known_by_its_end(cast, anna):
    cast.carry_mail()
    add_app_password(actor=ME, user=anna, name="Telephone")
    tamper("DELETE FROM oxherd_auditentry WHERE subject_kind = 'serviceuser'")
    early = timezone.now()
    revoke_all(actor=ME, user=anna)
    assert user_at(ME, anna, early).facts["app_password:Telephone"].by is None
    assert "app_password:Telephone" not in had(anna)


def test_groups_by_the_names_they_had(cast, anna):
    before = last_entry()
    group = cast.group("Sales", anna)
    added = last_entry()
    change_group(actor=ME, group=group, display_name="Marketing")
    named = last_entry()
    change_group(actor=ME, group=group, remove=[anna.pk])
    out = last_entry()
    change_group(actor=ME, group=group, add=[anna.pk])
    back = last_entry()
    remove_group(actor=ME, group=group)
    at = {"before": before, "added": added, "named": named, "out": out, "back": back, "removed": last_entry()}
    groups = {word: [name for name in had(anna, entry) if name.startswith("group:")] for word, entry in at.items()}
    sales, marketing = ["group:Sales"], ["group:Marketing"]
    assert groups == {"before": [], "added": sales, "named": marketing, "out": [], "back": marketing, "removed": []}


def test_whether_the_customer_was_suspended(cast, anna):
    added = last_entry()
    suspend_tenant(actor=ME, tenant=cast.acme)
    assert (had(anna, added)["suspended"], had(anna)["suspended"]) == (False, True)


def test_who_is_older_than_the_audit_is_known_by_later_entries(cast, anna):
    group = cast.group("Sales", anna)
    tamper("DELETE FROM oxherd_auditentry WHERE subject_kind IN ('serviceuser', 'group')")
    early = timezone.now()
    assert had(anna, early)["surname"] == "Becker"
    change_user(actor=ME, user=anna, surname="Bach", aliases=())
    change_user(actor=ME, user=anna, surname="Bruch")
    disable_ox(actor=ME, user=anna)
    change_group(actor=ME, group=group, remove=[anna.pk])
    then = had(anna, early)
    assert (then["surname"], then["aliases"], then["ox"], then["given_name"]) == (
        *("Becker", ["info@acme.test"], "Enabled", "Anna"),
    )
    assert "group:Sales" in then
    moment = user_at(ME, anna, early)
    assert (moment.existed, moment.since, moment.facts["surname"].by) == (
        *(True, AuditEntry.objects.get(after__surname="Bach").at, None),
    )
