"""May this be taken back? Only what nobody has changed since, and not for ever."""

from typing import Any

from django.utils import timezone

from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people.removal_queries import account_of
from oxherd.provisioning.queries import is_put_off
from oxherd.provisioning.states import SubjectKind
from oxherd.undo.inverses import INVERSES, Inverse
from oxherd.undo.subjects import SUBJECTS, members_stand


def inverse_of(entry: AuditEntry) -> Inverse:
    """Raises Refused for an act that has no way back."""
    inverse = INVERSES.get(Action(entry.action))
    if inverse is None or entry.subject_kind not in SUBJECTS or "photo" in entry.after:
        raise Refused(f"{entry.what}: this cannot be undone.")
    return inverse


def is_recent(entry: AuditEntry, inverse: Inverse) -> None:
    if timezone.now() - entry.at > inverse.within:
        raise Refused(f"{entry.subject_name}: this was too long ago to be undone.")


def stands(entry: AuditEntry, inverse: Inverse, subject: Any) -> None:
    """What the entry has done is still so. Raises Refused where somebody has changed it since, or taken it back."""
    if subject.presence != inverse.presence or (inverse.opposes and not _is_the_last(entry, inverse)):
        raise _changed(entry)
    if entry.action == Action.OX_DISABLE:
        _has_not_begun(subject)
    now = SUBJECTS[entry.subject_kind].now(subject)
    differs = [name for name, value in entry.after.items() if name in now and now[name] != value]
    if "manager_id" in entry.after and "manager_id" not in differs:
        differs = [name for name in differs if name != "manager"]  # renamed
    if differs or (entry.subject_kind == "group" and not members_stand(subject, entry.after)):
        raise _changed(entry)


def _changed(entry: AuditEntry) -> Refused:
    return Refused(f"{entry.subject_name} was changed since, and stays as it is.")


def _is_the_last(entry: AuditEntry, inverse: Inverse) -> bool:
    same = AuditEntry.objects.filter(subject_kind=entry.subject_kind, subject_id=entry.subject_id)
    return not same.filter(pk__gt=entry.pk, action__in=inverse.opposes).exists()


def _has_not_begun(user: Any) -> None:
    account = account_of(user, leaving=True)
    if account is None or not is_put_off(SubjectKind.ACCOUNT, account.pk):
        raise Refused(f"OX has begun to delete the account of {user}: it cannot be had back.")
