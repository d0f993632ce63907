"""What one click did to many users is taken back for all of them at once, but for those that somebody changed since."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.rows import everything, waiting

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.models import Address
from oxherd.errors import NotAllowed
from oxherd.people.bulk_commands import disable_ox_of_all, enable_ox_of_all
from oxherd.people.models import OxAccount
from oxherd.people.ox_commands import change_aliases, change_profile
from oxherd.people.removal_commands import remove_user
from oxherd.people.rename_commands import rename_user
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.commands import change_tenant
from oxherd.tenants.models import Seats
from oxherd.undo.commands import undo_act

ME = system("Tests", Door.CLI)
CLICK = replace(ME, request_id="one-click")


@pytest.fixture
def crowd(cast, settings):
    settings.UNDO_SECONDS = 20
    numbers = range(4)
    return [cast.user(f"User {n}", login=f"u{n}", ox=True, aliases=(f"a{n}@acme.test",)) for n in numbers]


def take_back(cast, actor=ME):
    return undo_act(actor=actor, tenant_id=cast.acme.pk, request_id="one-click")


def names(entries):
    return sorted(entry.subject_name for entry in entries)


def profiles(users):
    return [str(account.profile) for account in OxAccount.objects.filter(user__in=users).order_by("user_id")]


def presences(users):
    return list(OxAccount.objects.filter(user__in=users).order_by("user_id").values_list("presence", flat=True))


def used(cast):
    return dict(Seats.objects.filter(tenant=cast.acme).values_list("profile__name", "used"))


def test_profiles_go_back_to_what_each_user_had(cast, crowd):
    change_profile(actor=ME, users=crowd[:1], profile=cast.mail)
    premium = cast.groupware
    change_profile(actor=CLICK, users=crowd[1:], profile=cast.mail)
    change_profile(actor=replace(ME, request_id="other"), users=crowd[3:], profile=premium)
    outcome = take_back(cast)
    assert (names(outcome.done), names(entry for entry, _ in outcome.refused)) == (["User 1", "User 2"], ["User 3"])
    assert profiles(crowd) == ["Mail", "Groupware", "Groupware", "Groupware"]
    undoing = AuditEntry.objects.filter(action="ox:profile", undoes__isnull=False)
    assert {entry.undoes for entry in undoing} == {entry.pk for entry in outcome.done}


def test_a_want_of_seats_is_told_for_all(cast, crowd):
    change_profile(actor=CLICK, users=crowd, profile=cast.mail)
    change_tenant(actor=ME, tenant=cast.acme, seats={cast.groupware: 2})
    outcome = take_back(cast)
    assert (outcome.done, len(outcome.refused), used(cast)) == ([], 4, {"Mail": 4, "Groupware": 0})


def test_disabled_accounts_are_all_had_back(cast, crowd):
    before = list(Address.objects.order_by("address").values_list("address", "kind", "user"))
    disable_ox_of_all(actor=CLICK, users=crowd)
    rename_user(actor=ME, user=crowd[0], login="new@acme.test")
    account = OxAccount.objects.get(user=crowd[1])
    SyncJob.objects.filter(subject_id=account.pk, state="waiting").update(state="running", tries=1, next_try_at=None)
    outcome = take_back(cast)
    assert names(outcome.done) == ["User 0", "User 2", "User 3"]
    assert [refused.sentence for _, refused in outcome.refused] == [
        "OX has begun to delete the account of User 1: it cannot be had back."
    ]
    assert presences(crowd) == ["present", "leaving", "present", "present"]
    held = list(Address.objects.order_by("address").values_list("address", "kind", "user"))
    assert held == sorted([*before, ("new@acme.test", "login", crowd[0].pk)])
    assert used(cast) == {"Mail": 0, "Groupware": 3}
    assert len(waiting(f"account:{OxAccount.objects.get(user=crowd[2]).pk}")) == 1


def test_enabled_accounts_are_disabled_again(cast, crowd):
    plain = [cast.user(f"Plain {number}", login=f"p{number}") for number in range(3)]
    domain = cast.acme.domains.get()
    enable_ox_of_all(actor=CLICK, tenant=cast.acme, users=plain, profile=cast.mail, domain=domain)
    change_aliases(actor=ME, user=plain[0], aliases=("more@acme.test",))
    outcome = take_back(cast)
    assert (names(outcome.done), names(entry for entry, _ in outcome.refused)) == (["Plain 1", "Plain 2"], ["Plain 0"])
    assert presences(plain) == ["present", "leaving", "leaving"]


def test_who_was_removed_since_stays_so(cast, crowd):
    change_profile(actor=CLICK, users=crowd, profile=cast.mail)
    remove_user(actor=ME, user=crowd[0])
    assert names(take_back(cast).done) == ["User 1", "User 2", "User 3"]


def test_an_act_is_taken_back_once(cast, crowd):
    change_profile(actor=CLICK, users=crowd, profile=cast.mail)
    take_back(cast)
    before = everything()
    outcome = take_back(cast)
    assert (outcome.done, len(outcome.refused), everything() == before) == ([], 4, True)


def test_the_help_desk_takes_nothing_back(cast, crowd):
    change_profile(actor=CLICK, users=crowd, profile=cast.mail)
    with pytest.raises(NotAllowed):
        take_back(cast, cast.actor(cast.dora))


def test_many_cost_as_many_queries_as_few(cast, settings):
    settings.UNDO_SECONDS = 20
    users = [cast.user(f"User {number}", login=f"u{number}", ox=True) for number in range(10)]
    acts = {
        "ox:profile": lambda some, actor: change_profile(actor=actor, users=some, profile=cast.mail),
        "ox:disable": lambda some, actor: disable_ox_of_all(actor=actor, users=some),
    }
    for act in acts.values():
        assert cost(cast, act, users[:2], "few") == cost(cast, act, users[2:], "many")


def cost(cast, act, users, click):
    act(users, replace(ME, request_id=click))
    with CaptureQueriesContext(connection) as queries:
        assert len(undo_act(actor=ME, tenant_id=cast.acme.pk, request_id=click).done) == len(users)
    return len(queries)
