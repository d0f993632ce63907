"""What was recently removed from a tenant: users, groups, resources, forwarders and domains in one list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from oxherd import keyset
from oxherd.accounts.actor import Actor
from oxherd.provisioning.states import Presence
from oxherd.removals.kinds import KINDS, Kind
from oxherd.tenants.models import Tenant

# Rows of one moment stand in the order of this number, made of id and kind, so that no page leaves one out.
SPREAD = 8
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Removed:
    kind: Kind
    row: Any

    def __str__(self) -> str:
        return str(self.row)

    @property
    def item(self) -> str:
        """What names it in a form, such as "user:7"."""
        return f"{self.kind.word}:{self.row.pk}"

    @property
    def key(self) -> Key:
        return self.row.removed_at, self.row.pk * SPREAD + self.kind.number

    @property
    def days_left(self) -> int:
        """Full or begun days until it is deleted for good; 0 when that is due."""
        end: datetime = self.row.removed_at + timedelta(days=settings.KEEP_REMOVED_DAYS)
        return max(ceil((end - timezone.now()).total_seconds() / 86_400), 0)


def page(
    actor: Actor, tenant: Tenant, kinds: Iterable[Kind], *, after: Key | None, backwards: bool, size: int
) -> tuple[list[Removed], bool]:
    """One page, the last removed first, and whether there are more in the same direction; one query of each kind."""
    found = [
        Removed(kind, row)
        for kind in kinds
        for row in _some(_rows(actor, tenant, kind), kind, after, size, backwards=backwards)
    ]
    found.sort(key=lambda removed: removed.key, reverse=not backwards)
    shown = found[:size]
    return (shown[::-1] if backwards else shown), len(found) > size


def counted(actor: Actor, tenant: Tenant, kinds: Iterable[Kind], most: int = 1000) -> tuple[int, bool]:
    """How many there are, and whether the count stopped at `most`."""
    numbers = [keyset.counted(_rows(actor, tenant, kind), most) for kind in kinds]
    total = sum(number for number, _ in numbers)
    return min(total, most), total > most or any(stopped for _, stopped in numbers)


def some(actor: Actor, tenant: Tenant, items: Sequence[str]) -> list[Removed]:
    """The removed ones that forms name, in the forms' order; what is not there, or out of sight, is left out."""
    wanted: dict[str, list[int]] = {}
    for item in items:
        word, _, pk = item.partition(":")
        if word in KINDS and pk.isdecimal() and len(pk) < 19:  # noqa: PLR2004 - bigint
            wanted.setdefault(word, []).append(int(pk))
    found = {
        (kind := KINDS[word], row.pk): Removed(kind, row)
        for word, pks in wanted.items()
        for row in _shown(KINDS[word], _rows(actor, tenant, KINDS[word]).filter(pk__in=pks))
    }
    return [found[KINDS[word], pk] for word, pks in wanted.items() for pk in pks if (KINDS[word], pk) in found]


def _some(rows: QuerySet[Any], kind: Kind, after: Key | None, size: int, *, backwards: bool) -> list[Any]:
    if after:
        at, number = after
        # Of the same moment those whose number is beyond: id * SPREAD + kind, compared without leaving the index.
        if backwards:
            rows = rows.filter(Q(removed_at__gt=at) | Q(removed_at=at, pk__gt=(number - kind.number) // SPREAD))
        else:
            rows = rows.filter(Q(removed_at__lt=at) | Q(removed_at=at, pk__lte=(number - kind.number - 1) // SPREAD))
    order = ("removed_at", "pk") if backwards else ("-removed_at", "-pk")
    return list(_shown(kind, rows).order_by(*order)[: size + 1])


def _rows(actor: Actor, tenant: Tenant, kind: Kind) -> QuerySet[Any]:
    return kind.seen(actor).filter(tenant=tenant, presence=Presence.REMOVED)


def _shown(kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.select_related(*kind.shown)
    heavy = {field.name for field in kind.model._meta.get_fields()} & {"search", "search_text"}  # noqa: SLF001 - Django's documented interface
    return rows.defer(*heavy)
