"""What one click did to many users is taken back in a few statements for all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import undone
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people import ox_commands
from oxherd.people import queries as people
from oxherd.people.bulk_commands import disable_ox_of_all, keep_ox_of_all
from oxherd.people.bulk_records import aliases_of, held_all, require_all
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.undo import rules
from oxherd.undo.inverses import INVERSES

Pairs = list[tuple[AuditEntry, ServiceUser]]


@dataclass(slots=True)
class Undone:
    """done: the entries that were taken back. refused: those that stay, each with what stands in the way."""

    done: list[AuditEntry] = field(default_factory=list)
    refused: list[tuple[AuditEntry, Refused]] = field(default_factory=list)


def undo_together(actor: Actor, entries: Sequence[AuditEntry], outcome: Undone) -> None:
    """Take back entries of one act upon many users, but for those that somebody has changed since.

    All or none of those of whom the opposite command refuses one, such as for want of seats.
    """
    action = Action(entries[0].action)
    for group in _alike(entries):
        try:
            with transaction.atomic():
                standing = _standing(actor, action, group)
                undoes = {user.pk: entry.pk for entry, user in standing}
                done = TOGETHER[action](replace(actor, undoes=undoes), standing) if standing else []
        except Refused as refused:
            outcome.refused += [(entry, refused) for entry in group]
            continue
        kept = {entry.pk for entry in done}
        outcome.done += done
        why = rules.begun if action == Action.OX_DISABLE else rules.changed
        outcome.refused += [(entry, why(entry)) for entry in group if entry.pk not in kept]


def _alike(entries: Sequence[AuditEntry]) -> list[list[AuditEntry]]:
    """By what they go back to."""
    groups: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        before = entry.before["profile"] if entry.action == Action.OX_PROFILE else ""
        groups.setdefault(before, []).append(entry)
    return list(groups.values())


def _standing(actor: Actor, action: Action, entries: Sequence[AuditEntry]) -> Pairs:
    """Those that were neither taken back nor followed by a change, each with its user, locked; few queries for all."""
    rules.is_recent(entries[0], INVERSES[action])
    pks = [entry.subject_id for entry in entries if entry.subject_id]
    seen = list(people.for_actor(actor).filter(pk__in=pks).select_related("tenant"))
    require_all(actor, seen)
    users = {user.pk: user for user in held_all(seen) if user.presence == Presence.PRESENT}
    gone = undone(entries) | _followed(entries, INVERSES[action].opposes)
    now = _now(users) if action != Action.OX_DISABLE else {}
    return [
        (entry, users[entry.subject_id])
        for entry in entries
        if entry.subject_id in users
        and entry.pk not in gone
        and all(now.get(entry.subject_id, {}).get(name) == value for name, value in entry.after.items())
    ]


def _followed(entries: Sequence[AuditEntry], opposes: Sequence[Action]) -> set[int]:
    """The ids of the entries after which the same or the opposite was done."""
    if not opposes:
        return set()
    by_subject = {entry.subject_id: entry.pk for entry in entries}
    later = AuditEntry.objects.filter(
        subject_kind=entries[0].subject_kind,
        subject_id__in=list(by_subject),
        action__in=opposes,
        pk__gt=min(by_subject.values()),
    )
    return {by_subject[pk] for pk, at in later.values_list("subject_id", "pk") if at > by_subject[pk]}


def _now(users: Mapping[int, ServiceUser]) -> dict[int, dict[str, object]]:
    """What the enabled accounts of these users are, by user id, as entries tell it."""
    accounts = OxAccount.objects.filter(user__in=list(users), presence=Presence.PRESENT).select_related("profile")
    aliases = aliases_of(users.values())
    return {
        account.user_id: {
            "profile": str(account.profile),
            "primary_address": account.primary_address,
            "aliases": aliases.get(account.user_id, []),
        }
        for account in accounts
    }


def _profiles(actor: Actor, pairs: Pairs) -> list[AuditEntry]:
    entry, user = pairs[0]
    profile = Profile.objects.filter(brand=user.tenant.brand_id, name=entry.before["profile"]).first()
    if profile is None:
        raise Refused(f"There is no profile {entry.before['profile']} any more.")
    ox_commands.change_profile(actor=actor, users=[user for _, user in pairs], profile=profile)
    return [entry for entry, _ in pairs]


def _disable(actor: Actor, pairs: Pairs) -> list[AuditEntry]:
    disable_ox_of_all(actor=actor, users=[user for _, user in pairs])
    return [entry for entry, _ in pairs]


def _keep(actor: Actor, pairs: Pairs) -> list[AuditEntry]:
    kept = {account.user_id for account in keep_ox_of_all(actor=actor, users=[user for _, user in pairs])}
    return [entry for entry, user in pairs if user.pk in kept]


TOGETHER: Mapping[Action, Callable[[Actor, Pairs], list[AuditEntry]]] = {
    Action.OX_PROFILE: _profiles,
    Action.OX_ENABLE: _disable,
    Action.OX_DISABLE: _keep,
}
