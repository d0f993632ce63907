"""What the rest of oxherd knows about an Open-Xchange platform: our words in, our words out, and PlatformErrors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from threading import Lock
from typing import Final, Protocol

from oxherd.errors import PlatformMisconfigured


class Unset(Enum):
    """The value of a field that a change leaves alone; None is a value of its own."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Connection:
    """`api_url` is the address before `/webservices`; `login` is the master administrator of App Suite."""

    kind: str
    api_url: str
    login: str
    password: str = field(repr=False)
    connect_timeout: float = 5
    read_timeout: float = 30
    pool_size: int = 16
    verify_tls: bool = True


@dataclass(frozen=True, slots=True)
class ContextAccess:
    """The administrator of one context: App Suite lets nobody else handle its users."""

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
    """`drive_quota_mb` None is unlimited; `photo` is a JPEG; `aliases` hold the primary address too."""

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


@dataclass(frozen=True, slots=True)
class UserChange:
    """Only what is set is sent. A new `primary_address` must be in `aliases`, given here or held by the platform."""

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


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user as the platform has it. `drive_quota_mb` None is unlimited or no file store of its own."""

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
    used_quota_mb: int
    mail_enabled: bool
    marker: str | None
    photo: bytes | None = field(default=None, repr=False)
    access_combination: str | None = None

    @property
    def photo_sha256(self) -> str | None:
        return None if self.photo is None else sha256(self.photo).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, for the operator: `sentence` says how it is, and what to do if it is not `ok`."""

    name: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PlatformReport:
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)


class Platform(Protocol):
    """One platform with one set of credentials; safe to share between threads.

    Any call may raise PlatformUnreachable (it may or may not have been carried out), PlatformRefused or
    PlatformMisconfigured; the more exact PlatformNotFound and PlatformTaken are named where they matter.
    """

    def check(self) -> PlatformReport:
        """Whether the platform is reachable, takes the credentials and offers what is needed; raises nothing."""

    def create_context(
        self, context_id: int, data: ContextData, admin: ContextAdmin, access_combination: str
    ) -> FoundContext:
        """The context as made; PlatformTaken when its id or name is there already (find it, compare the marker)."""

    def find_context(self, *, context_id: int | None = None, name: str | None = None) -> FoundContext | None: ...

    def change_context(self, context_id: int, change: ContextChange) -> None: ...

    def enable_context(self, context_id: int) -> None: ...

    def disable_context(self, context_id: int) -> None:
        """Nobody of the context can sign in any more; data stays. A disabled one stays disabled."""

    def remove_context(self, context_id: int) -> None:
        """Context and data are gone afterwards, also when they were gone before."""

    def list_contexts(self, pattern: str = "*") -> Iterator[FoundContext]:
        """Contexts whose name, mapping or id fits (`*` any text, `_` any character), read while they arrive."""

    def create_user(self, access: ContextAccess, user: UserData) -> int:
        """The user's id on the platform; PlatformTaken when name, display name or primary address is in use.

        An unlimited drive quota takes a second call. When that fails the user is there with 1 MB: adopt it
        (`find_user`, compare the marker) and send `UserChange(drive_quota_mb=None)`.
        """

    def find_user(
        self,
        access: ContextAccess,
        *,
        ox_id: int | None = None,
        name: str | None = None,
        with_access_combination: bool = False,
    ) -> FoundUser | None:
        """By id, else by name (upper and lower case differ)."""

    def change_user(self, access: ContextAccess, ox_id: int, change: UserChange) -> None:
        """Sends what is set, nothing when nothing is; PlatformNotFound, PlatformTaken.

        `photo=None` sends an empty picture. App Suite 8.19 and older keep the old one then: they have no way to
        remove it over SOAP.
        """

    def remove_user(self, access: ContextAccess, ox_id: int, *, reassign_to: int | None = None) -> None:
        """The user is gone afterwards, also when it was gone before.

        Shared data goes to the context's administrator, with `reassign_to` to that user, with 0 nowhere.
        """

    def list_users(self, access: ContextAccess) -> Iterator[FoundUser]:
        """All users of the context, its administrator too, in constant memory."""

    def access_combination(self, access: ContextAccess, ox_id: int) -> str | None:
        """None when the user's rights equal no named combination; PlatformNotFound."""

    def user_aliases(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        """Every address of the user, the primary one too; PlatformNotFound."""


_PLATFORMS: dict[Connection, Platform] = {}
_PLATFORMS_LOCK = Lock()
_MOST_PLATFORMS = 256


def platform_for(connection: Connection) -> Platform:
    """The one platform of this process for the connection; PlatformMisconfigured when its kind is not offered."""
    with _PLATFORMS_LOCK:
        platform = _PLATFORMS.pop(connection, None) or _open(connection)
        _PLATFORMS[connection] = platform
        while len(_PLATFORMS) > _MOST_PLATFORMS:
            del _PLATFORMS[next(iter(_PLATFORMS))]
    return platform


def _open(connection: Connection) -> Platform:
    from oxherd.ox.app_suite import AppSuite

    dialects = {"app_suite": AppSuite}
    if connection.kind == "ox_cloud":
        raise PlatformMisconfigured("This release of oxherd does not offer the OX Cloud dialect. Use App Suite.")
    if connection.kind not in dialects:
        raise PlatformMisconfigured(f'There is no kind of platform called "{connection.kind}".')
    return dialects[connection.kind](connection)
