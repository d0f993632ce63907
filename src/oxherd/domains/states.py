from datetime import datetime, timedelta

from django.db.models import TextChoices


class Proof(TextChoices):
    """How the ownership of a domain was proved."""

    TXT = "txt", "TXT record"
    APPROVED = "approved", "Approved by hand"
    PARENT = "parent", "With its parent domain"


# A claim is looked at again after as long as it has been waiting: a minute, two, four, ... and at last once a day.
FIRST_CHECK = timedelta(minutes=1)
LAST_INTERVAL = timedelta(days=1)
CHECKED_FOR = timedelta(days=30)
# A check that has not come back after so long is lost, and may be asked for again.
PATIENCE = timedelta(minutes=2)


def next_check(now: datetime, since: datetime, *, verified: bool) -> datetime | None:
    """When a domain is to be looked at again; None where a claim has waited long enough. since: its checks began."""
    if verified:
        return now + LAST_INTERVAL
    waited = now - since
    if waited >= CHECKED_FOR:
        return None
    return now + min(max(waited, FIRST_CHECK), LAST_INTERVAL)
