"""What the page of a domain says of its DKIM keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from oxherd.dkim.models import DkimKey
from oxherd.dkim.records import state_of
from oxherd.dkim.states import KEPT_IN_DNS, KeyState
from oxherd.domains.models import Domain
from oxherd.domains.records import RecordState

LOST = {RecordState.MISSING, RecordState.OTHER}


@dataclass(frozen=True, slots=True)
class Row:
    """since: it is in its state. is_lost: it signs, and its record is not there. until: a retired one is needed."""

    key: DkimKey
    since: datetime | None
    is_lost: bool
    until: datetime | None

    @property
    def is_over(self) -> bool:
        """Nobody needs the record of this retired key any more."""
        return self.until is not None and self.until <= timezone.now()


@dataclass(frozen=True, slots=True)
class Card:
    """active, waiting: one of the rows each."""

    rows: tuple[Row, ...]
    active: DkimKey | None
    waiting: DkimKey | None


def card(domain: Domain, keys: Sequence[DkimKey]) -> Card | None:
    """None where mail of the domain is not signed here."""
    if not (domain.is_verified and domain.tenant.brand.carries_mail):
        return None
    in_state = {key.state: key for key in keys}
    rows = tuple(_row(key, domain) for key in keys)
    return Card(rows, in_state.get(KeyState.ACTIVE), in_state.get(KeyState.WAITING))


def _row(key: DkimKey, domain: Domain) -> Row:
    is_lost = key.state == KeyState.ACTIVE and state_of(key, domain) in LOST
    until = key.retired_at + KEPT_IN_DNS if key.retired_at else None
    return Row(key, key.retired_at or key.activated_at or key.created_at, is_lost, until)
