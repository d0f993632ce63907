"""The sealer: gives committed entries their seals, apart from the transactions that write them.

A chain that is written together with the entries would make all writers wait for one another.
"""

import secrets
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone

from oxherd import sealing
from oxherd.audit.chain import Chain, ChainBroken, Head, canonical, opened
from oxherd.audit.models import AuditChain, AuditSeal, AuditUnsealed

BATCH = 2000
THE_ONE = 1
WRITE = """
INSERT INTO oxherd_auditseal (position, entry_id, entry_digest, sealed_at, previous_digest, digest)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::timestamptz[], %s::bytea[], %s::bytea[])
"""


def seal_waiting(most: int) -> int:
    """Seal committed entries that have no seal yet, so many at most; returns how many.

    Raises ChainBroken where there are seals and no key any more: a new one would hide what happened.
    """
    done = after = 0
    while done < most:
        sealed, after = _seal_batch(after, min(BATCH, most - done))
        done += sealed
        if not after:
            break
    return done


@transaction.atomic
def _seal_batch(after: int, size: int) -> tuple[int, int]:
    """How many were sealed of those with ids above `after`, and from where to go on; 0 where there are no more.

    An entry that is committed late has an id below others; it is found in the next round.
    """
    waiting = AuditUnsealed.objects.filter(entry_id__gt=after).order_by("entry_id")
    ids = list(waiting.values_list("entry_id", flat=True)[:size])
    if not ids:
        return 0, 0
    row = _held()
    chain = opened(row)
    texts = canonical(ids)  # one that was deleted before it was sealed stays in the queue, for `audit verify`
    seals = _links(chain, _end(chain), [(pk, texts[pk]) for pk in ids if pk in texts])
    if seals:
        _write(seals)
        row.sealed_head = sealing.seal(str(Head(seals[-1].position, bytes(seals[-1].digest))))
        row.save(update_fields=["sealed_head"])
    return len(seals), ids[-1]


def _held() -> AuditChain:
    """The chain's row, locked against another sealer; made at the first use."""
    row = AuditChain.objects.select_for_update().filter(pk=THE_ONE).first()
    if row is None:
        if AuditSeal.objects.exists():
            raise ChainBroken("The audit has seals, and the row with their key is gone.")
        row = AuditChain.objects.create(pk=THE_ONE, sealed_key=sealing.seal(secrets.token_hex(32)))
    return row


def _end(chain: Chain) -> Head:
    """After which seal to go on. Where the last ones are gone, as was written down: the gap stays to be seen."""
    last = AuditSeal.objects.order_by("-position").first()
    if last is None or last.position < chain.head.position:
        return chain.head
    return Head(last.position, bytes(last.digest))


def _links(chain: Chain, end: Head, entries: Sequence[tuple[int, str]]) -> list[AuditSeal]:
    now, seals = timezone.now(), []
    for entry_id, text in entries:
        seal = chain.next_seal(end, entry_id, text, at=now)
        end = Head(seal.position, bytes(seal.digest))
        seals.append(seal)
    return seals


def _write(seals: Sequence[AuditSeal]) -> None:
    names = ("position", "entry_id", "entry_digest", "sealed_at", "previous_digest", "digest")
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [[getattr(seal, name) for seal in seals] for name in names])
        ids = [seal.entry_id for seal in seals]
        cursor.execute("DELETE FROM oxherd_auditunsealed WHERE entry_id = ANY(%s)", [ids])
