"""The refusals of OX Cloud, in one table: by the code that the Cloud API tells with them, and by their text.

SOAP tells no code, and what it says is not published; the titles of the Cloud API are (its specification 2.3.5). So a
row is found by its code where there is one, else by what the text contains.
"""

import re
from dataclasses import dataclass

from oxherd.errors import (
    PlatformError,
    PlatformMisconfigured,
    PlatformNotFound,
    PlatformRefused,
    PlatformTaken,
    PlatformUnreachable,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """`pattern` finds in the text what `{0}` of the sentence is; without one the row is found by its code alone."""

    code: int
    kind: type[PlatformError]
    sentence: str
    pattern: str = ""

    def values_in(self, text: str) -> list[str] | None:
        """What goes into the sentence; None when the text does not have it."""
        match = re.search(self.pattern, text) if self.pattern else None
        if match is None:
            return None if "{0}" in self.sentence else []
        return [_in_words(value) if self.code == MISSING else value for value in match.groups()]


MISSING = 7
_WORDS = {
    "name": "login",
    "password": "password",
    "givenName": "given name",
    "surName": "surname",
    "mail": "primary address",
    "displayName": "display name",
}


def _in_words(fields: str) -> str:
    return ", ".join(_WORDS.get(field, field) for field in fields.split(", "))


# What SOAP says in place of the first three has other causes too, and sentences of its own in `faults`.
REFUSALS = (
    Refusal(1, PlatformNotFound, "The platform does not know this user."),
    Refusal(
        2,
        PlatformMisconfigured,
        "The platform does not accept the login or password of this brand. Correct them in its settings.",
    ),
    Refusal(
        3,
        PlatformMisconfigured,
        "The platform has no such context for this brand. Restore it there, or correct the brand's settings.",
    ),
    Refusal(5, PlatformRefused, "The platform refused this without giving a reason."),
    Refusal(6, PlatformUnreachable, "The platform is under maintenance. It is tried again.", r"maintenance ongoing"),
    Refusal(
        MISSING,
        PlatformRefused,
        "The platform needs these fields: {0}. Fill them in.",
        r"[Mm]andatory parameters missing: ([^;]+)",
    ),
    Refusal(10, PlatformUnreachable, "A service of the platform is not available at the moment. It is tried again."),
    Refusal(
        11,
        PlatformRefused,
        "The platform does not accept these quotas. Correct the profile.",
        r"only unifiedQuota or mail- and fileQuota",
    ),
    Refusal(
        12,
        PlatformRefused,
        "The platform does not accept these quotas. Correct the profile.",
        r"Quota must be either omitted or a positive value",
    ),
    Refusal(
        13,
        PlatformRefused,
        "The platform does not know the class of service {0}. Correct the profile.",
        r"Invalid CoS values: ([^;]+)",
    ),
    Refusal(
        40,  # before 14, whose text it contains
        PlatformRefused,
        "Another brand shares a domain of these addresses. Have it released on the platform first.",
        r"shared mail domain is already in use",
    ),
    Refusal(
        14,
        PlatformRefused,
        "Another customer of the platform has a domain of these addresses. Have it released or shared first.",
        r"mail domain is already in use",
    ),
    Refusal(
        15,
        PlatformRefused,
        "The platform does not allow {0} here. Change it.",
        r'parameter contains invalid characters "(.*?)"',
    ),
    Refusal(
        19,
        PlatformRefused,
        "The platform does not know the user {0}, who is to get what was shared. Choose another.",
        r'User to reassign "(.+?)" does not exist',
    ),
    Refusal(20, PlatformNotFound, "The platform does not know this user."),
    Refusal(22, PlatformNotFound, "The platform passes no such mail on.", r'Forward or recipient "(.+?)" not found'),
    Refusal(23, PlatformNotFound, "The platform passes no such mail on.", r'Forward recipient "(.+?)" not found'),
    Refusal(
        24,
        PlatformRefused,
        "The platform does not accept the address {0}. Correct it.",
        r'Invalid mail address: "(.*?)"',
    ),
    *(
        Refusal(
            code,
            PlatformRefused,
            "The platform allows no more {0} recipients. Remove some.",
            r"Maximum amount of (external|internal) forward recipients exceeded",
        )
        for code in (25, 26)
    ),
    Refusal(
        29,
        PlatformNotFound,
        "The user {0} has no mailbox on the platform. Choose another for the catch-all.",
        r'No such catchall user "(.+?)"',
    ),
    Refusal(
        30,
        PlatformNotFound,
        "The platform has no such catch-all for {0}.",
        r'Catchall domain "(.+?)" not found',
    ),
    Refusal(
        31,
        PlatformTaken,
        "Somebody of another customer is the catch-all of {0} on the platform. Have that removed first.",
        r'Catchall domain "(.+?)" already exists',
    ),
    Refusal(
        32,
        PlatformTaken,
        "The platform has a user named {0} already, perhaps another customer's. Choose another login.",
        r'User "(.+?)" already exists',
    ),
    Refusal(
        33,
        PlatformTaken,
        "The address {0} is in use on the platform, perhaps by another customer. Choose another.",
        r'Mail address "(.+?)" already in use',
    ),
    Refusal(
        34,
        PlatformTaken,
        "Another user of this customer has this display name. Choose another.",
        r"display name is already in use",
    ),
    Refusal(35, PlatformRefused, "The platform does not know this time zone. Choose another.", r"Invalid timezone"),
    Refusal(36, PlatformRefused, "The platform does not know the spam level {0}.", r'Invalid spamlevel "(.*?)"'),
    Refusal(
        37,
        PlatformRefused,
        "The aliases must hold the primary address. Add it again.",
        r"list of aliases does not include the current mail address",
    ),
    Refusal(
        38,
        PlatformRefused,
        "The platform allows no more users: the limit is {0}. Have the limit raised, or remove some first.",
        r"Unable to create more users. The maximum amount of users for this context is (\d+)",
    ),
    Refusal(39, PlatformUnreachable, "The platform is asked too often at the moment. It is tried again."),
    Refusal(
        41,
        PlatformTaken,
        "The platform passes mail for {0} on already.",
        r'Forward "(.+?)" already exists',
    ),
    Refusal(
        43,
        PlatformTaken,
        "One of the addresses is in use on the platform. Choose another.",
        r"Alias already exists",
    ),
)
BY_CODE = {refusal.code: refusal for refusal in REFUSALS}
