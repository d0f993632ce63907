"""The verbs of application passwords. What a removed or disabled user has is kept, and does not work meanwhile."""

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.app_passwords.models import AppPassword
from oxherd.app_passwords.records import delete_all, delete_one, insert
from oxherd.people import commands as people
from oxherd.people.models import ServiceUser
from oxherd.people.records import locked


@transaction.atomic
def add_app_password(*, actor: Actor, user: ServiceUser, name: str) -> str:
    """Make a password for one program or device. Returns it in clear: it is known to nobody afterwards.

    It works exactly as it is returned, with its hyphens. Raises Refused at `name` for one that will not do or is there
    already, and for a user without a mailbox of ours, or with too many.
    """
    actor.require(Permission.SET_PASSWORD, user)
    return insert(actor, locked(user), name)


@transaction.atomic
def revoke_app_password(*, actor: Actor, app_password: AppPassword) -> None:
    """Delete it: it opens nothing from the next sign-in on. One that is gone already changes nothing."""
    user = app_password.user
    actor.require(Permission.SET_PASSWORD, user)
    delete_one(actor, locked(user), app_password)


@transaction.atomic
def revoke_all(*, actor: Actor, user: ServiceUser) -> None:
    """Delete all that the user has; there may be none."""
    actor.require(Permission.SET_PASSWORD, user)
    delete_all(actor, locked(user))


@transaction.atomic
def change_password(*, actor: Actor, user: ServiceUser, password: str, revoke: bool) -> None:
    """As `people.commands.change_password`. revoke: the application passwords end with the old password."""
    people.change_password(actor=actor, user=user, password=password)
    if revoke:
        revoke_all(actor=actor, user=user)
