"""Our dataclasses and the bodies of the Cloud API v2, field by field (its specification 2.3.5)."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from oxherd.ox.interface import UNSET, FoundUser, Unset, UserChange, UserData

Body = dict[str, Any]
# All that a user can do with a mailbox and in the browser; `editPassword` is left to the platform.
PERMISSIONS = ("weblogin", "send", "receive", "maillogin")
# What a list tells only when it is asked for.
INCLUDES = dict.fromkeys(("includeid", "includewebloginenabled", "includeimage"), "true")

_FIELDS = (
    ("password", "password"),
    ("given_name", "givenName"),
    ("surname", "surName"),
    ("display_name", "displayName"),
    ("language", "language"),
    ("timezone", "timezone"),
)


class Misshapen(ValueError):
    """The answer lacks a field, or has something else in it."""


def new_user(user: UserData) -> Body:
    """All of a user in one body. What has no limit is left out: a quota is either absent or positive."""
    body = _set_fields(user) | {"name": user.name, **_addresses(user.primary_address, user.aliases)}
    body |= _classes(user.class_of_service) | _picture(user.photo)
    body |= quotas(user.mail_quota_mb, user.drive_quota_mb)
    return body if user.mail_enabled else body | _permissions(is_on=False)


def changed_user(change: UserChange) -> Body:
    """Only what is set. What the API cannot take away, a limit or a picture, `beyond` has."""
    body = _set_fields(change) | _classes(change.class_of_service)
    if change.name is not UNSET:
        body["newName"] = change.name
    if change.primary_address is not UNSET:
        body |= _addresses(change.primary_address, () if change.aliases is UNSET else change.aliases)
    elif change.aliases is not UNSET:
        body["aliases"] = list(change.aliases)
    if change.photo is not UNSET:
        body |= _picture(change.photo)
    if not _lifts_a_limit(change):
        body |= quotas(change.mail_quota_mb, change.drive_quota_mb)
    return body if change.mail_enabled is UNSET else body | _permissions(is_on=change.mail_enabled)


def beyond(change: UserChange) -> UserChange:
    """What of a change the API has no words for, since null is to it as what is left out."""
    rest = UserChange(photo=None) if change.photo is None else UserChange()
    if not _lifts_a_limit(change):
        return rest
    return UserChange(photo=rest.photo, mail_quota_mb=change.mail_quota_mb, drive_quota_mb=change.drive_quota_mb)


def _lifts_a_limit(change: UserChange) -> bool:
    """Both go the same way then: whether they are one depends on both."""
    return change.mail_quota_mb is None or change.drive_quota_mb is None


def quotas(mail_mb: int | Unset | None, drive_mb: int | Unset | None) -> Body:
    """Equal figures are one that mail and files share."""
    given = {"mailQuota": mail_mb, "fileQuota": drive_mb}
    limits = {name: limit for name, limit in given.items() if isinstance(limit, int)}
    return {"unifiedQuota": mail_mb} if len(limits) == len(given) and mail_mb == drive_mb else limits


def _set_fields(user: UserData | UserChange) -> Body:
    pairs = ((theirs, getattr(user, ours)) for ours, theirs in _FIELDS)
    return {theirs: value for theirs, value in pairs if value is not UNSET and value is not None}


def _addresses(primary: str, aliases: tuple[str, ...]) -> Body:
    """The aliases hold the primary address; without any the platform adds it to those that there are."""
    if not aliases:
        return {"mail": primary}
    complete = aliases if primary.lower() in {alias.lower() for alias in aliases} else (primary, *aliases)
    return {"mail": primary, "aliases": list(complete)}


def _classes(classes: tuple[str, ...] | Unset) -> Body:
    return {} if classes is UNSET else {"classOfService": list(classes)}


def _picture(photo: bytes | Unset | None) -> Body:
    return (
        {"userImage": {"image": b64encode(photo).decode("ascii"), "type": "jpeg"}} if isinstance(photo, bytes) else {}
    )


def _permissions(*, is_on: bool) -> Body:
    return {"userPermissions": dict.fromkeys(PERMISSIONS, is_on)}


def mail_quota(told: Mapping[str, Any]) -> int | None:
    return _quota(told, "mailQuota")


def _quota(told: Mapping[str, Any], name: str) -> int | None:
    """The own one, or the one that mail and files share; None is unlimited, as is what SOAP has for it, 0 or -1."""
    shared = _number(told, "unifiedQuota")
    quota = _number(told, name) if shared is None else shared
    return quota if quota is not None and quota > 0 else None


def found_user(told: Mapping[str, Any]) -> FoundUser:
    """A user of a list that was asked for with `INCLUDES`. Raises Misshapen."""
    is_enabled = told.get("webLoginEnabled")
    return FoundUser(
        ox_id=uid(told),
        name=_text(told, "name"),
        display_name=_text(told, "displayName"),
        given_name=_text(told, "givenName"),
        surname=_text(told, "surName"),
        primary_address=_text(told, "mail"),
        aliases=texts(told, "aliases"),
        language=_text(told, "language"),
        timezone=_text(told, "timezone"),
        drive_quota_mb=_quota(told, "fileQuota"),
        used_quota_mb=_number(told, "usedFileQuota"),
        mail_enabled=True if is_enabled is None else bool(is_enabled),
        marker=None,
        photo=_image(told.get("userImage")),
        mail_quota_mb=mail_quota(told),
        class_of_service=texts(told, "classOfService"),
    )


def uid(told: Mapping[str, Any]) -> int:
    """Raises Misshapen: without its number a user of the platform cannot be told from another."""
    number = _number(told, "uid")
    if number is None:
        raise Misshapen("a user without uid")
    return number


def texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = told.get(name) or []
    if not isinstance(values, list):
        raise Misshapen(f"{name} is no list")
    return tuple(map(str, values))


def _text(told: Mapping[str, Any], name: str) -> str:
    return str(told.get(name) or "")


def _number(told: Mapping[str, Any], name: str) -> int | None:
    value = told.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Misshapen(f"{name} is no number")
    return value


def _image(told: Any) -> bytes | None:
    if not isinstance(told, dict) or not told.get("image"):
        return None
    try:
        return b64decode(str(told["image"]))
    except (binascii.Error, ValueError):
        raise Misshapen("a picture is no base64") from None
