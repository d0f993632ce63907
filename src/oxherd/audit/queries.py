from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry


def for_actor(actor: Actor) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(actor.sees(brand="brand_id", tenant="tenant_id"))


def about(actor: Actor, subject_kind: str, subject_id: int) -> QuerySet[AuditEntry]:
    """What was done to one object, newest first."""
    return for_actor(actor).filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")
