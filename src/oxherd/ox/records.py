"""Our dataclasses and the platform's records, field by field."""

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from oxherd.ox.descriptions import Field
from oxherd.ox.interface import (
    UNSET,
    ContextAdmin,
    ContextChange,
    ContextData,
    FoundContext,
    FoundGroup,
    FoundResource,
    FoundUser,
    GroupChange,
    GroupData,
    ResourceChange,
    ResourceData,
    UserChange,
    UserData,
)
from oxherd.ox.messages import Misfit, read

UNLIMITED = -1
_NAMESPACE = "oxherd"  # of our marks among the user attributes
_UNIFIED = "com.openexchange.unifiedquota.enabled"
_CONTEXT_KEY, _USER_KEY = "tenant", "account"
# Capabilities by which App Suite's interface knows that a user may use an add-on; none is the name of a permission bit.
_CONFIG, _CAPABILITY = "config", "com.openexchange.capability."
_ADD_ONS = {
    "documents": ("text", "spreadsheet", "presentation", "document_preview"),
    "guard": ("guard", "guard-mail", "guard-docs", "guard-drive"),
}

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
_PLAIN_GROUP_FIELDS = (("name", "name"), ("display_name", "displayname"), ("members", "members"))
_PLAIN_RESOURCE_FIELDS = (
    ("name", "name"),
    ("display_name", "displayname"),
    ("description", "description"),
    ("address", "email"),
)
_SYSTEM_GROUPS = frozenset({0, 1, 2**31 - 1})  # everybody, the default group, all guests: the same in every context
_EVERYBODY = 0
_CONTEXT_FIELDS = frozenset({"id", "name", "loginMappings", "maxQuota", "usedQuota", "enabled", "userAttributes"})
_USER_FIELDS = frozenset(
    {"id", "name", "display_name", "given_name", "sur_name", "primaryEmail", "aliases", "language", "timezone"}
    | {"maxQuota", "usedQuota", "mailenabled", "userAttributes", "image1"}
)
_GROUP_FIELDS = frozenset({"id", "name", "displayname", "members"})
_RESOURCE_FIELDS = frozenset({"id", "name", "displayname", "description", "email", "permissions"})
Values = dict[str, Any]


def new_context(context_id: int | None, data: ContextData) -> Values:
    """Without an id where the platform gives it; nothing more is mapped then than what the platform maps itself."""
    mappings = UNSET if context_id is None and not data.login_mappings else data.login_mappings
    change = ContextChange(data.name, mappings, data.quota_mb, data.marker)
    values = changed_context(context_id or 0, change)
    return values if context_id else {name: value for name, value in values.items() if name != "id"}


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
        values["userAttributes"] = _attributes({_NAMESPACE: {_CONTEXT_KEY: change.marker}})
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
    values["userAttributes"] = _attributes(_user_attributes(user))
    return values if user.photo is None else values | _photo(user.photo)


def changed_user(change: UserChange) -> Values:
    """Only what is set; the access combination is not part of the record."""
    values = _set_fields(change, _PLAIN_USER_FIELDS)
    values |= _changed_addresses(change)
    if change.drive_quota_mb is not UNSET:
        values["maxQuota"] = _quota(change.drive_quota_mb)
    if attributes := _user_attributes(change):
        values["userAttributes"] = _attributes(attributes)
    if change.photo is not UNSET:
        values |= _photo(change.photo)
    return values


def _set_fields(change: object, fields: tuple[tuple[str, str], ...]) -> Values:
    """What is set, by the platform's names."""
    pairs = ((theirs, getattr(change, ours)) for ours, theirs in fields)
    return {theirs: value for theirs, value in pairs if value is not UNSET}


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


def _user_attributes(user: UserData | UserChange) -> dict[str, dict[str, str | None]]:
    """Our mark, and add-ons; of OX Cloud the class of service, and whether mail and files share one quota."""
    attributes: dict[str, dict[str, str | None]] = {}
    if user.marker is not UNSET:
        attributes[_NAMESPACE] = {_USER_KEY: user.marker}
    if user.class_of_service is not UNSET:
        attributes["cloud"] = {"service": ",".join(user.class_of_service)}
    if user.mail_quota_mb is not UNSET:
        is_one = user.mail_quota_mb is not None and user.mail_quota_mb == user.drive_quota_mb
        attributes[_CONFIG] = {_UNIFIED: "true" if is_one else "false"}
    for name, capabilities in _ADD_ONS.items():
        on = getattr(user, name)
        if on is not UNSET:
            text = None if on is None else str(on).lower()
            attributes.setdefault(_CONFIG, {}).update({f"{_CAPABILITY}{each}": text for each in capabilities})
    return attributes


