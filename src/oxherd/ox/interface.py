"""What the rest of oxherd knows about an Open-Xchange platform: our words in, our words out, and PlatformErrors."""

from collections.abc import Callable, Collection, Iterator
from threading import Lock
from typing import Protocol

from oxherd.errors import PlatformMisconfigured
from oxherd.ox.data import (
    UNSET,
    BrandAccount,
    Connection,
    ContextAccess,
    ContextAdmin,
    ContextChange,
    ContextData,
    Finding,
    FoundContext,
    FoundGroup,
    FoundResource,
    FoundUser,
    GroupChange,
    GroupData,
    PlatformReport,
    ResourceChange,
    ResourceData,
    Unset,
    UserChange,
    UserData,
)

__all__ = [
    "UNSET",
    "BrandAccount",
    "Connection",
    "ContextAccess",
    "ContextAdmin",
    "ContextChange",
    "ContextData",
    "Finding",
    "FoundContext",
    "FoundGroup",
    "FoundResource",
    "FoundUser",
    "GroupChange",
    "GroupData",
    "Mailboxes",
    "Platform",
    "PlatformReport",
    "ResourceChange",
    "ResourceData",
    "Unset",
    "UserChange",
    "UserData",
    "platform_for",
]


class Mailboxes(Protocol):
    """What a platform does about mail that keeps the mailboxes itself. Raises as `Platform` does."""

    def catch_alls(self, access: ContextAccess) -> dict[str, str]:
        """Who gets what is addressed to nobody: names of users by domain."""

    def set_catch_all(self, access: ContextAccess, domain: str, name: str | None) -> None:
        """The user of this name gets it afterwards, with None nobody, whoever of the context did before.

        PlatformNotFound when there is no such user, PlatformTaken when somebody of another context gets it.
        """

    def mail_quota(self, access: ContextAccess, ox_id: int) -> int | None:
        """The size of the mailbox in MB; None is unlimited."""

    def mail_usage(self, access: ContextAccess, ox_id: int) -> int | None:
        """How much of the mailbox is used, in MB; None while it was never opened."""

    def mail_usage_of_all(self, access: ContextAccess) -> int | None:
        """The same of all mailboxes of the context together."""

    def class_of_service(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]: ...

    def permissions(self, access: ContextAccess, ox_id: int) -> frozenset[str]:
        """Those of `send`, `receive`, `maillogin` and `weblogin` that the user has."""

    def set_permissions(
        self, access: ContextAccess, ox_id: int, *, on: Collection[str] = (), off: Collection[str] = ()
    ) -> None: ...

    def spam_level(self, access: ContextAccess, ox_id: int) -> str:
        """`low`, `medium` or `high`."""

    def set_spam_level(self, access: ContextAccess, ox_id: int, level: str) -> None: ...

    def forwards(self, access: ContextAccess) -> dict[str, tuple[str, ...]]:
        """Addresses that pass mail on, with their recipients."""

    def set_forward(self, access: ContextAccess, address: str, recipients: Collection[str]) -> None:
        """Mail to the address goes to these recipients afterwards, with none of them to nobody."""


