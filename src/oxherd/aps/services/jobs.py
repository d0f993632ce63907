"""What the newest sync job says of an object that is in error."""

from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import SubjectKind, SyncStatus


def problem(status: str, kind: SubjectKind, pk: int) -> str:
    """The platform's sentence; empty where all is well. status: in error, a user's and a group's are the same word."""
    if status != SyncStatus.ERROR:
        return ""
    jobs = SyncJob.objects.filter(subject_kind=kind, subject_id=pk).order_by("-id")
    return jobs.values_list("sentence", flat=True).first() or ""
