"""Resources that one click gave to others are given back in a few statements for all of them."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import undone
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people.models import ServiceUser
from oxherd.resources import queries as resources
from oxherd.resources.commands import hand_over, held_all
from oxherd.undo import rules
from oxherd.undo.inverses import INVERSES
from oxherd.undo.together import Undone

MANAGER = {"manager", "manager_id"}


def is_handover(entry: AuditEntry) -> bool:
    return entry.action == Action.RESOURCE_CHANGE and {*entry.before, *entry.after} <= MANAGER


def give_back(actor: Actor, entries: Sequence[AuditEntry], outcome: Undone) -> None:
    """Take back entries of one act of which each gave a resource to another manager, but for what was changed since.

    All or none of those of which one former manager cannot take over again.
    """
    try:
        with transaction.atomic():
            done = _give_back(actor, entries)
    except Refused as refused:
        outcome.refused += [(entry, refused) for entry in entries]
        return
    kept = {entry.pk for entry in done}
    outcome.done += done
    outcome.refused += [(entry, rules.changed(entry)) for entry in entries if entry.pk not in kept]


def _give_back(actor: Actor, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    rules.is_recent(entries[0], INVERSES[Action.RESOURCE_CHANGE])
    gone = undone(entries)
    by_resource = {entry.subject_id: entry for entry in entries if entry.pk not in gone}
    held = held_all(resources.for_actor(actor).filter(pk__in=list(by_resource)))
    standing = [each for each in held if each.manager_id == by_resource[each.pk].after["manager_id"]]
    former = {each.pk: by_resource[each.pk].before["manager_id"] for each in standing}
    there = ServiceUser.objects.in_bulk([pk for pk in former.values() if pk])
    if any(pk and pk not in there for pk in former.values()):
        raise Refused("A former manager is not there any more. Choose another one.")
    undoes = {each.pk: by_resource[each.pk].pk for each in standing}
    managers = {pk: there[manager] if manager else None for pk, manager in former.items()}
    hand_over(actor=replace(actor, undoes=undoes), resources=standing, managers=managers)
    return [by_resource[each.pk] for each in standing]
