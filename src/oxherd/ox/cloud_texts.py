"""What OX Cloud adds to the texts of the core. What SOAP says is not published; the titles of the Cloud API are."""

from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken

CLOUD_TEXTS: tuple[tuple[str, type[PlatformRefused], str], ...] = (
    (
        r'User "(.+?)" already exists',
        PlatformTaken,
        "The platform has a user named {0} already, perhaps another customer's. Choose another login.",
    ),
    (
        r'Mail address "(.+?)" already in use',
        PlatformTaken,
        "The address {0} is in use on the platform, perhaps by another customer. Choose another.",
    ),
    (r"Alias already exists", PlatformTaken, "One of the addresses is in use on the platform. Choose another."),
    (
        r"display name is already in use",
        PlatformTaken,
        "Another user of this customer has this display name. Choose another.",
    ),
    (r'Forward "(.+?)" already exists', PlatformTaken, "The platform passes mail for {0} on already."),
    (
        r"shared mail domain is already in use",
        PlatformRefused,
        "Another brand shares a domain of these addresses. Have it released on the platform first.",
    ),
    (
        r"mail domain is already in use",
        PlatformRefused,
        "Another customer of the platform has a domain of these addresses. Have it released or shared first.",
    ),
    (
        r'Catchall domain "(.+?)" already exists',
        PlatformTaken,
        "Somebody of another customer is the catch-all of {0} on the platform. Have that removed first.",
    ),
    (r'Catchall domain "(.+?)" not found', PlatformNotFound, "The platform has no such catch-all for {0}."),
    (
        r'No such catchall user "(.+?)"',
        PlatformRefused,
        "The user {0} has no mailbox on the platform. Choose another for the catch-all.",
    ),
    (
        r"Invalid CoS values: ([^;]+)",
        PlatformRefused,
        "The platform does not know the class of service {0}. Correct the profile.",
    ),
    (
        r'parameter contains invalid characters "(.*?)"',
        PlatformRefused,
        "The platform does not allow {0} here. Change it.",
    ),
    (
        r"only unifiedQuota or mail- and fileQuota|Quota must be either omitted or a positive value",
        PlatformRefused,
        "The platform does not accept these quotas. Correct the profile.",
    ),
    (r'Invalid mail address: "(.*?)"', PlatformRefused, "The platform does not accept the address {0}. Correct it."),
    (r'Invalid spamlevel "(.*?)"', PlatformRefused, "The platform does not know the spam level {0}."),
    (r"Invalid timezone", PlatformRefused, "The platform does not know this time zone. Choose another."),
    (
        r"list of aliases does not include the current mail address",
        PlatformRefused,
        "The aliases must hold the primary address. Add it again.",
    ),
    (
        r"Maximum amount of (external|internal) forward recipients exceeded",
        PlatformRefused,
        "The platform allows no more {0} recipients. Remove some.",
    ),
    (
        r"Unable to create more users. The maximum amount of users for this context is (\d+)",
        PlatformRefused,
        "The platform allows no more users: the limit is {0}. Have the limit raised, or remove some first.",
    ),
)
