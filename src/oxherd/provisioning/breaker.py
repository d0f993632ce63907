"""The circuit breaker of a brand: a dead platform is asked by one probe, not by everybody's work."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from oxherd.errors import OxherdError
from oxherd.provisioning.commands import wake
from oxherd.provisioning.models import PlatformHealth, SyncJob

LONGEST_PROBE_SECONDS = 30.0
MOST_GROWTH = 20


def is_open(brand_id: int) -> bool:
    return PlatformHealth.objects.filter(brand_id=brand_id, opened_at__isnull=False).exists()


@transaction.atomic
def note_failure(job: SyncJob, error: OxherdError) -> bool:
    """Count one more object that found the platform unreachable; True if the breaker is open now.

    Only an object's first try counts: otherwise some bad ones that are tried again in a row would look like an outage,
    time and again, and hold up the good ones.
    """
    PlatformHealth.objects.get_or_create(brand_id=job.brand_id)
    health = PlatformHealth.objects.select_for_update().get(brand_id=job.brand_id)
    if job.tries <= 1 and job.subject not in health.failing:
        health.failing = [*health.failing, job.subject][-settings.BREAKER_THRESHOLD :]
    health.sentence = error.sentence
    if health.opened_at is None and len(health.failing) >= settings.BREAKER_THRESHOLD:
        health.opened_at = timezone.now()
        health.next_probe_at = health.opened_at + timedelta(seconds=settings.BREAKER_PROBE_SECONDS)
        health.probes = 0
    health.save()
    return health.opened_at is not None


def note_answer(brand_id: int) -> None:
    """The platform answered: forget failures, close the breaker and send on what waited for it."""
    health = PlatformHealth.objects.filter(brand_id=brand_id)
    if health.exclude(failing=[]).update(failing=[], opened_at=None, next_probe_at=None, sentence=""):
        wake(f"brand:{brand_id}")


def due_probes() -> list[int]:
    """Brands whose breaker is open and whose next probe is due; the next one is put off at once."""
    due = PlatformHealth.objects.filter(opened_at__isnull=False, next_probe_at__lte=timezone.now())
    brands = []
    for health in due:
        # Bounded before it is raised: after a day of probes the number would not fit any more.
        growth = 1.5 ** min(health.probes + 1, MOST_GROWTH)
        wait = min(settings.BREAKER_PROBE_SECONDS * growth, LONGEST_PROBE_SECONDS)
        brands += [health.brand_id] * PlatformHealth.objects.filter(pk=health.pk, probes=health.probes).update(
            probes=F("probes") + 1, next_probe_at=timezone.now() + timedelta(seconds=wait)
        )
    return brands
