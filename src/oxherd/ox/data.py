"""The words in which the rest of oxherd talks with a platform; import them from `oxherd.ox.interface`."""

from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Final


class Unset(Enum):
    """The value of a field that a change leaves alone; None is a value of its own."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Connection:
    """`api_url` is the address before `/webservices`; `login` is the master administrator of App Suite, or a brand.

    `api` is by what users of OX Cloud go: `cloud_api` where `check` found that, else `soap`.
    """

    kind: str
    api_url: str
    login: str
    password: str = field(repr=False)
    connect_timeout: float = 5
    read_timeout: float = 30
    pool_size: int = 16
    verify_tls: bool = True
    api: str = "soap"


@dataclass(frozen=True, slots=True)
class ContextAccess:
    """The administrator of one context: App Suite lets nobody else handle its users. OX Cloud lets the brand."""

    context_id: int
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContextData:
    """`quota_mb` None is unlimited; `marker` tells later whose context this is."""

    name: str
    login_mappings: tuple[str, ...]
    quota_mb: int | None
    marker: str


@dataclass(frozen=True, slots=True)
class ContextChange:
    name: str | Unset = UNSET
    login_mappings: tuple[str, ...] | Unset = UNSET
    quota_mb: int | Unset | None = UNSET
    marker: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class ContextAdmin:
    login: str
    password: str = field(repr=False)
    display_name: str
    given_name: str
    surname: str
    address: str
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class FoundContext:
    """A context as the platform has it; `marker` None: not made by us."""

    context_id: int
    name: str
    login_mappings: tuple[str, ...]
    quota_mb: int | None
    used_quota_mb: int
    enabled: bool
    marker: str | None


@dataclass(frozen=True, slots=True)
class UserData:
    """`drive_quota_mb` None is unlimited; `photo` is a JPEG; `aliases` hold the primary address too.

    `mail_quota_mb` and `class_of_service` are set where the platform keeps them: equal quotas are one that mail and
    files share, None is unlimited. `documents` and `guard`: on, off, or None for what the
    platform's configuration says.
    """

    name: str
    display_name: str
    given_name: str
    surname: str
    primary_address: str
    aliases: tuple[str, ...]
    language: str
    timezone: str
    password: str | None = field(repr=False)
    drive_quota_mb: int | None
    photo: bytes | None = field(repr=False)
    access_combination: str
    marker: str
    mail_enabled: bool = True
    mail_quota_mb: int | Unset | None = UNSET
    class_of_service: tuple[str, ...] | Unset = UNSET
    documents: bool | Unset | None = UNSET
    guard: bool | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class UserChange:
    """Only what is set is sent. A new `primary_address` must be in `aliases`, given here or held by the platform.

    Where the platform keeps mail quotas, both quotas are set or none: whether they are one depends on both.
    """

    name: str | Unset = UNSET
    display_name: str | Unset = UNSET
    given_name: str | Unset = UNSET
    surname: str | Unset = UNSET
    primary_address: str | Unset = UNSET
    aliases: tuple[str, ...] | Unset = UNSET
    language: str | Unset = UNSET
    timezone: str | Unset = UNSET
    password: str | Unset = field(default=UNSET, repr=False)
    drive_quota_mb: int | Unset | None = UNSET
    photo: bytes | Unset | None = field(default=UNSET, repr=False)
    access_combination: str | Unset = UNSET
    marker: str | Unset = UNSET
    mail_enabled: bool | Unset = UNSET
    mail_quota_mb: int | Unset | None = UNSET
    class_of_service: tuple[str, ...] | Unset = UNSET
    documents: bool | Unset | None = UNSET
    guard: bool | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user as the platform has it. `drive_quota_mb` None is unlimited or no file store of its own.

    `used_quota_mb` is of the file store, None where the platform does not tell. `mail_quota_mb` and `class_of_service`
    are set where the platform tells them with the user; else `Platform.mail` is asked. `documents` and `guard` None:
    nothing is said of the user, and the platform's configuration counts.
    """

    ox_id: int
    name: str
    display_name: str
    given_name: str
    surname: str
    primary_address: str
    aliases: tuple[str, ...]
    language: str
    timezone: str
    drive_quota_mb: int | None
    used_quota_mb: int | None
    mail_enabled: bool
    marker: str | None
    photo: bytes | None = field(default=None, repr=False)
    access_combination: str | None = None
    mail_quota_mb: int | Unset | None = UNSET
    class_of_service: tuple[str, ...] | Unset = UNSET
    documents: bool | None = None
    guard: bool | None = None

    @property
    def photo_sha256(self) -> str | None:
        return None if self.photo is None else sha256(self.photo).hexdigest()


@dataclass(frozen=True, slots=True)
class GroupData:
    """`members` are users' ids on the platform."""

    name: str
    display_name: str
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChange:
    """`members` are all members afterwards; left unset, they stay as they are."""

    name: str | Unset = UNSET
    display_name: str | Unset = UNSET
    members: tuple[int, ...] | Unset = UNSET


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A group as the platform has it; `is_system`: the platform made it and lets nobody remove it."""

    ox_id: int
    name: str
    display_name: str
    members: tuple[int, ...]
    is_system: bool


@dataclass(frozen=True, slots=True)
class ResourceData:
    """`manager_id` is a user's id on the platform, who decides on bookings; None: everybody books directly."""

    name: str
    display_name: str
    description: str
    address: str
    manager_id: int | None


@dataclass(frozen=True, slots=True)
class ResourceChange:
    name: str | Unset = UNSET
    display_name: str | Unset = UNSET
    description: str | Unset = UNSET
    address: str | Unset = UNSET
    manager_id: int | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class FoundResource:
    """A resource as the platform has it; `manager_id` is the first, if people made several users its managers."""

    ox_id: int
    name: str
    display_name: str
    description: str
    address: str
    manager_id: int | None


@dataclass(frozen=True, slots=True)
class BrandAccount:
    """A brand of OX Cloud as the platform holds it; limits None are none. `configuration`: properties for all users."""

    login: str
    display_name: str
    most_contexts: int | None
    most_users: int | None
    configuration: dict[str, str]
    combinations: tuple[str, ...] = ()  # those of which the brand may have a limited number of users


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, for the operator: `sentence` says how it is, and what to do if it is not `ok`."""

    name: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PlatformReport:
    """`has_cloud_api`: whether users can go by the Cloud API; None where that is not known, or of no interest.

    `combinations`: access combinations that are known to be there. No platform tells all of them.
    """

    findings: tuple[Finding, ...]
    has_cloud_api: bool | None = None
    combinations: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)
