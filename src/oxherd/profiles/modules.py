"""What an access combination holds, in the platform's flags and in words for people.

Source: ModuleAccessDefinitions.properties as Open-Xchange ships it (8.19), and for cloud_* the packages of OX Cloud.
An installation may define combinations of its own, about which nothing is known here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

# What App Suite sells beside combinations, turned on and off for each user. OX Cloud has it in combinations.
ADD_ONS = ("documents", "guard")
NOT = "no-"  # before the name of an add-on that is turned off
CAPABILITY = re.compile(r"[a-z0-9][a-z0-9_:.-]*")


@dataclass(frozen=True, slots=True)
class Module:
    """Something that people have with a profile.

    name: for people, at the start of a sentence or in a list. capabilities: what App Suite calls it where it is
    missing. main: worth a line in an offer; the others are details.
    """

    key: str
    name: str
    capabilities: frozenset[str] = frozenset()
    main: bool = False


def _module(key: str, name: str, capabilities: str = "", *, main: bool = False) -> Module:
    return Module(key, name, frozenset(capabilities.split()), main)


# In the order in which people care for them.
MODULES = (
    _module("webmail", "Mail", "webmail", main=True),
    _module("contacts", "Address book", "contacts carddav", main=True),
    _module("calendar", "Calendar", "calendar caldav freebusy conflict_handling participants_dialog", main=True),
    _module("tasks", "Tasks", "tasks", main=True),
    _module("infostore", "Drive for files", "infostore drive", main=True),
    _module("documents", "Documents: text and spreadsheets", "text spreadsheet presentation", main=True),
    _module("guard", "Guard for encrypted mail", "guard guard-mail", main=True),
    _module("activeSync", "Phones (ActiveSync)", "active_sync", main=True),
    _module("globalAddressBook", "Address book of all colleagues", "gab", main=True),
    _module("readCreateSharedFolders", "Shared folders", "read_create_shared_folders", main=True),
    _module("editPublicFolders", "Public folders", "edit_public_folders"),
    _module("publicFolderEditable", "Administration of public folders"),
    _module("delegateTask", "Tasks for others", "delegate_tasks"),
    _module("multipleMailAccounts", "Further mail accounts", "multiple_mail_accounts"),
    _module("subscription", "Subscriptions to calendars and address books", "subscription"),
    _module("publication", "Publications of folders", "publication"),
    _module("editGroup", "Groups, to edit oneself", "edit_group"),
    _module("editResource", "Resources, to edit oneself", "edit_resource"),
    _module("editPassword", "A password that one can change oneself", "edit_password"),
    _module("collectEmailAddresses", "Collected addresses", "collect_email_addresses"),
    _module("viewer", "Viewer for documents", "document_preview"),
    _module("undelete", "Mail that can be undeleted", "dumpster"),
    _module("antiphishing", "Protection from phishing at the click"),
    _module("unsubscribe", "Safe unsubscribing from newsletters"),
    _module("webdav", "Drive as a network folder (WebDAV)", "webdav"),
    _module("webdavXml", "Older clients by WebDAV XML", "webdav_xml"),
    _module("ical", "Calendars as iCal files", "ical"),
    _module("vcard", "Contacts as vCard files", "vcard"),
    _module("syncml", "Synchronisation of older phones (SyncML)", "mobility"),
    _module("USM", "Synchronisation of other programs (USM)", "usm"),
    _module("OLOX20", "Outlook connector", "olox20"),
    _module("portal", "Portal", "portal"),
)
_GROUPWARE = (
    "webmail contacts calendar tasks infostore webdav ical vcard readCreateSharedFolders delegateTask "
    "editPublicFolders editGroup editResource editPassword collectEmailAddresses multipleMailAccounts subscription "
    "publication globalAddressBook portal"
)
_PREMIUM = f"{_GROUPWARE} webdavXml syncml USM OLOX20 activeSync"
_PIM = (
    "webmail contacts calendar tasks collectEmailAddresses multipleMailAccounts subscription publication "
    "editPassword portal"
)
_OLD = "webmail contacts globalAddressBook portal"
_OLD_GROUPWARE = (
    f"{_OLD} calendar tasks infostore readCreateSharedFolders delegateTask editPublicFolders publicFolderEditable"
)
_CLOUD = "portal webmail contacts globalAddressBook calendar tasks viewer"
_PRODUCTIVITY, _SECURITY = "infostore documents undelete", "guard antiphishing unsubscribe"
COMBINATIONS = {
    name: frozenset(keys.split())
    for name, keys in {
        "webmail": "webmail contacts collectEmailAddresses editPassword portal",
        "pim": _PIM,
        "pim_infostore": f"{_PIM} infostore webdav",
        "pim_mobility": f"{_PIM} syncml USM activeSync",
        "groupware": f"{_GROUPWARE} webdavXml publicFolderEditable",
        "groupware_standard": _GROUPWARE,
        "groupware_premium": _PREMIUM,
        "all": f"{_PREMIUM} publicFolderEditable",
        "drive": "infostore contacts collectEmailAddresses globalAddressBook",
        "webmail_plus": _OLD,
        "pim_plus": f"{_OLD} calendar tasks",
        "groupware_plus": _OLD_GROUPWARE,
        "premium": f"{_OLD_GROUPWARE} ical vcard webdav webdavXml",
        "cloud_pim": _CLOUD,
        "cloud_productivity": f"{_CLOUD} {_PRODUCTIVITY}",
        "cloud_security": f"{_CLOUD} {_SECURITY}",
        "cloud_productivity_security": f"{_CLOUD} {_PRODUCTIVITY} {_SECURITY}",
    }.items()
}


def keys_of(package: str) -> frozenset[str] | None:
    """The modules of a package; None for one whose combination is the installation's own.

    package: a combination, with what is said of add-ons: `groupware_standard+documents+no-guard`.
    """
    combination, *said = package.split("+")
    if combination not in COMBINATIONS:
        return None
    without = {name.removeprefix(NOT) for name in said if name.startswith(NOT)}
    return (COMBINATIONS[combination] | {name for name in said if not name.startswith(NOT)}) - without


def modules_of(package: str) -> tuple[Module, ...]:
    """What it holds, in the order of MODULES; of a combination of the installation's own only what is said of it."""
    keys = keys_of(package)
    if keys is None:
        keys = frozenset(name for name in package.split("+")[1:] if not name.startswith(NOT))
    return tuple(module for module in MODULES if module.key in keys)


