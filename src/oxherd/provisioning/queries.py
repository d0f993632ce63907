from collections.abc import Iterable

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor, Place
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, JobState, SubjectKind


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


def failed_of(kind: SubjectKind, subject_ids: Iterable[int]) -> list[int]:
    """Those of the subjects whose newest job needs a person, in the order of their ids; one query."""
    newest = SyncJob.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids))
    states = newest.order_by("subject_id", "-id").distinct("subject_id").values_list("subject_id", "state")
    return [subject_id for subject_id, state in states if state in NEEDS_A_PERSON]


def is_put_off(kind: SubjectKind, subject_id: int) -> bool:
    """Whether what was asked for an object can still be called off."""
    jobs = SyncJob.objects.filter(subject_kind=kind, subject_id=subject_id, state=JobState.WAITING)
    return any(job.is_put_off for job in jobs)


def outage(brand_id: int) -> PlatformHealth | None:
    """The open breaker of a brand, for the banner."""
    return PlatformHealth.objects.filter(brand_id=brand_id, opened_at__isnull=False).first()


def outages(brands: Iterable[Place]) -> dict[int, PlatformHealth]:
    """The open breakers of brands, by the brand's id; one query."""
    pks = [pk for brand in brands if (pk := brand.place[0]) is not None]
    return {row.brand_id: row for row in PlatformHealth.objects.filter(brand_id__in=pks, opened_at__isnull=False)}
