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
    CONTROLLER = "controller", "the control panel"  # of a customer that is managed there
    OTHER = "other", "other sign-in"


class LinkKind(TextChoices):
    RESET_PASSWORD = "reset_password", "New password"
    CONFIRM_EMAIL = "confirm_email", "New mail address"


class LetterKind(TextChoices):
    RESET_PASSWORD = "reset_password", "Link to a new password"
    CONFIRM_EMAIL = "confirm_email", "Link that confirms an address"
    EMAIL_CHANGED = "email_changed", "Mail address changed"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    FACTOR_ADDED = "factor_added", "Second factor added"
    FACTOR_REMOVED = "factor_removed", "Second factor removed"
    FACTORS_RESET = "factors_reset", "Second factor reset by somebody else"
