"""The DNS records of keys: what is expected, and whether it was found."""

from collections.abc import Iterable

from oxherd.dkim.models import DkimKey
from oxherd.dkim.states import KeyState
from oxherd.domains.models import Domain
from oxherd.domains.records import KEY, Record, RecordState, compare

TOLD = {
    KeyState.WAITING: "Signs mail as soon as this record is found",
    KeyState.ACTIVE: "Signs mail, so that others can check it",
}


def records_of(domain: Domain, keys: Iterable[DkimKey]) -> list[Record]:
    """Those that the DNS should hold now, that of the key that signs first."""
    wanted = sorted((key for key in keys if key.state in TOLD), key=lambda key: key.state)
    return [record_of(key, domain) for key in wanted]


def record_of(key: DkimKey, domain: Domain) -> Record:
    """The record of a key (RFC 6376, 3.6.1)."""
    name = f"{key.selector}._domainkey.{domain.name}"
    told = TOLD.get(KeyState(key.state), "")
    return Record(f"{KEY}:{key.selector}", name, "TXT", (f"v=DKIM1; k=rsa; p={key.public_key}",), told=told)


def state_of(key: DkimKey, domain: Domain) -> RecordState:
    """What the last look at the DNS said of a key's record."""
    return compare(record_of(key, domain), domain).state


def is_published(key: DkimKey, domain: Domain) -> bool:
    return state_of(key, domain) == RecordState.OK
