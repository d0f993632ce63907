from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import of_act
from oxherd.errors import Refused
from oxherd.undo import rules
from oxherd.undo.inverses import INVERSES
from oxherd.undo.standing import Standing
from oxherd.undo.subjects import SUBJECTS


def act_of(actor: Actor, tenant_id: int, request_id: str) -> list[AuditEntry]:
    """Of what one request did to a tenant, that which has a way back; the last first."""
    return list(of_act(actor, tenant_id, request_id).filter(action__in=list(INVERSES), undoes=None))


def can_be_undone(request_id: str) -> int | None:
    """The id of the tenant to whom a request has just done something that has a way back; None where it has not."""
    entries = AuditEntry.objects.filter(request_id=request_id, action__in=list(INVERSES), undoes=None)
    entry = entries.order_by("-id").first()
    return entry.tenant_id if entry and not _photo(entry) else None


def newer(entry: AuditEntry) -> QuerySet[AuditEntry]:
    """What was done to the same object after this entry."""
    same = AuditEntry.objects.filter(subject_kind=entry.subject_kind, subject_id=entry.subject_id)
    return same.filter(pk__gt=entry.pk).order_by("pk")


def undoable(actor: Actor, entries: Sequence[AuditEntry], subject: Any, gone: Collection[int]) -> set[int]:
    """The ids of those entries that this actor could take back at this moment; as many queries for many as for few.

    entries: the newest ones about the subject, without gaps. gone: the ids of those that were taken back.
    """
    if not entries or not actor.may(SUBJECTS[entries[0].subject_kind].permission, subject):
        return set()
    standing = Standing(subject, entries)
    return {entry.pk for entry in entries if entry.pk not in gone and _can_be_undone(actor, entry, standing)}


def _can_be_undone(actor: Actor, entry: AuditEntry, standing: Standing) -> bool:
    try:
        inverse = rules.inverse_of(entry)
        rules.is_ours(actor, entry, standing.subject)
        rules.is_recent(entry, inverse)
        rules.stands(entry, inverse, standing)
    except Refused:
        return False
    return True


def _photo(entry: AuditEntry) -> bool:
    return "photo" in entry.after