class Platform(Protocol):
    """One platform with one set of credentials; safe to share between threads.

    Any call may raise PlatformUnreachable (it may or may not have been carried out), PlatformRefused or
    PlatformMisconfigured; the more exact PlatformNotFound and PlatformTaken are named where they matter.
    """

    @property
    def mail(self) -> Mailboxes | None:
        """None where a mail server of its own keeps the mailboxes, as with App Suite."""

    @property
    def marks_users(self) -> bool:
        """Whether a new user carries its `marker`; elsewhere only what was noted before tells whose it is."""

    def check(self) -> PlatformReport:
        """Whether the platform is reachable, takes the credentials and offers what is needed; raises nothing."""

    def not_kept(self) -> frozenset[str]:
        """What this release does not keep of users and resources: `photo` before 8, `manager_id` of resources too."""

    def create_context(
        self, context_id: int | None, data: ContextData, admin: ContextAdmin, access_combination: str
    ) -> FoundContext:
        """The context as made; PlatformTaken when its id or name is there already (find it, compare the marker).

        OX Cloud gives ids itself: `context_id` is None then, and the answer has the id.
        """

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

        Some of it takes further calls: an unlimited drive quota, a mail quota. When one fails the user is there without
        the rest, 1 MB of drive for one: adopt it (`find_user`, compare the marker) and send all of it as a change.
        Where `marks_users` is false the marker is not kept: compare what was noted before the call.
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
        """None when the user's rights equal no named combination; PlatformNotFound.

        Of no use to compare where `not_kept` names it: the class of service says there what a user can do.
        """

    def user_aliases(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        """Every address of the user, the primary one too; PlatformNotFound."""

    def create_group(self, access: ContextAccess, data: GroupData) -> int:
        """The group's id on the platform; PlatformTaken when its name is in use, whatever its case.

        Groups have no marker: the platform keeps nothing with them but names and members. Who wants to adopt the
        group that an earlier try left finds it by name and compares display name and members with what was sent,
        makes sure that no other object of ours holds its id, and never adopts one that `is_system`. The context
        belongs to one customer, but users with the right to edit groups make groups there too.
        """

    def find_group(
        self, access: ContextAccess, *, ox_id: int | None = None, name: str | None = None
    ) -> FoundGroup | None:
        """By id, else by name (upper and lower case alike)."""

    def change_group(self, access: ContextAccess, ox_id: int, change: GroupChange) -> None:
        """Sends what is set, nothing when nothing is; PlatformNotFound, PlatformTaken.

        The platform empties a group that it is sent without members. So a change that leaves members unset reads
        them first and sends them along: who was added or removed between these two calls is not. Let one job at a
        time work on a group, or set `members`.
        """

    def add_members(self, access: ContextAccess, ox_id: int, user_ids: Collection[int]) -> None:
        """They are members afterwards, also those who were before; PlatformNotFound when there is no such group.

        PlatformRefused when the platform does not know a user; large numbers go in parts, and earlier parts stay.
        """

    def remove_members(self, access: ContextAccess, ox_id: int, user_ids: Collection[int]) -> None:
        """They are no members afterwards, also those who were none before; PlatformNotFound as for `add_members`."""

    def remove_group(self, access: ContextAccess, ox_id: int) -> None:
        """The group is gone afterwards, also when it was gone before; PlatformRefused for the group of all users."""

    def list_groups(self, access: ContextAccess) -> Iterator[FoundGroup]:
        """All groups of the context, the one of all users too, read while they arrive."""

    def groups_of_user(self, access: ContextAccess, user_id: int) -> tuple[FoundGroup, ...]:
        """All groups that the user is a member of, the one of all users too; PlatformNotFound."""

    def create_resource(self, access: ContextAccess, data: ResourceData) -> int:
        """The resource's id on the platform; PlatformTaken when its name or address is in use.

        With a manager, everybody else has to ask for a booking: App Suite knows no other combination, unless
        `com.openexchange.resource.simplePermissionMode` is switched off. Releases before 8 know no managers; `check`
        tells, and the manager is left out. No marker either: to adopt, compare name and address, which are both
        unique within the context.
        """

    def find_resource(
        self, access: ContextAccess, *, ox_id: int | None = None, name: str | None = None
    ) -> FoundResource | None:
        """By id, else by name (upper and lower case alike)."""

    def change_resource(self, access: ContextAccess, ox_id: int, change: ResourceChange) -> None:
        """Sends what is set, nothing when nothing is; PlatformNotFound, PlatformTaken.

        A new manager takes the place of all managers there were.
        """

    def remove_resource(self, access: ContextAccess, ox_id: int) -> None:
        """The resource is gone afterwards, also when it was gone before."""

    def list_resources(self, access: ContextAccess) -> Iterator[FoundResource]:
        """All resources of the context, read while they arrive."""


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
    from oxherd.ox.cloud import OxCloud
    from oxherd.ox.cloud_api import CloudApi

    cloud: Callable[[Connection], Platform] = CloudApi if connection.api == "cloud_api" else OxCloud
    dialects: dict[str, Callable[[Connection], Platform]] = {"app_suite": AppSuite, "ox_cloud": cloud}
    if connection.kind not in dialects:
        raise PlatformMisconfigured(f'There is no kind of platform called "{connection.kind}".')
    return dialects[connection.kind](connection)
