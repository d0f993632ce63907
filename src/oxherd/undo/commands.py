"""Taking back what was done: an ordinary change by the opposite command, whose audit entry names what it took back."""

from dataclasses import dataclass, field, replace

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import undone
from oxherd.errors import NotYours, Refused
from oxherd.undo import rules
from oxherd.undo.queries import act_of
from oxherd.undo.subjects import SUBJECTS


@dataclass(slots=True)
class Undone:
    """done: the entries that were taken back. refused: those that stay, each with what stands in the way."""

    done: list[AuditEntry] = field(default_factory=list)
    refused: list[tuple[AuditEntry, Refused]] = field(default_factory=list)


@transaction.atomic
def undo(*, actor: Actor, entry: AuditEntry) -> None:
    """Take back exactly what this entry says, and nothing that was done since.

    Raises Refused for what cannot be undone, was undone, is too old, or was changed since; and as the opposite command
    does, at its fields, where others have taken what was freed.
    """
    inverse = rules.inverse_of(entry)
    kind = SUBJECTS[entry.subject_kind]
    subject = kind.rows(actor).filter(pk=entry.subject_id).first()
    if subject is None:
        raise NotYours("There is nothing left of which this could be undone.")
    actor.require(kind.permission, subject)
    subject = kind.hold(subject)
    if entry.pk in undone([entry]):
        raise Refused(f"{entry.subject_name}: this was undone already.")
    rules.is_recent(entry, inverse)
    rules.stands(entry, inverse, subject)
    inverse.undo(replace(actor, undoes=entry.pk), subject, entry)


def undo_act(*, actor: Actor, tenant_id: int, request_id: str) -> Undone:
    """Take back all that one request did to a tenant, the last first; each on its own.

    Raises NotYours where there is nothing of that request, as far as the actor sees.
    """
    outcome = Undone()
    for entry in act_of(actor, tenant_id, request_id):
        try:
            undo(actor=actor, entry=entry)
        except Refused as refused:
            outcome.refused.append((entry, refused))
        else:
            outcome.done.append(entry)
    if not outcome.done and not outcome.refused:
        raise NotYours("There is nothing to undo.")
    return outcome
