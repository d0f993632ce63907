from django.db.models import TextChoices


class JobState(TextChoices):
    WAITING = "waiting", "Waiting"  # committed, not picked up, or due for another try
    PARKED = "parked", "Waiting for something else"  # holds no worker and no tries until that is there
    RUNNING = "running", "On its way to OX"
    DONE = "done", "In OX"
    REFUSED = "refused", "OX said no"  # somebody must change something
    STUCK = "stuck", "OX not reachable"  # tries used up; Retry starts over
    FAILED = "failed", "Error in oxherd"  # a bug of ours; the log has the trace
    SUPERSEDED = "superseded", "Overtaken"  # a newer job does the work


OPEN = (JobState.WAITING, JobState.PARKED, JobState.RUNNING)
NEEDS_A_PERSON = (JobState.REFUSED, JobState.STUCK, JobState.FAILED)


class SubjectKind(TextChoices):
    TENANT = "tenant", "Customer"
    ACCOUNT = "account", "OX account"
    GROUP = "group", "Group"
    RESOURCE = "resource", "Resource"
    FORWARDER = "forwarder", "Forwarder"
    CATCH_ALLS = "catch_alls", "Catch-alls"  # of all domains of a customer
    STRANGER = "stranger", "Only in OX"  # something of the platform that shall go


class SyncStatus(TextChoices):
    """What a page shows of an object that the platform has too. Derived from the ledger, never typed in."""

    IN_OX = "in_ox", "In OX"
    IN_PROGRESS = "in_progress", "In progress"
    ERROR = "error", "Error"


class Presence(TextChoices):
    PRESENT = "present", "Present"
    REMOVED = "removed", "Recently removed"  # can be restored for some days
    LEAVING = "leaving", "Leaving"  # stays as a row until the platform has let go
