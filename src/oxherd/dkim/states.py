from django.db.models import TextChoices


class KeyState(TextChoices):
    WAITING = "waiting", "Waiting for its DNS record"
    ACTIVE = "active", "Signs mail"
    RETIRED = "retired", "Signs no more"
