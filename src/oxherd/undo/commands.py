"""Taking back what was done: an ordinary change by the opposite command, whose audit entry names what it took back."""

from dataclasses import replace
from itertools import groupby

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import undone
from oxherd.errors import NotYours, Refused
from oxherd.undo import rules
from oxherd.undo.handovers import give_back, is_handover
from oxherd.undo.queries import act_of, newer
from oxherd.undo.standing import Standing
from oxherd.undo.subjects import SUBJECTS
from oxherd.undo.together import TOGETHER, Undone, undo_together


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
    rules.is_ours(actor, entry, subject)
    rules.is_recent(entry, inverse)
    rules.stands(entry, inverse, Standing(subject, [entry, *newer(entry)]))
    inverse.undo(replace(actor, undoes={subject.pk: entry.pk}), subject, entry)


def undo_act(*, actor: Actor, tenant_id: int, request_id: str) -> Undone:
    """Take back all that one request did to a tenant, the last first; each on its own.

    What one click did to many at once is taken back at once, too. Raises NotYours where there is nothing of that
    request, as far as the actor sees.
    """
    outcome = Undone()
    entries = act_of(actor, tenant_id, request_id)
    if not entries:
        raise NotYours("There is nothing to undo.")
    for action, acts in groupby(entries, key=lambda entry: entry.action):
        same = list(acts)
        if len(same) > 1 and action in TOGETHER:
            undo_together(actor, same, outcome)
        elif len(same) > 1 and all(is_handover(entry) for entry in same):
            give_back(actor, same, outcome)
        else:
            for entry in same:
                _try(actor, entry, outcome)
    return outcome


def _try(actor: Actor, entry: AuditEntry, outcome: Undone) -> None:
    try:
        undo(actor=actor, entry=entry)
    except Refused as refused:
        outcome.refused.append((entry, refused))
    else:
        outcome.done.append(entry)