def _attributes(values: Mapping[str, Mapping[str, str | None]]) -> Values:
    """Those that are not named stay as they are; one without a value goes."""
    return {"entries": [{"key": key, "value": {"entries": _entries(inner)}} for key, inner in values.items()]}


def _entries(values: Mapping[str, str | None]) -> list[Values]:
    return [{"key": key} if value is None else {"key": key, "value": value} for key, value in values.items()]


def new_group(group: GroupData) -> Values:
    return _set_fields(group, _PLAIN_GROUP_FIELDS)


def changed_group(change: GroupChange) -> Values:
    return _set_fields(change, _PLAIN_GROUP_FIELDS)


def new_resource(resource: ResourceData) -> Values:
    values = {theirs: value for theirs, value in _set_fields(resource, _PLAIN_RESOURCE_FIELDS).items() if value}
    return values if resource.manager_id is None else values | _permissions(resource.manager_id)


def changed_resource(change: ResourceChange) -> Values:
    values = _set_fields(change, _PLAIN_RESOURCE_FIELDS)
    return values if change.manager_id is UNSET else values | _permissions(change.manager_id)


def _permissions(manager_id: int | None) -> Values:
    """The two combinations that App Suite allows by default. Everybody booking directly is what a resource without
    permissions is, so these do away with any."""
    if manager_id is None:
        return {"permissions": [{"entity": _EVERYBODY, "group": True, "privilege": "BOOK_DIRECTLY"}]}
    manager = {"entity": manager_id, "group": False, "privilege": "DELEGATE"}
    return {"permissions": [manager, {"entity": _EVERYBODY, "group": True, "privilege": "ASK_TO_BOOK"}]}


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
        documents=_add_on(values.get("userAttributes"), _ADD_ONS["documents"]),
        guard=_add_on(values.get("userAttributes"), _ADD_ONS["guard"]),
    )


def _add_on(attributes: etree._Element | None, capabilities: Iterable[str]) -> bool | None:
    """Whether all of its capabilities are on, or all are off; None where nothing is said, or not of all the same."""
    said = {_attribute(attributes, _CONFIG, f"{_CAPABILITY}{each}") for each in capabilities}
    return {"true": True, "false": False}.get(said.pop() or "") if len(said) == 1 else None


def found_group(element: etree._Element, described: Field) -> FoundGroup:
    values = _values(element, described, _GROUP_FIELDS)
    return FoundGroup(
        ox_id=values["id"],
        name=values.get("name", ""),
        display_name=values.get("displayname", ""),
        members=tuple(values.get("members", ())),
        is_system=values["id"] in _SYSTEM_GROUPS,
    )


def found_resource(element: etree._Element, described: Field) -> FoundResource:
    values = _values(element, described, _RESOURCE_FIELDS)
    return FoundResource(
        ox_id=values["id"],
        name=values.get("name", ""),
        display_name=values.get("displayname", ""),
        description=values.get("description", ""),
        address=values.get("email", ""),
        manager_id=_manager(values.get("permissions", ())),
    )


def _manager(permissions: Iterable[etree._Element]) -> int | None:
    """The first user among the delegates; a group may be one too, if people made it so."""
    for permission in permissions:
        of_group = permission.findtext("{*}group") in {"true", "1"}
        if not of_group and (permission.findtext("{*}privilege") or "").upper() == "DELEGATE":
            return _number(permission.findtext("{*}entity"))
    return None


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError as error:
        raise Misfit("a permission names nobody") from error


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
    return _attribute(attributes, _NAMESPACE, key)


def _attribute(attributes: etree._Element | None, namespace: str, key: str) -> str | None:
    """The maps are two levels of `entries` with a `key` and a `value` each."""
    if attributes is None:
        return None
    for outer in attributes.iterchildren("{*}entries"):
        if outer.findtext("{*}key") == namespace:
            inner = outer.iterfind("{*}value/{*}entries")
            return next((entry.findtext("{*}value") for entry in inner if entry.findtext("{*}key") == key), None)
    return None
