"""The types that a controller has before any package is imported: of the standard, and of the platform."""

import re
from dataclasses import dataclass, field

CORE = "http://aps-standard.org/types/core"
DNS = "http://aps-standard.org/types/dns"
PLATFORM = "http://parallels.com/aps/types/pa"
RESOURCE = f"{CORE}/resource/1.0"
APPLICATION = f"{CORE}/application/1.0"
COUNTERS = tuple(f"{RESOURCE}#{name}" for name in ("Counter", "Limit", "Usage"))
TYPE_ID = re.compile(r"http://[^/:#?\s]+(/[^/:#?\s]+)*/(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?")


@dataclass(frozen=True, slots=True)
class Known:
    """A type: what it implements, and the names of its relations, operations and structures."""

    id: str
    implements: tuple[str, ...] = ()
    relations: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    structures: frozenset[str] = frozenset()
    properties: dict[str, str] = field(default_factory=dict)


def _type(id_: str, *implements: str, relations: str = "", operations: str = "", structures: str = "") -> Known:
    related, operated, structured = (frozenset(words.split()) for words in (relations, operations, structures))
    return Known(id_, implements, related, operated, structured)


_CONTACT, _USER, _ACCOUNT = f"{CORE}/contact/1.2", f"{CORE}/user/1.0", f"{CORE}/account/1.0"
KNOWN = {
    one.id: one
    for one in (
        _type(
            RESOURCE,
            operations="provision retrieve configure unprovision",
            structures="Counter Limit Usage Notification NotificationSource",
        ),
        _type(APPLICATION, RESOURCE, operations="upgrade"),
        _type(f"{CORE}/subscription/1.0", RESOURCE, relations="services", operations="resources"),
        _type(f"{CORE}/subscription/service/1.0", RESOURCE, relations="account subscription"),
        _type(f"{CORE}/suspendable/1.0", operations="enable disable"),
        _type(_CONTACT, RESOURCE, structures="Address"),
        _type(_USER, _CONTACT, relations="services"),
        _type(f"{CORE}/service-user/1.0", _USER),
        _type(f"{CORE}/admin-user/1.0", _USER),
        _type(f"{CORE}/user/service/1.0", RESOURCE, relations="user"),
        _type(_ACCOUNT, RESOURCE, relations="users brand"),
        _type(f"{CORE}/brand/1.0", RESOURCE),
        _type(f"{CORE}/external/identifiers/1.2"),
        _type(f"{CORE}/i18n/1.0", structures="MLString"),
        _type(f"{DNS}/domain/1.0", RESOURCE),
        _type(f"{DNS}/zone/1.0", RESOURCE),
        _type(f"{DNS}/record/1.0", RESOURCE, relations="zone replaces replacedBy"),
        _type("http://aps-standard.org/types/infrastructure/environment/1.0", RESOURCE),
        _type("http://aps-standard.org/types/infrastructure/environment/web/1.0", RESOURCE),
        _type(f"{PLATFORM}/poa/1.0", RESOURCE),
        _type(f"{PLATFORM}/account/1.2", _ACCOUNT),
        _type(f"{PLATFORM}/user/1.2", _USER, relations="organization", operations="invite activate resetPassword"),
        _type(f"{PLATFORM}/service-user/1.2", f"{PLATFORM}/user/1.2"),
        _type(f"{PLATFORM}/admin-user/1.2", f"{PLATFORM}/user/1.2"),
        _type(f"{PLATFORM}/subscription/1.0", f"{CORE}/subscription/1.0"),
        _type(f"{PLATFORM}/dns/zone/1.0", f"{DNS}/zone/1.0", relations="records hosting"),
        _type(f"{PLATFORM}/dns/record/mx/1.0", f"{DNS}/record/1.0"),
        _type(f"{PLATFORM}/serviceTemplate/1.0", RESOURCE),
        _type(f"{PLATFORM}/brand/1.0", f"{CORE}/brand/1.0"),
        _type("http://www.parallels.com/pa/pa-core-services/notification-manager/1", RESOURCE),
        _type("http://www.odin.com/billing/Subscription/1.0", RESOURCE),
        _type("http://www.odin.com/billing/ServicePlan/1.1", RESOURCE),
        _type("http://www.odin.com/billing/Resource/1.0", RESOURCE),
        _type("http://odin.com/init-wizard/config/1.0", operations="getInitWizardConfig testConnection"),
    )
}


def split(type_id: str) -> tuple[str, int, int]:
    """Base, major and minor of a well-formed type id; `3` is `3.0`."""
    base, _, version = type_id.rpartition("/")
    major, _, minor = version.partition(".")
    return base, int(major), int(minor or 0)


def find(type_id: str, among: dict[str, Known]) -> Known | None:
    """The type, or one with the same major number and at least this minor number; without a number, any of the name."""
    if type_id in among:
        return among[type_id]
    base, major, minor = split(type_id) if TYPE_ID.fullmatch(type_id) else (type_id, None, 0)
    for id_, one in among.items():
        other, its_major, its_minor = split(id_)
        if other == base and (major is None or (its_major == major and its_minor >= minor)):
            return one
    return None


def ancestors(type_id: str, among: dict[str, Known]) -> set[str]:
    """The ids of the type and of all that it implements, as far as they are known."""
    found: set[str] = set()
    open_ = [type_id]
    while open_:
        one = find(open_.pop(), among)
        if one is not None and one.id not in found:
            found.add(one.id)
            open_ += one.implements
    return found
