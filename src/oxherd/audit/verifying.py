"""Walks the chain of seals, in constant memory, and tells which rows are not as they were sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import connection
from django.db.models import Min, TextChoices

from oxherd.audit.chain import Chain, ChainBroken, Head, canonical, opened
from oxherd.audit.models import AuditChain, AuditEntry, AuditSeal, AuditUnsealed

BATCH = 2000
MOST_SUSPECTS = 500
# An entry is written with the time of the web server, and sealed with that of a worker.
CLOCKS_DIFFER = timedelta(minutes=5)
# Entries without a seal that do not wait for one either, and how far the look went.
STRANGERS = """
WITH part AS (SELECT id FROM oxherd_auditentry WHERE id > %s ORDER BY id LIMIT %s)
SELECT max(part.id),
       array_agg(part.id ORDER BY part.id) FILTER (WHERE seal.entry_id IS NULL AND waiting.entry_id IS NULL)
  FROM part LEFT JOIN oxherd_auditseal seal ON seal.entry_id = part.id
            LEFT JOIN oxherd_auditunsealed waiting ON waiting.entry_id = part.id
"""
VANISHED = """
SELECT waiting.entry_id
  FROM oxherd_auditunsealed waiting LEFT JOIN oxherd_auditentry entry ON entry.id = waiting.entry_id
 WHERE entry.id IS NULL ORDER BY 1
"""


class Kind(TextChoices):
    ALTERED = "altered", "was altered after it was sealed"
    DELETED = "deleted", "was deleted"
    INSERTED = "inserted", "has no seal and waits for none: it was inserted by hand, or its seal was deleted"
    SEAL_ALTERED = "seal_altered", "was altered"
    SEAL_MOVED = "seal_moved", "stands in another place than it was made for"
    SEAL_DELETED = "seal_deleted", "was deleted"
    BROKEN = "broken", "does not go on from the seal before it"
    END_MISSING = "end_missing", "is not where the chain ended when that was noted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. name: what an entry says now, or for seals which ones."""

    kind: Kind
    entry_id: int | None = None
    position: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.kind in {Kind.ALTERED, Kind.DELETED, Kind.INSERTED}:
            seal = f", sealed at position {self.position}," if self.position else ""
            return f"Entry {self.entry_id}{seal} {self.kind.label}{f': {self.name}' if self.name else '.'}"
        of = f" of entry {self.entry_id}" if self.entry_id else ""
        return f"The seal at position {self.name or self.position}{of} {self.kind.label}."


