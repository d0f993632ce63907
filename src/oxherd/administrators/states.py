from django.db.models import TextChoices


class InvitationState(TextChoices):
    OPEN = "open", "Invited"
    EXPIRED = "expired", "Invitation expired"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"
