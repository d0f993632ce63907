from django.db.models import TextChoices


class RequestState(TextChoices):
    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Overtaken"  # there is nothing to decide any more


class Verification(TextChoices):
    """How it is known that the request comes from the user whom it names."""

    UNVERIFIED = "unverified", "Unverified"
    PENDING = "pending", "Being verified"
    TOKEN = "token", "Verified by login token"
    SESSION = "session", "Verified by session"
    SIGN_IN = "sign_in", "Verified by sign-in"
    FORGED = "forged", "Forged"  # the credential is somebody else's


VERIFIED = (Verification.TOKEN, Verification.SESSION, Verification.SIGN_IN)


class CredentialKind(TextChoices):
    """What App Suite hands over to show who asks."""

    TOKEN = "token", "Login token"
    SESSION = "session", "Session"


# The requester hears of these. A forged request came from somebody else.
TOLD = (RequestState.APPROVED, RequestState.REJECTED)
