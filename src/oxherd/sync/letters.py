"""Sends mails to administrators about their own account: at least once, never lost."""

import logging
import smtplib
import time

from oxherd.accounts import mail
from oxherd.signin import letters, links, mails
from oxherd.signin.models import Letter
from oxherd.signin.states import LetterKind, LinkKind
from oxherd.sync.lanes import lanes
from oxherd.sync.telling import REST_SECONDS, is_permanent

logger = logging.getLogger(__name__)
_rests_until = 0.0


def send(letter_id: int) -> None:
    """Send a letter, unless it was sent. Crash after sending: it is sent once more."""
    letter = Letter.objects.select_related("administrator", "link").filter(pk=letter_id, told_at=None).first()
    if letter is None or letter.tell_error or not _has_its_link(letter):
        return
    if letter.link and mail.is_printed():
        logger.warning("letter %s was not sent: set OXHERD_EMAIL_HOST to a mail server", letter.pk)
        letters.note_undeliverable(letter, "No mail server is set up.")
        return
    if time.monotonic() < _rests_until:
        letters.put_off(letter)
        return
    try:
        with lanes.place():
            mails.message(letter).send()
    except (smtplib.SMTPException, OSError) as error:
        _failed(letter, error)
    else:
        letters.note_sent(letter)


def _has_its_link(letter: Letter) -> bool:
    """A letter to somebody who may not exist gets its link only here."""
    if letter.link is not None:
        return letter.link.is_open
    if letter.kind == LetterKind.RESET_PASSWORD:
        return links.look_for_recipient(letter)
    if letter.kind == LetterKind.CONFIRM_EMAIL and letter.administrator:
        links.make(letter, LinkKind.CONFIRM_EMAIL, letter.administrator)
    return True


def _failed(letter: Letter, error: Exception) -> None:
    global _rests_until  # noqa: PLW0603 - one for all threads of this process
    if is_permanent(error):
        logger.warning("letter %s was refused: %s", letter.pk, error)
        letters.note_undeliverable(letter, "The mail server refused the mail.")
        return
    logger.warning("letter %s could not be sent, it is tried again: %s", letter.pk, error)
    if not isinstance(error, smtplib.SMTPRecipientsRefused):  # it is the server, and not this one address
        _rests_until = time.monotonic() + REST_SECONDS
    letters.put_off(letter)
