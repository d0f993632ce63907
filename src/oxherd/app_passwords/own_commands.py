"""What service users do about their own application passwords once they have signed in."""

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.app_passwords.models import AppPassword
from oxherd.app_passwords.records import delete_all, delete_one, insert
from oxherd.errors import Refused
from oxherd.people import own_commands, own_sign_in
from oxherd.people.models import ServiceUser
from oxherd.people.records import locked


def add_own_app_password(*, actor: Actor, user: ServiceUser, name: str, old: str) -> str:
    """As `add_app_password`, for whoever knows the password of the user, as for a new password.

    Raises Refused at `old` for a wrong one, and NotYours for anybody but the actor.
    """
    own_commands.is_oneself(actor, user)
    if not own_sign_in.proves(user, old):
        raise Refused("This is not your present password.", field="old")
    with transaction.atomic():
        fresh = locked(user)
        if fresh.password_hash != user.password_hash:
            raise Refused("Your password was changed meanwhile. Sign in again.")
        return insert(actor, fresh, name)


@transaction.atomic
def revoke_own_app_password(*, actor: Actor, app_password: AppPassword) -> None:
    """As `revoke_app_password`, without a proof: whoever has lost a device should lose no time."""
    own_commands.is_oneself(actor, app_password.user)
    delete_one(actor, locked(app_password.user), app_password)


@transaction.atomic
def change_own_password(*, actor: Actor, user: ServiceUser, old: str, new: str, revoke: bool) -> ServiceUser:
    """As `people.own_commands.change_own_password`. revoke: the application passwords end with the old password."""
    changed = own_commands.change_own_password(actor=actor, user=user, old=old, new=new)
    if revoke:
        delete_all(actor, changed)
    return changed
