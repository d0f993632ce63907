"""Tells requesters what was decided: sent at least once, never lost."""

import logging
import smtplib
import time

from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.purchases import errands, mails, progress, queries
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import TOLD
from oxherd.sync.lanes import lanes

logger = logging.getLogger(__name__)

# After the mail server could not be reached, nobody else tries for so long: each try may hang.
REST_SECONDS = 20.0
PERMANENT = 500
_rests_until = 0.0


def tell(request_id: int) -> None:
    """Send the mail about a decided request, unless it was sent. Crash after sending: it is sent once more."""
    rows = PurchaseRequest.objects.filter(pk=request_id, state__in=TOLD, told_at=None, tell_error="")
    request = rows.select_related("tenant__brand", "from_profile", "to_profile").first()
    if request is None or request.is_forged:
        return
    if time.monotonic() < _rests_until:
        progress.put_off_telling(request)
        return
    try:
        with lanes.place():
            mails.decision(request, _address(request)).send()
    except (smtplib.SMTPException, OSError) as error:
        _failed(request, error)
    else:
        progress.note_told(request)


def bring_back_untold(older_than_seconds: float) -> None:
    """Hand over again what a crash has lost, and what was put off and is due."""
    errands.bring_back(errands.TELL, queries.untold(older_than_seconds))


def _address(request: PurchaseRequest) -> str:
    """The present primary address; of somebody without OX by now, the one that was written down."""
    accounts = OxAccount.objects.filter(user=request.user_id, presence=Presence.PRESENT)
    return accounts.values_list("primary_address", flat=True).first() or request.user_address


def _failed(request: PurchaseRequest, error: Exception) -> None:
    global _rests_until  # noqa: PLW0603 - one for all threads of this process
    if is_permanent(error):
        logger.warning("mail about purchase request %s was refused: %s", request.pk, error)
        progress.note_undeliverable(request, "The mail server refused the mail to the requester.")
        return
    logger.warning("mail about purchase request %s could not be sent, it is tried again: %s", request.pk, error)
    if not isinstance(error, smtplib.SMTPRecipientsRefused):  # it is the server, and not this one address
        _rests_until = time.monotonic() + REST_SECONDS
    progress.put_off_telling(request)


def is_permanent(error: Exception) -> bool:
    """A final no (5xx, RFC 5321) to this recipient or this message; of settings that are wrong, a person hears."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= PERMANENT
