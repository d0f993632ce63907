"""What service users do about their own application passwords: with the present password, and to nobody else's."""

import pytest
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry, refused

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.app_passwords import own_commands
from oxherd.app_passwords.commands import add_app_password
from oxherd.app_passwords.models import AppPassword
from oxherd.errors import NotYours, Refused
from oxherd.people.commands import change_password
from oxherd.people.models import ServiceUser
from oxherd.tenants.commands import switch_self_service

NEW = "a wholly different staple"


@pytest.fixture
def me(cast: Cast, anna) -> ServiceUser:
    """Anna, who may sign in to the page of her own."""
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    return ServiceUser.objects.get(pk=anna.pk)


def actor(user: ServiceUser) -> Actor:
    return Actor(str(user), Door.SELF_SERVICE, service_user_id=user.pk)


def test_who_knows_the_password_adds_one(me) -> None:
    own_commands.add_own_app_password(actor=actor(me), user=me, name="Telephone", old=PASSWORD)
    kept = AppPassword.objects.get()
    assert (kept.user, kept.created_by) == (me, "Anna Becker")
    assert (last_entry().door, last_entry().administrator_id) == (Door.SELF_SERVICE, None)


def test_without_the_present_password_nothing_is_added(cast: Cast, me) -> None:
    secret = add_app_password(actor=cast.system, user=me, name="Tablet")
    for wrong in ("", "wrong", secret):
        with refused("old"):
            own_commands.add_own_app_password(actor=actor(me), user=me, name="Telephone", old=wrong)


def test_a_password_that_was_changed_meanwhile_proves_nothing(cast: Cast, me) -> None:
    stale = ServiceUser.objects.select_related("tenant__brand").get(pk=me.pk)
    change_password(actor=cast.system, user=me, password=NEW)
    with pytest.raises(Refused, match="changed meanwhile"):
        own_commands.add_own_app_password(actor=actor(me), user=stale, name="Telephone", old=PASSWORD)
    assert not AppPassword.objects.exists()


def test_nobody_does_it_for_anybody_else(cast: Cast, me) -> None:
    add_app_password(actor=cast.system, user=me, name="Tablet")
    kept = AppPassword.objects.get()
    ben = cast.user("Ben Oak", ox=True)
    for someone in (actor(ben), cast.actor(cast.bob), cast.system, Actor("Anna Becker", Door.SELF_SERVICE)):
        with pytest.raises(NotYours):
            own_commands.add_own_app_password(actor=someone, user=me, name="Telephone", old=PASSWORD)
        with pytest.raises(NotYours):
            own_commands.revoke_own_app_password(actor=someone, app_password=kept)
        with pytest.raises(NotYours):
            own_commands.change_own_password(actor=someone, user=me, old=PASSWORD, new=NEW, revoke=True)
    assert AppPassword.objects.get() == kept


def test_once_self_service_is_switched_off_nothing_is_done(cast: Cast, me) -> None:
    switch_self_service(actor=cast.system, tenant=cast.acme, on=False)
    with pytest.raises(NotYours):
        own_commands.add_own_app_password(actor=actor(me), user=me, name="Telephone", old=PASSWORD)


def test_one_is_revoked_without_a_proof(cast: Cast, me) -> None:
    add_app_password(actor=cast.system, user=me, name="Telephone")
    own_commands.revoke_own_app_password(actor=actor(me), app_password=AppPassword.objects.get())
    assert not AppPassword.objects.exists()
    assert (last_entry().action, last_entry().actor) == ("app_password:revoke", "Anna Becker")


@pytest.mark.parametrize("revoke", [False, True])
def test_another_password_of_ones_own_ends_them_only_if_asked_to(cast: Cast, me, revoke: bool) -> None:
    add_app_password(actor=cast.system, user=me, name="Telephone")
    own_commands.change_own_password(actor=actor(me), user=me, old=PASSWORD, new=NEW, revoke=revoke)
    assert AppPassword.objects.exists() == (not revoke)
