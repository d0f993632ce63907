"""Whether mail to administrators reaches anybody."""

from django.conf import settings

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def is_printed() -> bool:
    """Without a mail server, mail is printed into a log: no place for a link that opens a door."""
    return bool(settings.EMAIL_BACKEND == CONSOLE)
