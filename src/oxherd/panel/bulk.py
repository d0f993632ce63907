"""One act on many objects: each on its own, so that one that cannot does not stop the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest

from oxherd.errors import Refused
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence

MOST_NAMED = 5
Row = TypeVar("Row")


@dataclass(slots=True)
class Outcome:
    done: list[Any] = field(default_factory=list)
    refused: list[tuple[Any, str]] = field(default_factory=list)


def act(objects: Iterable[Row], verb: Callable[[Row], object]) -> Outcome:
    """Call `verb` for each object, and note which was refused and why."""
    outcome = Outcome()
    for each in objects:
        try:
            verb(each)
        except Refused as refused:
            outcome.refused.append((each, refused.sentence))
        else:
            outcome.done.append(each)
    return outcome


def tell(request: HttpRequest, outcome: Outcome, done: str, words: str = "users") -> None:
    """Say on the next page how many were done, and which was refused and why.

    done: such as "OX is being disabled". words: what several of them are called.
    """
    if outcome.done:
        messages.success(request, f"{done} for {named(outcome.done, words)}.")
    tell_refused(request, outcome)


def tell_deleted(request: HttpRequest, outcome: Outcome, words: str = "users") -> None:
    """As `tell`, of what can be restored for some days."""
    if outcome.done:
        were = "was" if len(outcome.done) == 1 else "were"
        messages.success(request, f"{named(outcome.done, words)} {were} deleted.")
    tell_refused(request, outcome)


def tell_refused(request: HttpRequest, outcome: Outcome) -> None:
    for each, sentence in outcome.refused[:MOST_NAMED]:
        messages.error(request, f"{each}: {sentence}")
    if len(outcome.refused) > MOST_NAMED:
        messages.error(request, f"{len(outcome.refused) - MOST_NAMED} more were refused.")


def named(objects: Sequence[Any], words: str = "users") -> str:
    """The one by name, several by their number."""
    return str(objects[0]) if len(objects) == 1 else f"{len(objects)} {words}"


def has_ox(user: ServiceUser) -> bool:
    """Whether OX is enabled; an account that is still leaving does not count."""
    account = getattr(user, "account", None)
    return account is not None and account.presence == Presence.PRESENT


def chosen(values: Iterable[str]) -> list[int]:
    """The ids of ticked rows, without what is no number."""
    return [int(value) for value in dict.fromkeys(values) if value.isdecimal() and len(value) < 19]  # noqa: PLR2004 - bigint
