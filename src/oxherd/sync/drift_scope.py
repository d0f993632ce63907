"""What the comparisons of users, groups and resources share."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Any, TypeVar

from oxherd.domains.models import readable
from oxherd.drift.models import Difference
from oxherd.drift.states import DifferenceKind, ObjectKind
from oxherd.ox.interface import ContextAccess, Platform
from oxherd.people.search import name_key, search_text
from oxherd.sync.motion import Motion
from oxherd.tenants.models import Tenant

T = TypeVar("T")
Fields = dict[str, Any]
BATCH = 200


class Ids:
    """Numbers, 8 bytes each. Those that come in order cost nothing more; others wait until they are merged."""

    MOST_WAITING = 4096

    def __init__(self) -> None:
        self._ordered = array("q")
        self._waiting: set[int] = set()

    def add(self, number: int) -> None:
        if not self._ordered or self._ordered[-1] < number:
            self._ordered.append(number)
            return
        self._waiting.add(number)
        if len(self._waiting) >= self.MOST_WAITING:
            self._ordered = array("q", merge(self._ordered, sorted(self._waiting)))
            self._waiting.clear()

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        place = bisect_left(self._ordered, number)
        is_ordered = place < len(self._ordered) and self._ordered[place] == number
        return is_ordered or number in self._waiting


@dataclass(frozen=True, slots=True)
class Scope:
    """One comparison.

    users: the ids of all users of the platform, once these have been compared. claimed: those among them that stand for
    accounts of ours, which do not know it yet.
    """

    tenant: Tenant
    platform: Platform
    access: ContextAccess
    motion: Motion
    is_deep: bool
    not_kept: frozenset[str]  # fields that this release of the platform has no place for
    users: Ids = field(default_factory=Ids)
    claimed: Ids = field(default_factory=Ids)


@dataclass(frozen=True, slots=True)
class Part:
    """What came of some of the objects: nothing is kept of those that agree."""

    differences: list[Difference]
    compared: int = 0
    left_out: int = 0


def in_batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def difference(
    scope: Scope, object_kind: ObjectKind, kind: DifferenceKind, *, name: str, detail: str = "", **columns: Any
) -> Difference:
    """A difference that is not stored yet."""
    return Difference(
        object_kind=object_kind,
        kind=kind,
        name=name[:400],
        detail=detail[:400],
        sort_name=name_key(name),
        search_text=search_text(scope.tenant.pk, [name[:400], detail[:400]], []),
        **columns,
    )


def differing(wanted: Fields, held: Fields) -> list[str]:
    """The fields that the platform was asked about and holds otherwise."""
    return [name for name in held if wanted[name] != held[name]]


def shown(address: str) -> str:
    """An address of the platform as people write it, whatever may stand there."""
    try:
        return readable(address)
    except UnicodeError:
        return address
