from django.db.models import TextChoices


class UserStatus(TextChoices):
    """What the page shows of a user's OX service. Derived from account and ledger, never typed in."""

    ENABLED = "enabled", "Enabled"
    DISABLED = "disabled", "Disabled"  # no OX account
    IN_PROGRESS = "in_progress", "In progress"
    ERROR = "error", "Error"
