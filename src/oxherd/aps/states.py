from django.db.models import TextChoices


class ResourceState(TextChoices):
    """Where the wish of a controller stands here. How the platform fares with it, the sync jobs tell."""

    ASKED = "asked", "Asked for"  # something is to be fetched from the controller before it can be carried out
    DONE = "done", "Carried out"
    FAILED = "failed", "Refused"
    REMOVED = "removed", "Removed"
