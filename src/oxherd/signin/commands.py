"""An administrator's own account, and what others may do to it."""

from collections.abc import Sequence

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from oxherd.accounts import passwords
from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import policy_of
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.inputs import one_line
from oxherd.signin import letters, rules
from oxherd.signin.queries import sessions_of, spot_of
from oxherd.signin.states import LetterKind


@transaction.atomic
def change_name(*, actor: Actor, administrator: Administrator, name: str) -> None:
    """Raises Refused at `name`."""
    rules.is_own(actor, administrator)
    name = one_line(name, "name", missing="Enter your name.")
    before = administrator.name
    if name == before:
        return
    administrator.name = name
    administrator.save(update_fields=["name"])
    record(
        actor,
        Action.OWN_NAME,
        administrator,
        place=spot_of(administrator),
        before={"name": before},
        after={"name": name},
    )


@transaction.atomic
def change_password(*, actor: Actor, administrator: Administrator, new: str, session_key: str) -> None:
    """Set one's own password and end all other sessions. session_key: of the session that goes on.

    That the present one is known is the door's matter, which counts tries. Raises Refused at `new` (against the rules).
    """
    rules.is_own(actor, administrator)
    set_password(administrator, new, field="new")
    ended = _end([row for row in sessions_of(administrator) if row.session_key != session_key])
    letters.write(LetterKind.PASSWORD_CHANGED, administrator)
    record(actor, Action.OWN_PASSWORD, administrator, place=spot_of(administrator), after={"sessions_ended": ended})


def set_password(administrator: Administrator, password: str, *, field: str) -> None:
    """Raises Refused at `field` for a password against the rules.

    Whether it has leaked, the caller has asked before: that goes over the network.
    """
    policy = policy_of(administrator)
    passwords.is_allowed(password, email=administrator.email, name=administrator.name, policy=policy, field=field)
    administrator.set_password(password)
    administrator.save(update_fields=["password"])


@transaction.atomic
def end_session(*, actor: Actor, administrator: Administrator, pk: int) -> None:
    """End one of one's own sessions. One that has ended meanwhile is no fault."""
    rules.is_own(actor, administrator)
    ended = _end(list(sessions_of(administrator).filter(pk=pk)))
    if ended:
        record(actor, Action.SESSIONS_END, administrator, place=spot_of(administrator), after={"number": ended})


@transaction.atomic
def end_other_sessions(*, actor: Actor, administrator: Administrator, session_key: str) -> int:
    """End all of one's own sessions but the one with this key; returns how many."""
    rules.is_own(actor, administrator)
    ended = _end([row for row in sessions_of(administrator) if row.session_key != session_key])
    if ended:
        record(actor, Action.SESSIONS_END, administrator, place=spot_of(administrator), after={"number": ended})
    return ended


def end_all_sessions(administrator: Administrator) -> int:
    """End every session of an administrator, in the caller's transaction; returns how many."""
    return _end(list(UserSession.objects.filter(user=administrator)))


def _end(sessions: Sequence[UserSession]) -> int:
    keys = [session.session_key for session in sessions]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
