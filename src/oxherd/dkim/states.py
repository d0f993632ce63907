from datetime import timedelta

from django.db.models import TextChoices


class KeyState(TextChoices):
    WAITING = "waiting", "Waiting for its DNS record"
    ACTIVE = "active", "Signs mail"
    RETIRED = "retired", "Signs no more"


# So long mail may be on its way (RFC 5321, 4.5.4.1: senders give up after five days) and others look a key up.
KEPT_IN_DNS = timedelta(days=7)
