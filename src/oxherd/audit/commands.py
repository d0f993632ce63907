from typing import Any

from oxherd.accounts.actor import Actor, Place
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action


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

    subject: any saved model; its `str()` is kept as its name. place: where the entry is seen (a tenant or a brand).
    before, after: what changed, without secrets; only values that JSON takes.
    """
    brand_id, tenant_id = place.place if place else (None, None)
    return AuditEntry.objects.create(
        action=action,
        actor=actor.name,
        administrator_id=actor.administrator_id,
        door=actor.door,
        request_id=actor.request_id,
        brand_id=brand_id,
        tenant_id=tenant_id,
        subject_kind=subject._meta.model_name,  # noqa: SLF001 - Django's documented interface
        subject_id=subject.pk,
        subject_name=str(subject)[:400],
        before=before or {},
        after=after or {},
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of two descriptions of one object, the parts that differ."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}
