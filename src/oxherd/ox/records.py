"""Our dataclasses and the platform's records, field by field."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from oxherd.ox.descriptions import Field
from oxherd.ox.interface import (
    UNSET,
    ContextAdmin,
    ContextChange,
    ContextData,
    FoundContext,
    FoundUser,
    UserChange,
    UserData,
)
from oxherd.ox.messages import Misfit, read

UNLIMITED = -1
_NAMESPACE = "oxherd"  # of our marks among the user attributes
_CONTEXT_KEY, _USER_KEY = "tenant", "account"

_PLAIN_USER_FIELDS = (
    ("name", "name"),
    ("display_name", "display_name"),
    ("given_name", "given_name"),
    ("surname", "sur_name"),
    ("language", "language"),
    ("timezone", "timezone"),
    ("password", "password"),
    ("mail_enabled", "mailenabled"),
)
_CONTEXT_FIELDS = frozenset({"id", "name", "loginMappings", "maxQuota", "usedQuota", "enabled", "userAttributes"})
_USER_FIELDS = frozenset(
    {"id", "name", "display_name", "given_name", "sur_name", "primaryEmail", "aliases", "language", "timezone"}
    | {"maxQuota", "usedQuota", "mailenabled", "userAttributes", "image1"}
)
Values = dict[str, Any]


def new_context(context_id: int, data: ContextData) -> Values:
    change = ContextChange(data.name, data.login_mappings, data.quota_mb, data.marker)
    return changed_context(context_id, change)


def changed_context(context_id: int, change: ContextChange) -> Values:
    """An empty list of mappings would leave the old ones: the id, which is mapped in any case, stands for none."""
    values: Values = {"id": context_id}
    if change.name is not UNSET:
        values["name"] = change.name
    if change.login_mappings is not UNSET:
        values["loginMappings"] = change.login_mappings or (str(context_id),)
    if change.quota_mb is not UNSET:
        values["maxQuota"] = _quota(change.quota_mb)
    if change.marker is not UNSET:
        values["userAttributes"] = _mark(_CONTEXT_KEY, change.marker)
    return values


def context_admin(admin: ContextAdmin) -> Values:
    return {
        "name": admin.login,
        "password": admin.password,
        "display_name": admin.display_name,
        "given_name": admin.given_name,
        "sur_name": admin.surname,
        "language": admin.language,
        "timezone": admin.timezone,
        **_addresses(admin.address, (admin.address,)),
    }


def new_user(user: UserData) -> Values:
    """All in one record. An unlimited user begins with 1 MB, for only a limit gives it a file store of its own."""
    values = {theirs: getattr(user, ours) for ours, theirs in _PLAIN_USER_FIELDS if getattr(user, ours) is not None}
    values |= _addresses(user.primary_address, user.aliases)
    values["maxQuota"] = 1 if user.drive_quota_mb is None else user.drive_quota_mb
    values["userAttributes"] = _mark(_USER_KEY, user.marker)
    return values if user.photo is None else values | _photo(user.photo)


def changed_user(change: UserChange) -> Values:
    """Only what is set; the access combination is not part of the record."""
    pairs = ((theirs, getattr(change, ours)) for ours, theirs in _PLAIN_USER_FIELDS)
    values: Values = {theirs: value for theirs, value in pairs if value is not UNSET}
    values |= _changed_addresses(change)
    if change.drive_quota_mb is not UNSET:
        values["maxQuota"] = _quota(change.drive_quota_mb)
    if change.marker is not UNSET:
        values["userAttributes"] = _mark(_USER_KEY, change.marker)
    if change.photo is not UNSET:
        values |= _photo(change.photo)
    return values


def _changed_addresses(change: UserChange) -> Values:
    if change.primary_address is UNSET:
        return {} if change.aliases is UNSET else {"aliases": change.aliases}
    aliases = () if change.aliases is UNSET else change.aliases
    values = _addresses(change.primary_address, aliases)
    return values if aliases else {name: value for name, value in values.items() if name != "aliases"}


def _addresses(primary: str, aliases: tuple[str, ...]) -> Values:
    """The platform wants these four to agree: email1 equals primaryEmail, and the aliases hold it and the sender."""
    complete = aliases if primary.lower() in {alias.lower() for alias in aliases} else (primary, *aliases)
    return {"primaryEmail": primary, "email1": primary, "defaultSenderAddress": primary, "aliases": complete}


def _photo(photo: bytes | None) -> Values:
    """The platform fails on a picture without its type; an empty picture has none."""
    return {"image1": photo, "image1ContentType": "image/jpeg"} if photo else {"image1": b""}


def _quota(megabytes: int | None) -> int:
    return UNLIMITED if megabytes is None else megabytes


def _mark(key: str, value: str) -> Values:
    return {"entries": [{"key": _NAMESPACE, "value": {"entries": [{"key": key, "value": value}]}}]}


def found_context(element: etree._Element, described: Field) -> FoundContext:
    values = _values(element, described, _CONTEXT_FIELDS)
    return FoundContext(
        context_id=values["id"],
        name=values.get("name", str(values["id"])),
        login_mappings=tuple(values.get("loginMappings", ())),
        quota_mb=_limit(values.get("maxQuota")),
        used_quota_mb=values.get("usedQuota", 0),
        enabled=values.get("enabled", True),
        marker=_marker(values.get("userAttributes"), _CONTEXT_KEY),
    )


def found_user(element: etree._Element, described: Field) -> FoundUser:
    values = _values(element, described, _USER_FIELDS)
    return FoundUser(
        ox_id=values["id"],
        name=values.get("name", ""),
        display_name=values.get("display_name", ""),
        given_name=values.get("given_name", ""),
        surname=values.get("sur_name", ""),
        primary_address=values.get("primaryEmail", ""),
        aliases=tuple(values.get("aliases", ())),
        language=values.get("language", ""),
        timezone=values.get("timezone", ""),
        drive_quota_mb=_limit(values.get("maxQuota")),
        used_quota_mb=max(values.get("usedQuota", 0), 0),
        mail_enabled=values.get("mailenabled", True),
        marker=_marker(values.get("userAttributes"), _USER_KEY),
        photo=values.get("image1") or None,
    )


def found_id(element: etree._Element, described: Field) -> int:
    number: int = _values(element, described, frozenset({"id"}))["id"]
    return number


def _values(element: etree._Element, described: Field, wanted: frozenset[str]) -> Mapping[str, Any]:
    if described.record is None:
        raise Misfit("the answer is described as plain text")
    values = read(element, described.record, wanted)
    if "id" not in values:
        raise Misfit("the answer has no id")
    return values


def _limit(megabytes: int | None) -> int | None:
    return None if megabytes is None or megabytes < 0 else megabytes


def _marker(attributes: etree._Element | None, key: str) -> str | None:
    """The maps are two levels of `entries` with a `key` and a `value` each."""
    if attributes is None:
        return None
    for outer in attributes.iterchildren("{*}entries"):
        if outer.findtext("{*}key") == _NAMESPACE:
            inner = outer.iterfind("{*}value/{*}entries")
            return next((entry.findtext("{*}value") for entry in inner if entry.findtext("{*}key") == key), None)
    return None
