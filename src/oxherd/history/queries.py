from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import about, for_actor
from oxherd.audit.states import Action
from oxherd.groups.models import Member
from oxherd.history.folding import Fact, Moment, fold
from oxherd.people.models import ServiceUser
from oxherd.people.records import describe, describe_account
from oxherd.people.removal_queries import account_of
from oxherd.provisioning.states import Presence

PRESENCES = {Presence.PRESENT: "Present", Presence.REMOVED: "Removed", Presence.LEAVING: "Deleted for good"}
GONE = (Action.GROUP_REMOVE, Action.GROUP_DELETE)


def user_at(actor: Actor, user: ServiceUser, at: datetime) -> Moment:
    """A user as he or she was: person, addresses, OX, application passwords, groups; and was the customer suspended."""
    moment = fold(about(actor, "serviceuser", user.pk).order_by("id").iterator(), at, now=_now(user))
    moment.facts["suspended"] = _suspended(actor, user.tenant_id, at)
    login = moment.facts.get("login")
    if login and login.value:
        moment.facts["domain"] = Fact(login.value.rpartition("@")[2], login.by)
    moment.facts |= {f"group:{name}": fact for name, fact in _groups(actor, user, at).items()}
    return moment


def _now(user: ServiceUser) -> dict[str, Any]:
    account = account_of(user)
    presence = {Presence.PRESENT: "Present", Presence.REMOVED: "Removed"}.get(
        Presence(user.presence), "Deleted for good"
    )
    on = account is not None and account.presence != Presence.LEAVING
    return {**describe(user), **describe_account(account), "presence": presence, "ox": "Enabled" if on else "Disabled"}


def _suspended(actor: Actor, tenant_id: int, at: datetime) -> Fact:
    moves = about(actor, "tenant", tenant_id).filter(action__in=[Action.TENANT_SUSPEND, Action.TENANT_RESUME])
    last = moves.filter(at__lte=at).first()
    return Fact(last is not None and last.action == Action.TENANT_SUSPEND, last)


def _groups(actor: Actor, user: ServiceUser, at: datetime) -> dict[str, Fact]:
    """The groups by their names at that time. Who was in before the audit tells of, and is still, was in then, too."""
    entries = for_actor(actor).filter(tenant_id=user.tenant_id, subject_kind="group")
    named = Q(after__added__contains=[user.pk]) | Q(after__removed__contains=[user.pk])
    held = set(Member.objects.filter(user=user).values_list("group_id", flat=True))
    concerned = held | set(entries.filter(named).values_list("subject_id", flat=True))
    found: dict[str, Fact] = {}
    by_group: dict[int, list[AuditEntry]] = {}
    for entry in entries.filter(subject_id__in=concerned).order_by("id").iterator():
        by_group.setdefault(entry.subject_id or 0, []).append(entry)
    for pk, own in by_group.items():
        fact, name = _membership(own, user.pk, at, is_in=pk in held)
        if fact:
            found[name] = fact
    return dict(sorted(found.items()))


def _membership(entries: Sequence[AuditEntry], user_id: int, at: datetime, *, is_in: bool) -> tuple[Fact | None, str]:
    """Whether a user was in one group at that time, and how it was called; of its entries, oldest first."""
    earlier = [entry for entry in entries if entry.at <= at]
    moves = [entry for entry in entries if user_id in [*entry.after.get("added", []), *entry.after.get("removed", [])]]
    before = [entry for entry in moves if entry.at <= at]
    by = before[-1] if before else None
    if by:
        inside = user_id in by.after.get("added", [])
    elif moves:
        inside = user_id in moves[0].after.get("removed", [])
    else:
        inside = is_in
    states = [entry for entry in earlier if entry.action in {*GONE, Action.GROUP_RESTORE}]
    gone = bool(states) and states[-1].action in GONE
    exists = bool(earlier) or entries[0].action != Action.GROUP_ADD
    name = (earlier or entries)[-1].subject_name
    return (Fact(True, by) if inside and exists and not gone else None), name
