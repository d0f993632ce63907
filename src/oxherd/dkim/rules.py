from collections.abc import Collection, Iterator
from datetime import date
from itertools import count, product
from string import ascii_lowercase

from django.utils import timezone

from oxherd.dkim.models import DkimKey
from oxherd.dkim.records import is_published
from oxherd.dkim.states import KEPT_IN_DNS, KeyState
from oxherd.domains.models import Domain
from oxherd.errors import Refused


def next_selector(used: Collection[str], today: date) -> str:
    """The first selector of the month that was not used yet: ox202611a, ox202611b, ..., ox202611z, ox202611aa, ..."""
    return next(name for name in _selectors(f"ox{today:%Y%m}") if name not in used)


def _selectors(month: str) -> Iterator[str]:
    for length in count(1):
        yield from (month + "".join(letters) for letters in product(ascii_lowercase, repeat=length))


def takes_keys(domain: Domain) -> None:
    if not domain.tenant.brand.carries_mail:
        raise Refused(f"Mail of {domain} is not carried here, so it is not signed here either.")
    if not domain.is_verified:
        raise Refused(f"{domain} is not verified yet. Prove that it is yours first: then its mail is signed.")


def no_key_waits(domain: Domain) -> None:
    waiting = domain.dkim_keys.filter(state=KeyState.WAITING).first()
    if waiting is not None:
        raise Refused(
            f"The key {waiting} is waiting already. Set its record in the DNS of {domain}, or remove the key."
        )


def can_sign(key: DkimKey, domain: Domain) -> None:
    """Nothing is signed by a key that others cannot look up."""
    if key.state == KeyState.RETIRED:
        raise Refused(f"The key {key} has been retired. Make a new one.")
    if not is_published(key, domain):
        raise Refused(f"The record of the key {key} was not found in the DNS. Set it, and press Check again.")


def can_be_removed(key: DkimKey) -> None:
    """Neither one that signs, nor one that others may still look up for mail on its way."""
    if key.state == KeyState.ACTIVE:
        raise Refused(f"The key {key} signs mail. Rotate it, or stop signing.")
    if key.retired_at and timezone.now() < key.retired_at + KEPT_IN_DNS:
        raise Refused(f"Mail that the key {key} has signed may still be on its way. It goes by itself.")
