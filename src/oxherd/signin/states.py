from django.db.models import TextChoices

# A warning is due when no more of them are left.
FEW_CODES = 3


class Proof(TextChoices):
    """By what somebody has proved who they are; as stored in the audit."""

    PASSWORD = "password", "password"
    PASSKEY = "passkey", "passkey"
    APP = "app", "authenticator app"
    RECOVERY_CODE = "recovery_code", "recovery code"
    CODE = "code", "code"  # a wrong one, of which nobody knows what it was meant to be
    OTHER = "other", "other sign-in"
