"""Sends the links of invitations: at least once, never lost, and kept no longer than that."""

import logging
import smtplib
import time

from oxherd import sealing
from oxherd.accounts import mail
from oxherd.administrators import errands, mails, progress
from oxherd.administrators.models import OPEN, Invitation
from oxherd.sync.lanes import lanes
from oxherd.sync.telling import REST_SECONDS, is_permanent

logger = logging.getLogger(__name__)
NO_SERVER = "No mail was sent, as no mail server is set up (OXHERD_EMAIL_HOST). Pass the link on yourself."
REFUSED = "The mail server refused the mail. Check the address, or pass the link on yourself."
_rests_until = 0.0


def tell(invitation_id: int) -> None:
    """Send the mail of an invitation, unless it was sent. Crash after sending: it is sent once more."""
    rows = Invitation.objects.select_related("brand", "tenant__brand", "custom_role").filter(OPEN, pk=invitation_id)
    invitation = rows.exclude(sealed_token="").first()
    if invitation is None:
        return
    if mail.is_printed():
        progress.note_undeliverable(invitation, NO_SERVER)
        return
    if time.monotonic() < _rests_until:
        progress.put_off(invitation)
        return
    try:
        with lanes.place():
            mails.invitation_mail(invitation, sealing.unseal(invitation.sealed_token)).send()
    except (smtplib.SMTPException, OSError) as error:
        _failed(invitation, error)
    else:
        progress.note_told(invitation)


def bring_back_untold(older_than_seconds: float) -> None:
    """Hand over again what a crash has lost, and what was put off and is due; wipe what has expired."""
    progress.forget_tokens()
    errands.bring_back(progress.untold(older_than_seconds))


def _failed(invitation: Invitation, error: Exception) -> None:
    global _rests_until  # noqa: PLW0603 - one for all threads of this process
    if is_permanent(error):
        logger.warning("the mail of invitation %s was refused: %s", invitation.pk, error)
        progress.note_undeliverable(invitation, REFUSED)
        return
    logger.warning("the mail of invitation %s could not be sent, it is tried again: %s", invitation.pk, error)
    if not isinstance(error, smtplib.SMTPRecipientsRefused):  # it is the server, and not this one address
        _rests_until = time.monotonic() + REST_SECONDS
    progress.put_off(invitation)
