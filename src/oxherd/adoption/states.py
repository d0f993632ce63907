from django.db.models import TextChoices


class AdoptionState(TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Reading from OX"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN = (AdoptionState.WAITING, AdoptionState.RUNNING)
