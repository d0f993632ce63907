"""What is on its way while a comparison looks: it may arrive between the look at the platform and that at our rows."""

from collections.abc import Iterable

from django.db.models import Max, Q
from django.utils import timezone

from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, SubjectKind


class Motion:
    """Begin it before the platform is asked, and ask it when our rows have been read."""

    def __init__(self, tenant_id: int) -> None:
        self._tenant_id = tenant_id
        self._began = timezone.now()
        self._newest = SyncJob.objects.aggregate(newest=Max("id"))["newest"] or 0
        self._was_busy = SyncJob.objects.filter(tenant_id=tenant_id, state__in=OPEN).exists()

    def of(self, kind: SubjectKind, subject_ids: Iterable[int]) -> set[int]:
        """Those whom a job has worked on since, or is to work on. They are compared the next time."""
        jobs = SyncJob.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids))
        moved = Q(state__in=OPEN) | Q(finished_at__gte=self._began) | Q(pk__gt=self._newest)
        return set(jobs.filter(moved).values_list("subject_id", flat=True))

    def anywhere(self) -> bool:
        """Whether anything of the tenant has been on its way since."""
        return self._was_busy or SyncJob.objects.filter(pk__gt=self._newest, tenant_id=self._tenant_id).exists()
