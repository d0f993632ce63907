from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from oxherd.accounts.actor import Actor, Place
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import SUBJECTS, Action
from oxherd.audit.words import search_text

INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells of one object; before and after as in `record`."""

    subject: Any
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def record(
    actor: Actor,
    action: Action,
    subject: Any,
    *,
    place: Place | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, in the caller's transaction.

    subject: any saved model, whose `str()` is kept as its name; None is the whole installation. place: where the entry
    is seen (a tenant or a brand).
    before, after: what changed, without secrets; only values that JSON takes.
    """
    entry = _entry(actor, action, Told(subject, before or {}, after or {}), place)
    entry.save(force_insert=True)
    return entry


def record_all(actor: Actor, action: Action, acts: Iterable[Told]) -> None:
    """Write one entry for each, in the caller's transaction; each is seen where its subject belongs."""
    AuditEntry.objects.bulk_create([_entry(actor, action, told, told.subject) for told in acts], batch_size=1000)


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of two descriptions of one object, the parts that differ."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _entry(actor: Actor, action: Action, told: Told, place: Place | None) -> AuditEntry:
    brand_id, tenant_id = place.place if place else (None, None)
    return AuditEntry(
        action=action,
        actor=actor.name,
        administrator_id=actor.administrator_id,
        acting_for_id=actor.acting_for_id,
        door=actor.door,
        request_id=actor.request_id,
        brand_id=brand_id,
        tenant_id=tenant_id,
        **_about(told.subject),
        before=told.before,
        after=told.after,
        undoes=actor.undoes.get(told.subject.pk) if told.subject else None,
        token=actor.token,
        ip_address=actor.ip_address,
        search_text=search_text(tenant_id, _name(told.subject)),
    )


def _about(subject: Any) -> dict[str, Any]:
    kind = subject._meta.model_name if subject else INSTALLATION  # noqa: SLF001 - Django's documented interface
    return {"subject_kind": kind, "subject_id": subject.pk if subject else None, "subject_name": _name(subject)[:400]}


def _name(subject: Any) -> str:
    return str(subject) if subject else SUBJECTS[INSTALLATION]
