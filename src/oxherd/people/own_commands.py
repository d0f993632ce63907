"""What service users do by themselves once they have signed in: to nobody but themselves."""

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import NotYours, Refused
from oxherd.people import own_sign_in, passwords
from oxherd.people.models import ServiceUser
from oxherd.people.photos import make_photo
from oxherd.people.records import locked, write_password, write_photo
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


def change_own_password(*, actor: Actor, user: ServiceUser, old: str, new: str) -> ServiceUser:
    """Set another password, as `change_password` does. Returns the user as he or she is now.

    Raises Refused at `old` for a wrong one, at `new` for a weak one; NotYours for anybody but the actor.
    """
    is_oneself(actor, user)
    is_ours(user.tenant, actor, Mastered.PASSWORDS)
    if not own_sign_in.proves(user, old):
        raise Refused("This is not your present password.", field="old")
    passwords.is_good_enough(new, about=(user.display_name, user.login), field="new")
    if new == old:
        raise Refused("This is your present password. Choose another one.", field="new")
    password_hash = passwords.hashed(new)
    with transaction.atomic():
        fresh = locked(user)
        if fresh.password_hash != user.password_hash:
            raise Refused("Your password was changed meanwhile. Sign in again.")
        write_password(actor, fresh, new, password_hash)
    return fresh


def change_own_photo(*, actor: Actor, user: ServiceUser, photo: bytes | None) -> None:
    """Set or take away the own photo, as `change_photo` does. Raises Refused at `photo`, NotYours as above."""
    is_oneself(actor, user)
    jpeg = make_photo(photo) if photo is not None else None
    with transaction.atomic():
        write_photo(actor, locked(user), jpeg)


def note_sign_in(*, actor: Actor, user: ServiceUser) -> None:
    """Write down, where the customer's administrators see it, that the user has signed in."""
    record(actor, Action.USER_SIGN_IN, user, place=user)


@transaction.atomic
def note_failed_sign_in(*, user: ServiceUser | None, request_id: str, ip_address: str | None) -> None:
    """Write down that somebody gave this user's login and a wrong password.

    None: whoever was meant cannot sign in. The same is written then, and taken back: it takes as long.
    """
    name = f"Somebody as {user}" if user else "Somebody"
    actor = Actor(name, Door.SELF_SERVICE, request_id=request_id, ip_address=ip_address)
    record(actor, Action.USER_SIGN_IN_FAILED, user, place=user)
    if user is None:
        transaction.set_rollback(True)


def is_oneself(actor: Actor, user: ServiceUser) -> None:
    """Raise NotYours for anybody else, and for who may not be here any more."""
    if actor.service_user_id != user.pk or own_sign_in.of_id(user.pk) is None:
        raise NotYours("There is no such user.")
