from collections.abc import Iterable

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry


def for_actor(actor: Actor) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(actor.sees(brand="brand_id", tenant="tenant_id"))


def of_act(actor: Actor, tenant_id: int, request_id: str) -> QuerySet[AuditEntry]:
    """What one request did to a tenant, the last first."""
    return for_actor(actor).filter(tenant_id=tenant_id, request_id=request_id).order_by("-id")


def undone(entries: Iterable[AuditEntry]) -> set[int]:
    """The ids of those entries that were taken back."""
    pks = [entry.pk for entry in entries]
    return {pk for pk in AuditEntry.objects.filter(undoes__in=pks).values_list("undoes", flat=True) if pk is not None}


def about(actor: Actor, subject_kind: str, subject_id: int) -> QuerySet[AuditEntry]:
    """What was done to one object, newest first."""
    return for_actor(actor).filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")