class Verification:
    """One walk over the audit. After `findings` is through, the other attributes tell how far it went.

    since: only seals made from then on are looked at. noted: an end of the chain that was kept elsewhere.
    """

    def __init__(self, *, since: datetime | None = None, noted: Head | None = None) -> None:
        self.since, self.noted = since, noted
        self.checked = 0
        self.wrong = 0
        self.waiting = 0
        self.head = Head()
        self._chain: Chain | None = None
        self._sound = True  # whether the seal before can be relied on
        self._suspects: list[AuditSeal] = []

    def findings(self) -> Iterator[Finding]:
        """What is wrong, one by one. Raises ChainBroken, or SealBroken, where the key cannot be had."""
        row = AuditChain.objects.first()
        if row is None and AuditSeal.objects.exists():
            raise ChainBroken("The audit has seals, and the row with their key is gone.")
        self._chain = opened(row) if row else None
        for finding in self._all():
            self.wrong += 1
            yield finding
        self.waiting = AuditUnsealed.objects.count()

    def _all(self) -> Iterator[Finding]:
        if self._chain:
            yield from self._seals(self._chain)
        yield from self._strangers()

    def _seals(self, chain: Chain) -> Iterator[Finding]:
        self.head = self._start()
        while seals := list(AuditSeal.objects.filter(position__gt=self.head.position).order_by("position")[:BATCH]):
            texts = canonical(seal.entry_id for seal in seals)
            for seal in seals:
                yield from self._link(chain, seal)
                yield from self._entry(chain, seal, texts.get(seal.entry_id))
                self.head = Head(seal.position, bytes(seal.digest))
                self.checked += 1
        yield from self._suspected(chain)
        if chain.head.position > self.head.position:
            yield _gone(self.head.position + 1, chain.head.position)
        else:
            yield from _is_there(chain.head, self.head)
        yield from _is_there(self.noted or Head(), self.head)

    def _start(self) -> Head:
        """The seal before the first that is looked at, which is believed."""
        if self.since is None:
            return Head()
        recent = AuditSeal.objects.filter(sealed_at__gte=self.since - CLOCKS_DIFFER)
        first = recent.aggregate(first=Min("position"))["first"]
        rows = AuditSeal.objects.order_by("-position")
        before = (rows.filter(position__lt=first) if first else rows).first()
        return Head(before.position, bytes(before.digest)) if before else Head()

    def _link(self, chain: Chain, seal: AuditSeal) -> Iterator[Finding]:
        follows, sound = seal.position == self.head.position + 1, self._sound
        if not follows:
            yield _gone(self.head.position + 1, seal.position - 1)
        self._sound = compare_digest(chain.digest(seal), bytes(seal.digest))
        if not self._sound and len(self._suspects) < MOST_SUSPECTS:
            self._suspects.append(seal)
        elif not self._sound:
            yield Finding(Kind.SEAL_ALTERED, seal.entry_id, seal.position)
        elif follows and sound and bytes(seal.previous_digest) != self.head.digest:
            yield Finding(Kind.BROKEN, seal.entry_id, seal.position)

    def _entry(self, chain: Chain, seal: AuditSeal, text: str | None) -> Iterator[Finding]:
        if text is None:
            yield Finding(Kind.DELETED, seal.entry_id, seal.position)
        elif self._sound and not compare_digest(chain.entry_digest(text), bytes(seal.entry_digest)):
            yield Finding(Kind.ALTERED, seal.entry_id, seal.position, _name(seal.entry_id))

    def _suspected(self, chain: Chain) -> Iterator[Finding]:
        """Seals that do not hold where they stand: do they at the place of another one?"""
        places = [seal.position for seal in self._suspects]
        for seal in self._suspects:
            digest = bytes(seal.digest)
            moved = any(chain.digest(seal, position=place) == digest for place in places if place != seal.position)
            yield Finding(Kind.SEAL_MOVED if moved else Kind.SEAL_ALTERED, seal.entry_id, seal.position)

    def _strangers(self) -> Iterator[Finding]:
        after: int | None = -(2**63)
        with connection.cursor() as cursor:
            while after is not None:
                cursor.execute(STRANGERS, [after, BATCH * 10])
                after, strangers = cursor.fetchone() or (None, None)
                for pk in strangers or []:
                    yield Finding(Kind.INSERTED, pk, name=_name(pk))
            cursor.execute(VANISHED)
            for (pk,) in cursor.fetchall():
                yield Finding(Kind.DELETED, pk)


def _gone(first: int, last: int) -> Finding:
    return Finding(Kind.SEAL_DELETED, position=first, name="" if first == last else f"{first:,} to {last:,}")


def _is_there(noted: Head, walked: Head) -> Iterator[Finding]:
    """Whether the chain still goes through this point."""
    if not noted.position or noted == walked:
        return
    there = AuditSeal.objects.filter(position=noted.position).values_list("digest", flat=True).first()
    if bytes(there) != noted.digest if there is not None else noted.position > walked.position:
        yield Finding(Kind.END_MISSING, position=noted.position)


def _name(pk: int) -> str:
    """What an entry says now, which may be a lie."""
    entry = AuditEntry.objects.filter(pk=pk).first()
    return f"{entry.what}, {entry.subject_name}, by {entry.actor} at {entry.at:%Y-%m-%d %H:%M:%S} UTC" if entry else ""
