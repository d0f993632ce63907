"""What is asked of those who sign in: the strictest of what provider, brand and tenant say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from oxherd.accounts.states import SecondFactor

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one person.

    idle: a session ends so long after the last request. session: and so long after the sign-in in any case.
    shortest_password: in characters. checks_breaches: whether a service for leaked passwords is asked, where one is
    configured.
    """

    second_factor: bool = False
    idle: timedelta = timedelta(hours=4)
    session: timedelta = timedelta(hours=24)
    shortest_password: int = 10
    checks_breaches: bool = True


USUAL = Policy()


def strictest(roles: Iterable[tuple[str, Sequence[Said]]]) -> Policy:
    """The strictest over all roles of a person. roles: each with what the policies on its way up say."""
    held = [_of_role(role, said) for role, said in roles]
    if not held:
        return USUAL
    return Policy(
        second_factor=any(policy.second_factor for policy in held),
        idle=min(policy.idle for policy in held),
        session=min(policy.session for policy in held),
        shortest_password=max(policy.shortest_password for policy in held),
        checks_breaches=any(policy.checks_breaches for policy in held),
    )


def _of_role(role: str, said: Sequence[Said]) -> Policy:
    """The provider may say less or more than is usual; the levels below may only ask for more."""
    usual = next((each for each in said if each["at_provider"]), {})
    below = [each for each in said if not each["at_provider"]]
    return Policy(
        second_factor=any(_asks_for_a_second_factor(each, role) for each in said),
        idle=min([_minutes(usual) or USUAL.idle, *filter(None, map(_minutes, below))]),
        session=min([_hours(usual) or USUAL.session, *filter(None, map(_hours, below))]),
        shortest_password=max(
            [usual.get("shortest_password") or USUAL.shortest_password, *(_length(each) for each in below)]
        ),
        checks_breaches=usual.get("checks_breaches") is not False or any(each["checks_breaches"] for each in below),
    )


def _asks_for_a_second_factor(said: Said, role: str) -> bool:
    asked = said["second_factor"]
    return bool(asked == SecondFactor.ALL or (asked == SecondFactor.SOME and role in said["second_factor_roles"]))


def _minutes(said: Said) -> timedelta | None:
    number = said.get("idle_minutes")
    return timedelta(minutes=number) if number else None


def _hours(said: Said) -> timedelta | None:
    number = said.get("session_hours")
    return timedelta(hours=number) if number else None


def _length(said: Said) -> int:
    return int(said["shortest_password"] or 0)
