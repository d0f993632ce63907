"""The core's faults as the Cloud API tells them: by a code where it has one for it."""

import re

from oxherd.sandbox.faults import CloudRefusal, ServiceFault

# The beginning of the core's text, and what of it goes into the title.
KNOWN: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"User (.+) already exists in this context", 32),
        (r"The displayname is already used", 34),
        (r'Primary mail address "(.+?)" already exists', 33),
        (r"Invalid email address: (.*?);", 24),
        (r"The given timezone is invalid", 35),
        (r'Illegal chars: "(.*?)"', 15),
        (r"[lL]anguage must contain an underscore", 5),
        (r"Context (.+) already exists!", 8),
        (r"primaryMail, Email1 and defaultSenderAddress must be present", 37),
        (r"(?:\S+: )?Maximum number of users per context reached: (\d+)", 38),
        (r"No such user", 1),
        (r"Authentication failed|authentication failed", 2),
    )
)


def as_refusal(fault: ServiceFault) -> CloudRefusal:
    """Code 5 for all that the API has no word for; a limit of users does not count the context admin there."""
    if isinstance(fault, CloudRefusal):
        return fault
    for pattern, code in KNOWN:
        if match := pattern.match(fault.text):
            values = [str(int(match[1]) - 1)] if code == 38 else list(match.groups())  # noqa: PLR2004 - users of a context
            return CloudRefusal(code, *values)
    return CloudRefusal(5)
