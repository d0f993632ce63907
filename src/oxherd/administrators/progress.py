"""What the worker writes down of an invitation's mail. Each is one update."""

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from oxherd.administrators.models import OPEN, Invitation

FIRST_BACK_OFF_SECONDS = 30.0
LONGEST_BACK_OFF_SECONDS = 3600.0


def untold(older_than_seconds: float, limit: int = 500) -> list[int]:
    """Invitations whose mail should be out by now."""
    late = timezone.now() - timedelta(seconds=older_than_seconds)
    waiting = Invitation.objects.exclude(sealed_token="").filter(OPEN, expires_at__gt=timezone.now())
    due = waiting.annotate(due=Greatest("created_at", Coalesce("tell_after", "created_at"))).filter(due__lt=late)
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])


def note_told(invitation: Invitation) -> None:
    """The mail is out: what stood in its link is wiped, unless a newer link waits for its own mail."""
    _of_this_link(invitation).update(told_at=timezone.now(), tell_after=None, tell_error="", sealed_token="")


def put_off(invitation: Invitation) -> None:
    """The mail server cannot be reached: not before some time, ever longer, up to an hour."""
    wait = min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(invitation.tell_tries, 20), LONGEST_BACK_OFF_SECONDS)
    after = timezone.now() + timedelta(seconds=wait)
    _of_this_link(invitation).update(tell_tries=invitation.tell_tries + 1, tell_after=after)


def note_undeliverable(invitation: Invitation, sentence: str) -> None:
    """It is shown beside the invitation, and not tried again."""
    _of_this_link(invitation).update(tell_error=sentence, sealed_token="")


def forget_tokens() -> int:
    """Wipe what no mail will need any more; returns of how many."""
    kept = Invitation.objects.exclude(sealed_token="")
    return kept.filter(expires_at__lte=timezone.now()).update(sealed_token="")


def _of_this_link(invitation: Invitation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest)