def gained(before: str, after: str) -> tuple[Module, ...]:
    """What a user has more after the change of packages; nothing where one of the two is not known."""
    had, has = keys_of(before), keys_of(after)
    if had is None or has is None:
        return ()
    return tuple(module for module in MODULES if module.key in has - had)


def lost(before: str, after: str) -> tuple[Module, ...]:
    """What a user has no longer after the change; nothing where one of the two is not known."""
    return gained(after, before)


def named(text: str) -> tuple[str, ...]:
    """The capabilities in what App Suite reports as missing ("calendar,tasks"), in their order, each once."""
    return tuple(dict.fromkeys(CAPABILITY.findall(text.lower())))


def missing_modules(capabilities: Iterable[str]) -> tuple[Module, ...]:
    """The modules behind capabilities, as far as they are known here."""
    wanted = set(capabilities)
    return tuple(module for module in MODULES if module.capabilities & wanted)


def covers(package: str, capabilities: Iterable[str]) -> bool:
    """Whether the package gives them all, as far as can be told.

    A combination of the installation's own may give anything; a capability that belongs to no module here is not
    given by a combination, and decides nothing.
    """
    keys = keys_of(package)
    return keys is None or {module.key for module in missing_modules(capabilities)} <= keys


class HasPackage(Protocol):
    """What `candidates` looks at: a profile."""

    @property
    def package(self) -> str: ...

    @property
    def rank(self) -> int: ...


ProfileT = TypeVar("ProfileT", bound=HasPackage)


def candidates(profiles: Iterable[ProfileT], capabilities: Iterable[str]) -> list[ProfileT]:
    """The profiles that give what is missing, the cheapest rank first.

    Where nothing is named, all but those of the lowest rank: nobody moves up to them.
    """
    offered, needed = sorted(profiles, key=lambda profile: profile.rank), tuple(capabilities)
    if not missing_modules(needed):
        lowest = offered[0].rank if offered else 0
        return [profile for profile in offered if profile.rank > lowest]
    return [profile for profile in offered if covers(profile.package, needed)]
