"""What is done to the OX service of many users at once has the guarantees of what is done to one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import make_cast
from tests.rows import everything, last_entry, refused, waiting
from tests.threads import at_once, overlapping

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Address
from oxherd.domains.queries import domain_of
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people import ox_commands
from oxherd.people.bulk_commands import disable_ox_of_all, enable_ox_of_all, retry_ox_of_all
from oxherd.people.enabling import plan
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox
from oxherd.people.queries import found
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import remove_user
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


def crowd(cast, number, *, ox=True):
    return [cast.user(f"User {index}", login=f"user{index}", ox=ox) for index in range(number)]


def used(cast):
    return dict(Seats.objects.filter(tenant=cast.acme).values_list("profile__name", "used"))


def profiles(users):
    return [str(account.profile) for account in OxAccount.objects.filter(user__in=users).order_by("user_id")]


def enable(cast, users, *, domain="acme.test", actor=ME, profile=None):
    at = domain_of(cast.acme, domain)
    return enable_ox_of_all(actor=actor, tenant=cast.acme, users=users, profile=profile or cast.groupware, domain=at)


def costs(act, *groups):
    """The number of queries that the act takes for each group of users."""
    numbers = []
    for users in groups:
        with CaptureQueriesContext(connection) as captured:
            act(users)
        numbers.append(len(captured))
    return numbers


def test_each_of_many_has_an_entry_a_job_and_a_seat_of_the_new_profile(cast):
    users = crowd(cast, 3)
    entries = AuditEntry.objects.count()
    assert change_profile(actor=cast.actor(cast.bob), users=users, profile=cast.mail) == 3
    assert (profiles(users), used(cast)) == (["Mail"] * 3, {"Mail": 3, "Groupware": 0})
    new = AuditEntry.objects.order_by("id")[entries:]
    assert [(entry.subject_name, entry.actor, entry.before, entry.after) for entry in new] == [
        (f"User {index}", "Bob", {"profile": "Groupware"}, {"profile": "Mail"}) for index in range(3)
    ]
    assert {(entry.action, entry.tenant_id, entry.brand_id) for entry in new} == {
        ("ox:profile", cast.acme.pk, cast.brand.pk)
    }
    assert [len(waiting(f"account:{user.account.pk}")) for user in users] == [1, 1, 1]
    assert set(ServiceUser.objects.values_list("status", flat=True)) == {"in_progress"}


def test_who_waits_already_is_overtaken_and_its_entry_of_the_queue_withdrawn(cast):
    users = crowd(cast, 2)
    change_profile(actor=ME, users=users, profile=cast.mail)
    jobs = SyncJob.objects.filter(subject_kind="account").order_by("subject_id", "id")
    assert [job.state for job in jobs] == ["superseded", "waiting"] * 2
    assert [job.finished_at is None for job in jobs] == [False, True] * 2


def test_one_seat_too_few_changes_nobody(cast):
    users = crowd(cast, 3)
    cast.acme.seats.filter(profile=cast.mail).update(number=2)
    with refused("profile") as caught:
        change_profile(actor=ME, users=users, profile=cast.mail)
    assert caught.value.sentence == (
        "3 seats of the profile Mail are needed, and 2 of 2 are free. Choose fewer users or order more seats."
    )


def test_one_who_cannot_keeps_all_as_they_are(cast):
    users = crowd(cast, 3)
    disable_ox(actor=ME, user=users[1])
    for act in (
        lambda: change_profile(actor=ME, users=users, profile=cast.mail),
        lambda: disable_ox_of_all(actor=ME, users=users),
    ):
        with refused(None) as caught:
            act()
        assert caught.value.sentence == "OX is not enabled for User 1. Enable it first."


def test_users_of_two_customers_take_seats_of_their_own(cast):
    ours, theirs = cast.user("Anna", ox=True), cast.user("Gina", ox=True, tenant=cast.globex)
    assert change_profile(actor=ME, users=[ours, theirs], profile=cast.mail) == 2
    mail = Seats.objects.filter(profile=cast.mail).order_by("tenant_id")
    assert [seats.used for seats in mail] == [1, 1]
    assert {(entry.subject_name, entry.tenant_id) for entry in AuditEntry.objects.filter(action="ox:profile")} == {
        ("Anna", cast.acme.pk),
        ("Gina", cast.globex.pk),
    }


def test_nobody_is_changed_by_who_may_not_change_one_of_them(cast):
    users = [cast.user("Anna", ox=True), cast.user("Gina", ox=True, tenant=cast.globex)]
    for administrator in (cast.bob, cast.charlie):
        with pytest.raises(NotYours):
            change_profile(actor=cast.actor(administrator), users=users, profile=cast.mail)
    for administrator in (cast.dora, cast.rita):
        actor = cast.actor(administrator)
        with pytest.raises(NotAllowed):
            disable_ox_of_all(actor=actor, users=users[:1])
        with pytest.raises(NotAllowed):
            enable(cast, users[:1], actor=actor)
    assert profiles(users) == ["Groupware", "Groupware"]


def test_many_cost_as_many_queries_as_few(cast):
    few, many = crowd(cast, 2), crowd_from(cast, 2, 8)
    plain = [cast.user(f"Plain {index}", login=f"plain{index}") for index in range(6)]
    assert costs(lambda users: change_profile(actor=ME, users=users, profile=cast.mail), few, many) == [17, 17]
    fail([*few, *many])
    assert costs(lambda users: retry_ox_of_all(actor=ME, users=users), few, many) == [11, 11]
    assert costs(lambda users: disable_ox_of_all(actor=ME, users=users), few, many) == [18, 18]
    assert costs(lambda users: enable(cast, users), plain[:1], plain[1:]) == [25, 25]


def crowd_from(cast, first, number):
    return [cast.user(f"User {index}", login=f"user{index}", ox=True) for index in range(first, first + number)]


def fail(users):
    SyncJob.objects.filter(subject_kind="account", subject_id__in=[user.account.pk for user in users]).update(
        state="stuck"
    )
    ServiceUser.objects.filter(pk__in=[user.pk for user in users]).update(status="error")


def test_many_are_disabled_and_their_seats_are_free(cast):
    users = [cast.user(name, login=name.lower(), ox=True, aliases=(f"{name}s@acme.test",)) for name in ("Anna", "Ben")]
    change_profile(actor=ME, users=users[:1], profile=cast.mail)
    assert disable_ox_of_all(actor=ME, users=users) == 2
    accounts = OxAccount.objects.order_by("user_id").values_list("presence", "claimed_name", "sealed_password")
    assert list(accounts) == [("leaving", None, "")] * 2
    assert used(cast) == {"Mail": 0, "Groupware": 0}
    entries = AuditEntry.objects.filter(action="ox:disable").order_by("id")
    assert [entry.before for entry in entries] == [
        {"profile": "Mail", "primary_address": "anna@acme.test", "aliases": ["annas@acme.test"]},
        {"profile": "Groupware", "primary_address": "ben@acme.test", "aliases": ["bens@acme.test"]},
    ]
    assert [len(waiting(f"account:{user.account.pk}")) for user in users] == [1, 1]


def test_many_are_enabled_with_an_address_and_a_password_each(cast):
    users = crowd(cast, 3, ox=False)
    made = enable(cast, users)
    assert [str(user) for user in made.ready] == ["User 0", "User 1", "User 2"]
    accounts = list(OxAccount.objects.order_by("user_id"))
    assert [account.primary_address for account in accounts] == [f"user{index}@acme.test" for index in range(3)]
    assert [account.claimed_name for account in accounts] == [f"user {index}" for index in range(3)]
    assert len({sealing.unseal(account.sealed_password) for account in accounts}) == 3
    assert set(Address.objects.values_list("kind", flat=True)) == {"primary"}
    assert used(cast) == {"Mail": 0, "Groupware": 3}
    assert last_entry().action == "ox:enable"
    assert last_entry().after == {"profile": "Groupware", "primary_address": "user2@acme.test", "aliases": []}
    assert [len(waiting(f"account:{account.pk}")) for account in accounts] == [1, 1, 1]


def test_addresses_in_another_domain_are_held_beside_the_logins_and_found(cast):
    add_domain(actor=ME, tenant=cast.acme, name="sales.test")
    anna, ben = cast.user("Anna", login="anna"), cast.user("Ben", login="ben")
    enable(cast, [anna, ben], domain="sales.test")
    assert dict(Address.objects.order_by("address").values_list("address", "kind")) == {
        "anna@acme.test": "login",
        "anna@sales.test": "primary",
        "ben@acme.test": "login",
        "ben@sales.test": "primary",
    }
    assert list(found(ME, cast.acme, text="ben@sales")) == [ben]
    assert list(found(ME, cast.acme, text="anna@acme")) == [anna]


def test_who_cannot_be_enabled_is_left_out_and_told_why(cast):
    add_domain(actor=ME, tenant=cast.acme, name="sales.test")
    cast.user("Zoe", login="zoe", ox=True, aliases=("ben@sales.test", "zoe@sales.test"))
    has, leaving = cast.user("Dan", login="dan", ox=True), cast.user("Eve", login="eve", ox=True)
    disable_ox(actor=ME, user=leaving)
    going = cast.user("Finn", login="finn", ox=True)
    remove_user(actor=ME, user=going)
    first = cast.user("Anna", login="anna")
    twin = cast.user("Anna", login="anna2")
    taken = cast.user("Ben", login="ben")
    people = [twin, taken, has, leaving, ServiceUser.objects.get(pk=going.pk), first]
    shown = plan(cast.acme, people, domain_of(cast.acme, "sales.test"))
    made = enable(cast, people, domain="sales.test")
    for one in (shown, made):
        assert [(str(user), address) for user, address in one.rows] == [("Anna", "anna@sales.test")]
        assert [(str(each.user), each.why) for each in one.left_out] == [
            ("Anna", "OX takes a display name once, and another user with OX has this one."),
            ("Ben", "ben@sales.test is taken."),
            ("Dan", "OX is enabled already."),
            ("Eve", "OX is still letting go of the account before. Try again in a moment."),
            ("Finn", "This user is being removed."),
        ]
    assert ServiceUser.objects.get(pk=first.pk).status == "in_progress"
    assert OxAccount.objects.filter(user__in=[twin, taken]).count() == 0


def test_two_logins_that_would_give_one_address_give_it_to_the_first(cast):
    add_domain(actor=ME, tenant=cast.acme, name="sales.test")
    anna = cast.user("Anna", login="info")
    zoe = cast.user("Zoe", login="zoe")
    ServiceUser.objects.filter(pk=zoe.pk).update(login="info@sales.test", domain=domain_of(cast.acme, "sales.test"))
    Address.objects.filter(user=zoe).delete()
    made = enable(cast, [ServiceUser.objects.get(pk=zoe.pk), anna], domain="sales.test")
    assert [(str(each.user), each.why) for each in made.left_out] == [("Zoe", "info@sales.test goes to Anna.")]


def test_enabling_many_without_seats_for_all_enables_nobody(cast):
    users = crowd(cast, 3, ox=False)
    cast.acme.seats.filter(profile=cast.mail).update(number=2)
    with refused("profile"):
        enable(cast, users, profile=cast.mail)


def test_nobody_to_enable_changes_nothing(cast):
    users = crowd(cast, 1)
    before = everything()
    assert [each.why for each in enable(cast, users).left_out] == ["OX is enabled already."]
    assert everything() == before


def test_strangers_are_no_part_of_it(cast):
    gina = cast.user("Gina", tenant=cast.globex)
    made = enable(cast, [gina])
    assert (made.ready, made.left_out, OxAccount.objects.count()) == ([], [], 0)


def test_only_what_failed_is_tried_again(cast):
    failed, fine = crowd(cast, 2)
    fail([failed])
    SyncJob.objects.filter(subject_id=fine.account.pk, subject_kind="account").update(state="done")
    assert retry_ox_of_all(actor=cast.actor(cast.dora), users=[failed, fine]) == 1
    assert (last_entry().action, last_entry().subject_name) == ("ox:retry", "User 0")
    assert [job.requested_by for job in SyncJob.objects.filter(state="waiting", subject_kind="account")] == ["Dora"]


@pytest.fixture
def open_cast(transactional_db):
    return make_cast()


@pytest.mark.django_db(transaction=True)
def test_two_changes_of_the_same_many_in_opposite_order_do_not_wait_for_each_other(open_cast):
    users = crowd(open_cast, 6)
    outcomes = at_once(
        lambda: change_profile(actor=ME, users=users, profile=open_cast.mail),
        lambda: change_profile(actor=ME, users=users[::-1], profile=open_cast.mail),
    )
    assert sorted(outcomes) == [0, 6]
    assert used(open_cast) == {"Mail": 6, "Groupware": 0}


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_seats_do_not_share_them(open_cast):
    users = crowd(open_cast, 6)
    open_cast.acme.seats.filter(profile=open_cast.mail).update(number=4)
    outcomes = at_once(
        lambda: change_profile(actor=ME, users=users[:3], profile=open_cast.mail),
        lambda: change_profile(actor=ME, users=users[3:], profile=open_cast.mail),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "int"]
    assert used(open_cast) == {"Mail": 3, "Groupware": 3}


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_just_being_taken_refuses_the_whole(open_cast):
    add_domain(actor=ME, tenant=open_cast.acme, name="sales.test")
    zoe = open_cast.user("Zoe", login="zoe", ox=True)
    users = crowd(open_cast, 2, ox=False)
    _, second = overlapping(
        lambda: ox_commands.change_aliases(actor=ME, user=zoe, aliases=("user1@sales.test",)),
        lambda: enable(open_cast, users, domain="sales.test"),
    )
    assert (type(second), second.field) == (Refused, "domain")
    assert OxAccount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_display_name_that_is_just_being_taken_refuses_the_whole(open_cast):
    first, second = open_cast.user("Anna", login="anna"), open_cast.user("Anna", login="anna2")
    _, outcome = overlapping(
        lambda: ox_commands.enable_ox(actor=ME, user=first, wish=OxWish(open_cast.mail)),
        lambda: enable(open_cast, [second]),
    )
    assert (type(outcome), outcome.field) == (Refused, None)
    assert Address.objects.get(user=second).kind == "login"
