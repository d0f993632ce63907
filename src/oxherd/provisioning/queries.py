from collections.abc import Iterable

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.provisioning.states import SubjectKind


def for_actor(actor: Actor) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(actor.sees(brand="brand_id", tenant="tenant_id"))


def latest(actor: Actor, kind: SubjectKind, subject_ids: Iterable[int]) -> dict[int, SyncJob]:
    """The newest job of each subject, by subject id; one query."""
    newest = (
        for_actor(actor)
        .filter(subject_kind=kind, subject_id__in=list(subject_ids))
        .order_by("subject_id", "-id")
        .distinct("subject_id")
    )
    return {job.subject_id: job for job in newest}


def outage(brand_id: int) -> PlatformHealth | None:
    """The open breaker of a brand, for the banner."""
    return PlatformHealth.objects.filter(brand_id=brand_id, opened_at__isnull=False).first()
