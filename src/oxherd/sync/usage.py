"""Finds out how much of mail and Drive a user has in use, when somebody wants to see it."""

import logging

from oxherd.errors import PlatformError
from oxherd.people.usage import note_use
from oxherd.sync.account_rows import AccountNow, read
from oxherd.sync.lanes import lanes

logger = logging.getLogger(__name__)


def look(account_id: int) -> None:
    """Ask the platform, once. Where it does not answer, what was known before stays; the next who looks asks again."""
    now = read(account_id)
    if now is None or now.ox_id is None or not now.is_ready:
        return
    try:
        with lanes.place():
            used = _used(now, now.ox_id)
    except PlatformError as error:
        logger.info("the use of account %s is not known: %s", account_id, error.detail or error.sentence)
        return
    note_use(account_id, **used)


def _used(now: AccountNow, ox_id: int) -> dict[str, int | None]:
    found = now.platform.find_user(now.access, ox_id=ox_id)
    if found is None:  # drift tells of it
        return {}
    mail = now.platform.mail
    used: dict[str, int | None] = {"drive": found.used_quota_mb}
    return used if mail is None else {**used, "mail": mail.mail_usage(now.access, ox_id)}
