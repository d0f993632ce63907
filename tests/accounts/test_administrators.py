import pytest
from tests.rows import refused
from tests.threads import overlapping

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Role
from oxherd.errors import Refused

PASSWORD = "correct horse battery staple"


def add(**changes):
    return add_administrator(**{"email": "eve@panel.test", "name": "Eve", "password": PASSWORD} | changes)


def test_an_administrator_is_added_with_an_address_in_lower_case(db):
    eve = add(email=" Eve@Panel.TEST ", name=" Eve  Adler ")
    assert (eve.email, eve.name, eve.check_password(PASSWORD)) == ("eve@panel.test", "Eve Adler", True)
    assert Membership.objects.filter(administrator=eve).count() == 0


def test_an_administrator_without_a_name_goes_by_the_address(db):
    assert str(add(name="  ")) == "eve@panel.test"


def test_an_administrator_is_found_whatever_the_case_of_the_address(db):
    eve = add()
    assert Administrator.objects.get_by_natural_key("EVE@panel.test") == eve


@pytest.mark.parametrize("email", ["", "eve", "eve@", "@panel.test", "eve\x00@panel.test", "e" * 250 + "@panel.test"])
def test_what_is_no_mail_address_is_refused(db, email):
    with refused("email"):
        add(email=email)


def test_a_taken_address_is_refused_in_any_case(cast):
    with refused("email") as caught:
        add(email="BOB@panel.test")
    assert caught.value.sentence == "bob@panel.test can sign in already."


@pytest.mark.parametrize("name", ["E" * 201, "Eve\x00", "\u202eEve"])
def test_a_name_that_cannot_be_shown_or_kept_is_refused(db, name):
    with refused("name"):
        add(name=name)


@pytest.mark.parametrize("password", ["", "short", "password12"])
def test_a_weak_password_is_refused(db, password):
    with refused("password"):
        add(password=password)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_address_at_once_one_is_refused(transactional_db):
    _, second = overlapping(add, add)
    assert (type(second), second.field) == (Refused, "email")
    assert Administrator.objects.count() == 1


def test_a_role_given_twice_is_given_once(cast):
    assert grant(cast.bob, Role.HELP_DESK, tenant=cast.acme) == grant(cast.bob, Role.HELP_DESK, tenant=cast.acme)
    assert Membership.objects.filter(administrator=cast.bob).count() == 2


def test_a_role_on_two_levels_is_refused(cast):
    with refused("role"):
        grant(cast.bob, Role.HELP_DESK, tenant=cast.acme, brand=cast.brand)
