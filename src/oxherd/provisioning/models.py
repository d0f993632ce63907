from django.db import models
from django.db.models import Q

from oxherd.provisioning.states import NEEDS_A_PERSON, OPEN, JobState, Presence, SubjectKind


class SyncJob(models.Model):
    """One attempt, with all its tries, to make the platform match one object. Plain ids: it outlives the object."""

    subject_kind = models.CharField(max_length=20, choices=SubjectKind)
    subject_id = models.BigIntegerField()
    brand_id = models.BigIntegerField()
    tenant_id = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=JobState, default=JobState.WAITING)
    waits_for = models.CharField(max_length=60, blank=True)  # such as "tenant:7" or "brand:2"
    requested_by = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64, blank=True)
    tries = models.PositiveIntegerField(default=0)
    sentence = models.TextField(blank=True)  # for a person
    cause = models.CharField(max_length=60, blank=True)  # the error's code
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)

    # Not stored: what `ledger.claim` tells of the brand's platform.
    brand_limit: int | None = None
    brand_is_down: bool = False
    brand_is_failing: bool = False

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="job_by_subject"),
            models.Index(fields=["id"], name="job_open", condition=Q(state__in=OPEN)),
            models.Index(
                fields=["subject_kind", "subject_id"], name="job_open_by_subject", condition=Q(state__in=OPEN)
            ),
            models.Index(fields=["waits_for", "id"], name="job_parked", condition=Q(state=JobState.PARKED)),
            models.Index(fields=["brand_id"], name="job_running", condition=Q(state=JobState.RUNNING)),
            models.Index(fields=["tenant_id", "-id"], name="job_for_a_person", condition=Q(state__in=NEEDS_A_PERSON)),
        ]

    @property
    def subject(self) -> str:
        """The lock's name: no two jobs of one subject run at once."""
        return f"{self.subject_kind}:{self.subject_id}"

    @property
    def is_put_off(self) -> bool:
        """Whether no worker may have begun, since it was asked for not before some time."""
        return self.state == JobState.WAITING and not self.tries and self.next_try_at is not None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


REMOVED = Q(presence=Presence.REMOVED)
NOT_REMOVED = ~REMOVED


class Removable(models.Model):
    """What a person can remove and, for some days, restore."""

    presence = models.CharField(max_length=20, choices=Presence, default=Presence.PRESENT)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class PlatformHealth(models.Model):
    """The circuit breaker of one brand. No row: nothing ever went wrong."""

    brand = models.OneToOneField("oxherd.Brand", on_delete=models.CASCADE, related_name="health", primary_key=True)
    # Objects that found the platform unreachable since its last answer; one bad object counts once.
    failing = models.JSONField(default=list)
    opened_at = models.DateTimeField(null=True)
    next_probe_at = models.DateTimeField(null=True)
    probes = models.PositiveIntegerField(default=0)
    sentence = models.TextField(blank=True)
