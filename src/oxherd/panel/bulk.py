"""One act on many users: each on its own, so that one who cannot does not stop the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest

from oxherd.errors import Refused
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence

MOST_NAMED = 5


@dataclass(slots=True)
class Outcome:
    done: list[ServiceUser] = field(default_factory=list)
    refused: list[tuple[ServiceUser, str]] = field(default_factory=list)


def act(users: Iterable[ServiceUser], verb: Callable[[ServiceUser], object]) -> Outcome:
    """Call `verb` for each user, and note who was refused and why."""
    outcome = Outcome()
    for user in users:
        try:
            verb(user)
        except Refused as refused:
            outcome.refused.append((user, refused.sentence))
        else:
            outcome.done.append(user)
    return outcome


def tell(request: HttpRequest, outcome: Outcome, done: str) -> None:
    """Say on the next page how many were done, and who was refused and why. done: such as "OX is being disabled"."""
    if outcome.done:
        messages.success(request, f"{done} for {named(outcome.done)}.")
    for user, sentence in outcome.refused[:MOST_NAMED]:
        messages.error(request, f"{user}: {sentence}")
    if len(outcome.refused) > MOST_NAMED:
        messages.error(request, f"{len(outcome.refused) - MOST_NAMED} more were refused.")


def named(users: Sequence[ServiceUser]) -> str:
    """The one by name, several by their number."""
    return str(users[0]) if len(users) == 1 else f"{len(users)} users"


def has_ox(user: ServiceUser) -> bool:
    """Whether OX is enabled; an account that is still leaving does not count."""
    account = getattr(user, "account", None)
    return account is not None and account.presence == Presence.PRESENT


def chosen(values: Iterable[str]) -> list[int]:
    """The ids of ticked rows, without what is no number."""
    return [int(value) for value in dict.fromkeys(values) if value.isdecimal() and len(value) < 19]  # noqa: PLR2004 - bigint
