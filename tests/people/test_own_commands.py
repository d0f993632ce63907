"""What service users do by themselves: nothing to anybody else, and nothing where they may not be."""

import pytest
from tests.cast import PASSWORD, Cast

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.errors import NotYours, Refused
from oxherd.people import commands, own_commands, own_sign_in
from oxherd.people.models import ServiceUser
from oxherd.tenants.commands import switch_self_service

NEW = "a wholly different staple"


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    return cast.user(ox=True)


def actor(user: ServiceUser) -> Actor:
    return Actor(str(user), Door.SELF_SERVICE, service_user_id=user.pk)


def test_nobody_changes_anybody_else(cast: Cast, anna) -> None:
    ben = cast.user("Ben Oak", ox=True)
    for someone in (actor(ben), cast.actor(cast.bob), cast.system, Actor("Anna Becker", Door.SELF_SERVICE)):
        with pytest.raises(NotYours):
            own_commands.change_own_password(actor=someone, user=anna, old=PASSWORD, new=NEW)
        with pytest.raises(NotYours):
            own_commands.change_own_photo(actor=someone, user=anna, photo=None)


def test_a_user_may_do_nothing_that_administrators_do(cast: Cast, anna) -> None:
    for act in (
        lambda: commands.change_password(actor=actor(anna), user=anna, password=NEW),
        lambda: commands.change_photo(actor=actor(anna), user=anna, photo=None),
        lambda: switch_self_service(actor=actor(anna), tenant=cast.acme, on=False),
    ):
        with pytest.raises(NotYours):
            act()


def test_nothing_is_changed_once_it_is_switched_off(cast: Cast, anna) -> None:
    switch_self_service(actor=cast.system, tenant=cast.acme, on=False)
    with pytest.raises(NotYours):
        own_commands.change_own_password(actor=actor(anna), user=anna, old=PASSWORD, new=NEW)


def test_of_two_changes_at_once_the_second_is_refused(cast: Cast, anna) -> None:
    stale = ServiceUser.objects.get(pk=anna.pk)
    own_commands.change_own_password(actor=actor(anna), user=anna, old=PASSWORD, new=NEW)
    with pytest.raises(Refused, match="changed meanwhile"):
        own_commands.change_own_password(actor=actor(anna), user=stale, old=PASSWORD, new="one more staple of words")


def test_a_login_of_nonsense_is_nobodys(db) -> None:
    for typed in ("", "@", "anna", "@acme.test", "a b@acme.test", "\x00@acme.test", "a" * 400 + "@acme.test"):
        assert own_sign_in.named(typed) is None
