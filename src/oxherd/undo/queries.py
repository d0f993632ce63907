from collections.abc import Iterable, Sequence
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import of_act, undone
from oxherd.errors import Refused
from oxherd.undo import rules
from oxherd.undo.inverses import INVERSES
from oxherd.undo.subjects import SUBJECTS


def act_of(actor: Actor, tenant_id: int, request_id: str) -> list[AuditEntry]:
    """Of what one request did to a tenant, that which has a way back; the last first."""
    return list(of_act(actor, tenant_id, request_id).filter(action__in=list(INVERSES), undoes=None))


def can_be_undone(request_id: str) -> int | None:
    """The id of the tenant to whom a request has just done something that has a way back; None where it has not."""
    entries = AuditEntry.objects.filter(request_id=request_id, action__in=list(INVERSES), undoes=None)
    entry = entries.order_by("-id").first()
    return entry.tenant_id if entry and not _photo(entry) else None


def undoable(actor: Actor, entries: Sequence[AuditEntry], subject: Any) -> set[int]:
    """The ids of those entries about one subject that this actor could take back at this moment."""
    if not entries or not actor.may(SUBJECTS[entries[0].subject_kind].permission, subject):
        return set()
    gone = undone(entries)
    return {entry.pk for entry in _standing(entries, subject) if entry.pk not in gone}


def _standing(entries: Iterable[AuditEntry], subject: Any) -> Iterable[AuditEntry]:
    for entry in entries:
        try:
            inverse = rules.inverse_of(entry)
            rules.is_recent(entry, inverse)
            rules.stands(entry, inverse, subject)
        except Refused:
            continue
        yield entry


def _photo(entry: AuditEntry) -> bool:
    return "photo" in entry.after
