"""Seats are never overdrawn and never lost, whoever comes at the same moment."""

import random

import pytest
from tests.cast import PASSWORD, make_cast
from tests.rows import refused
from tests.threads import at_once, overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import Refused
from oxherd.people.commands import NewUser, add_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user
from oxherd.tenants.commands import change_tenant
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


@pytest.fixture
def open_cast(transactional_db):
    return make_cast()


def add(cast, name, profile):
    login = name.lower()
    new = NewUser(display_name=name, login=login, domain="acme.test", password=PASSWORD, ox=OxWish(profile))
    return add_user(actor=ME, tenant=cast.acme, new=new)


def used(cast):
    return dict(Seats.objects.filter(tenant=cast.acme).values_list("profile__name", "used"))


def recounted(cast):
    accounts = OxAccount.objects.filter(tenant=cast.acme, presence="present")
    return {profile.name: accounts.filter(profile=profile).count() for profile in (cast.mail, cast.groupware)}


def limit(cast, number):
    change_tenant(actor=ME, tenant=cast.acme, seats={cast.mail: number})


def test_no_seat_left_is_refused_and_leaves_nothing_behind(cast):
    limit(cast, 1)
    anna = add(cast, "Anna", cast.mail)
    with refused("profile") as caught:
        add(cast, "Bert", cast.mail)
    assert "The only seat of the profile Mail is taken." in caught.value.sentence
    disable_ox(actor=ME, user=anna)
    assert add(cast, "Bert", cast.mail).account.profile == cast.mail


def test_a_profile_that_is_not_in_the_subscription_is_refused(cast):
    Seats.objects.filter(tenant=cast.acme, profile=cast.mail).delete()
    with refused("profile") as caught:
        add(cast, "Anna", cast.mail)
    assert caught.value.sentence == "The profile Mail is not part of this subscription."


def test_seats_cannot_be_lowered_below_those_in_use(cast):
    for name in ("Anna", "Bert"):
        add(cast, name, cast.mail)
    with refused("seats") as caught:
        limit(cast, 1)
    assert caught.value.sentence == "2 users have the profile Mail: give at least 2 seats."
    limit(cast, 2)
    assert Seats.objects.get(tenant=cast.acme, profile=cast.mail).free == 0
    limit(cast, None)
    assert Seats.objects.get(tenant=cast.acme, profile=cast.mail).free is None


def test_a_change_of_profile_moves_all_or_none(cast):
    people = [add(cast, name, cast.groupware) for name in ("Anna", "Bert", "Carl")]
    limit(cast, 2)
    with refused("profile"):
        change_profile(actor=ME, users=people, profile=cast.mail)
    assert change_profile(actor=ME, users=people[:2], profile=cast.mail) == 2
    assert used(cast) == {"Mail": 2, "Groupware": 1}


def test_the_counter_equals_a_recount_after_any_course_of_events(cast):
    dice = random.Random(20261124)
    limit(cast, 3)
    for step in range(120):
        try:
            one_step(cast, dice, f"Person{step}")
        except Refused:
            continue
    assert ServiceUser.objects.filter(presence="leaving").exists()
    assert used(cast) == recounted(cast)


def one_step(cast, dice, name):
    present = list(ServiceUser.objects.filter(tenant=cast.acme, presence="present").order_by("pk"))
    user = dice.choice(present) if present else add(cast, name, cast.mail)
    profile = dice.choice([cast.mail, cast.groupware])
    act = dice.choice(["add", "enable", "disable", "profile", "profile", "remove", "seats"])
    if act == "add":
        add(cast, name, profile)
    elif act == "enable":
        enable_ox(actor=ME, user=user, wish=OxWish(profile))
    elif act == "disable":
        disable_ox(actor=ME, user=user)
    elif act == "profile":
        change_profile(actor=ME, users=dice.sample(present, min(3, len(present))), profile=profile)
    elif act == "remove":
        delete_user(actor=ME, user=user)
    else:
        limit(cast, dice.randint(0, 5))


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_seat_do_not_share_it(open_cast):
    limit(open_cast, 1)
    outcomes = at_once(*(lambda name=name: add(open_cast, name, open_cast.mail) for name in ("Anna", "Bert")))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [(type(error), error.field) for error in failed] == [(Refused, "profile")]
    assert used(open_cast)["Mail"] == recounted(open_cast)["Mail"] == 1


@pytest.mark.django_db(transaction=True)
def test_seats_lowered_while_the_last_one_is_being_taken_stay_covered(open_cast):
    _, second = overlapping(lambda: add(open_cast, "Anna", open_cast.mail), lambda: limit(open_cast, 0))
    assert (type(second), second.field) == (Refused, "seats")
    assert used(open_cast)["Mail"] == 1


@pytest.mark.django_db(transaction=True)
def test_crossing_changes_of_profile_do_not_wait_for_each_other(open_cast):
    anna, bert = add(open_cast, "Anna", open_cast.mail), add(open_cast, "Bert", open_cast.groupware)
    for profiles in [(open_cast.groupware, open_cast.mail), (open_cast.mail, open_cast.groupware)] * 5:
        outcomes = at_once(
            lambda to=profiles[0]: change_profile(actor=ME, users=[anna, bert], profile=to),
            lambda to=profiles[1]: change_profile(actor=ME, users=[bert, anna], profile=to),
            lambda: change_tenant(actor=ME, tenant=open_cast.acme, seats={open_cast.groupware: 9, open_cast.mail: 9}),
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert used(open_cast) == recounted(open_cast)
