from django.conf import settings

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.policies import Policy
from oxherd.accounts.queries import policy_of
from oxherd.accounts.states import Permission
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.inputs import one_line
from oxherd.signin.queries import Factors, spots_of

LONGEST_NAME = 60
MOST_PASSKEYS = 20


def is_own(actor: Actor, administrator: Administrator) -> None:
    """Second factors, password and sessions are one's own; nobody else reaches them. Raises NotYours."""
    if actor.administrator_id != administrator.pk:
        raise NotYours("There is no such account.")


def must_have_second_factor(administrator: Administrator) -> bool:
    """Whether the installation, or one of the levels where this person has a role, demands a second factor."""
    return asks_for_second_factor(policy_of(administrator))


def asks_for_second_factor(policy: Policy) -> bool:
    return bool(settings.SECOND_FACTOR_REQUIRED) or policy.second_factor


def may_reset(actor: Actor, administrator: Administrator) -> None:
    """Whoever manages a person at one place must not reach what that person may do at another, or above."""
    spots = spots_of(administrator)
    if not any(actor.may(Permission.MANAGE_ADMINISTRATORS, spot) for spot in spots):
        raise NotYours("There is no such administrator.")
    if not all(actor.may(Permission.MANAGE_ADMINISTRATORS, spot) for spot in spots):
        raise NotAllowed(
            f"{administrator} has roles that you do not manage. Ask your provider to reset the second factor."
        )
    if actor.administrator_id == administrator.pk:
        raise Refused("Your own second factor is changed under “Your account”.")


def passkey_name(name: str) -> str:
    """The name as it is stored. Raises Refused at `name`."""
    return one_line(name, "name", most=LONGEST_NAME, missing="Give the passkey a name, so that you know it again.")


def one_more_passkey(factors: Factors) -> None:
    if len(factors.passkeys) >= MOST_PASSKEYS:
        raise Refused(f"You have {MOST_PASSKEYS} passkeys, and can have no more. Remove one first.")


def may_lose_a_factor(administrator: Administrator, factors: Factors) -> None:
    """Raise Refused where the last second factor would go and one is demanded."""
    if factors.number <= 1 and must_have_second_factor(administrator):
        raise Refused("A second factor is required for you. Add another one first, then remove this one.")
