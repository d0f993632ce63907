"""May this be taken back? Only what nobody has changed since, and not for ever."""

from typing import Any

from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people.commands import NAMES
from oxherd.tenants import rules as tenants
from oxherd.tenants.states import Mastered
from oxherd.undo.inverses import INVERSES, Inverse
from oxherd.undo.standing import Standing
from oxherd.undo.subjects import SUBJECTS


def inverse_of(entry: AuditEntry) -> Inverse:
    """Raises Refused for an act that has no way back."""
    inverse = INVERSES.get(Action(entry.action))
    if inverse is None or entry.subject_kind not in SUBJECTS or "photo" in entry.after:
        raise Refused(f"{entry.what}: this cannot be undone.")
    return inverse


def is_recent(entry: AuditEntry, inverse: Inverse) -> None:
    if timezone.now() - entry.at > inverse.within:
        raise Refused(f"{entry.subject_name}: this was too long ago to be undone.")


def is_ours(actor: Actor, entry: AuditEntry, subject: Any) -> None:
    """Raises Refused for what only the customer's controller may take back."""
    names = entry.subject_kind == "serviceuser" and {*NAMES, "login"} & entry.before.keys()
    if entry.action == Action.USER_REMOVE or names:
        tenants.is_ours(subject.tenant, actor, Mastered.USERS)
    if entry.action == Action.DOMAIN_REMOVE and subject.parent_id is None:
        tenants.is_ours(subject.tenant, actor, Mastered.DOMAINS)


def stands(entry: AuditEntry, inverse: Inverse, standing: Standing) -> None:
    """What the entry has done is still so. Raises Refused where somebody has changed it since, or taken it back."""
    if standing.subject.presence != inverse.presence or standing.is_followed(entry, inverse.opposes):
        raise changed(entry)
    if entry.action == Action.OX_DISABLE and standing.deletion_has_begun:
        raise begun(entry)
    if standing.differs(entry):
        raise changed(entry)


def changed(entry: AuditEntry) -> Refused:
    return Refused(f"{entry.subject_name} was changed since, and stays as it is.")


def begun(entry: AuditEntry) -> Refused:
    return Refused(f"OX has begun to delete the account of {entry.subject_name}: it cannot be had back.")
