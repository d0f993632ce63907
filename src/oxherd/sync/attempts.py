"""The user that a broken-off job of an account has left on the platform.

Its mark tells, where the platform keeps one. Elsewhere it is written down before how the user is to look: who looks
like that, and stands for no other account of ours, is what became of it. Any other of this name is a stranger's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from oxherd.errors import PlatformMisconfigured, PlatformRefused
from oxherd.ox.interface import FoundUser
from oxherd.people.models import OxAccount
from oxherd.sync.account_rows import AccountNow
from oxherd.sync.ahead import written_ahead

NAMES = ("name", "display_name", "given_name", "surname")
Look = dict[str, str]


@contextmanager
def attempt(now: AccountNow, wanted: dict[str, Any]) -> Iterator[None]:
    """Around the call that makes a user: what a crash must not forget is on the disk before it.

    A refusal means that nothing was made, so what was noted for it goes again: else a later look could take a stranger,
    who made the platform refuse it, for ours.
    """
    before, look = now.attempts, _look(wanted["primary_address"], **{name: wanted[name] for name in NAMES})
    if now.platform.marks_users or look in before:
        yield
        return
    with written_ahead():
        _note(now, [*before, look])
    try:
        yield
    except (PlatformRefused, PlatformMisconfigured):
        _note(now, before)
        raise


def left_behind(now: AccountNow, names: list[str]) -> FoundUser | None:
    """The user that a broken-off job of this very account made: under one of these names, or by one of its attempts."""
    for name in dict.fromkeys([*names, *(each["name"] for each in now.attempts)]):
        found = now.platform.find_user(now.access, name=name)
        if found and (found.marker == now.marker or _was_attempted(now, found)):
            return found
    return None


def is_attempt(now: AccountNow, found: FoundUser) -> bool:
    """Whether the account was about to make a user of this look."""
    return _look(found.primary_address, **{name: getattr(found, name) for name in NAMES}) in now.attempts


def _look(address: str, **names: str) -> Look:
    return {**names, "primary_address": address.lower()}


def _was_attempted(now: AccountNow, found: FoundUser) -> bool:
    others = OxAccount.objects.filter(tenant=now.tenant_id, ox_id=found.ox_id).exclude(pk=now.id)
    return is_attempt(now, found) and not others.exists()


def _note(now: AccountNow, attempts: list[Look]) -> None:
    OxAccount.objects.filter(pk=now.id).update(attempts=attempts)
    now.attempts = attempts
