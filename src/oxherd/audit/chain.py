"""What the seals of the audit are made of. Every entry has one, and each seal vouches for the one before.

The key is not in the database in clear: who can write to the database and nothing else cannot make a seal that holds.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from oxherd import sealing
from oxherd.audit.models import AuditChain, AuditSeal
from oxherd.errors import OxherdError

EMPTY: tuple[Any, ...] = (None, "", {})
ROWS = "SELECT id, to_jsonb(entry)::text FROM oxherd_auditentry entry WHERE id = ANY(%s)"


class ChainBroken(OxherdError):
    """The chain's own row is gone, or cannot be opened: nothing can be said of the seals."""

    code = "chain_broken"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends."""

    position: int = 0
    digest: bytes = b""

    def __str__(self) -> str:
        return f"{self.position}:{self.digest.hex()}"


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain's key, and its end as it was written down sealed."""

    key: bytes
    head: Head

    def entry_digest(self, canonical: str) -> bytes:
        return hmac.digest(self.key, b"entry\0" + canonical.encode(), "sha256")

    def digest(self, seal: AuditSeal, *, position: int | None = None) -> bytes:
        """What the digest of a seal must be. position: as if it stood there."""
        at = seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        text = f"seal\0{position or seal.position}\0{seal.entry_id}\0{at}\0".encode()
        return hmac.digest(self.key, text + bytes(seal.entry_digest) + bytes(seal.previous_digest), "sha256")

    def next_seal(self, after: Head, entry_id: int, canonical: str, *, at: datetime) -> AuditSeal:
        seal = AuditSeal(
            position=after.position + 1,
            entry_id=entry_id,
            entry_digest=self.entry_digest(canonical),
            sealed_at=at,
            previous_digest=after.digest,
        )
        seal.digest = self.digest(seal)
        return seal


def opened(row: AuditChain) -> Chain:
    """Raises SealBroken where the encryption key is not the one, and ChainBroken where the row holds nonsense."""
    key, head = sealing.unseal(row.sealed_key), sealing.unseal(row.sealed_head)
    try:
        return Chain(bytes.fromhex(key), head_from(head) if head else Head())
    except ValueError:
        raise ChainBroken("The row with the key of the audit's seals has been altered.") from None


def head_from(text: str) -> Head:
    """Of what `str(head)` gave. Raises ValueError for anything else."""
    position, _, digest = text.strip().partition(":")
    return Head(int(position), bytes.fromhex(digest))


def canonical(entry_ids: Iterable[int]) -> Mapping[int, str]:
    """Entries in the form of which digests are made; those that are gone are left out."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [list(entry_ids)])
        return {pk: _form(row) for pk, row in cursor.fetchall()}


def _form(row: str) -> str:
    """All columns, in one form. What is null or empty is left out, so that a later release may add columns."""
    columns: dict[str, Any] = json.loads(row, parse_float=str)
    columns.pop("search", None)  # the database makes it of another column, and nobody can write it
    columns["at"] = datetime.fromisoformat(columns["at"]).astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps({name: value for name, value in columns.items() if value not in EMPTY}, sort_keys=True)
