"""Checks that need nothing but the values, each with the literal text of the platform.

Sources: AdminUser.properties (CHECK_USER_UID_REGEXP), Group.properties (CHECK_GROUP_UID_REGEXP), Resource.properties
(CHECK_RES_UID_REGEXP), hosting.properties (CHECK_CONTEXT_LOGIN_MAPPING_REGEXP) and the middleware's own checks of
addresses, locales and time zones.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from oxherd.sandbox.faults import InvalidData

MANDATORY = ("name", "display_name", "password", "given_name", "sur_name", "primaryEmail", "email1")
GROUP_MANDATORY = ("displayname", "name")
RESOURCE_MANDATORY = ("name", "displayname", "email")
MECHANISMS = ("{BCRYPT}", "{CRYPT}", "{SHA}", "{SHA-256}", "{SHA-512}")
DEFAULT_MECHANISM = "{SHA-256}"
_USER_NAME = re.compile(r"[$@%.+a-zA-Z0-9_-]")
_GROUP_OR_RESOURCE_NAME = re.compile(r"[ $@%.+a-zA-Z0-9_-]")
_LOGIN_MAPPING = re.compile(r"[$%.+a-zA-Z0-9_-]")
_ATOM = r"[^\s@<>()\[\],;:\\\"]"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ADDRESS = re.compile(rf"(?!\.)(?!.*\.\.){_ATOM}+(?<!\.)@{_DOMAIN.pattern}")


def folded(text: str) -> str:
    return text.casefold()


def domain_of(address: str) -> str:
    return folded(address.rpartition("@")[2])


def check_mandatory(sent: Mapping[str, Any], names: Iterable[str] = MANDATORY, *, subject: str = "") -> None:
    absent = [name for name in names if not sent.get(name)]
    if absent:
        raise InvalidData(f"Mandatory fields {subject}not set: [{', '.join(absent)}]")


def check_not_cleared(sent: Mapping[str, Any], names: Iterable[str] = MANDATORY) -> None:
    for name in names:
        if sent.get(name) == "":
            raise InvalidData(f'Field "{name}" is a mandatory field and can\'t be set to null.')


def check_user_name(name: str) -> None:
    if illegal := _USER_NAME.sub("", name):
        raise InvalidData(f'Illegal chars: "{illegal}"')


def check_group_name(name: str) -> None:
    _check_name_with_blanks(name, "group")


def check_resource_name(name: str) -> None:
    _check_name_with_blanks(name, "resource")


def _check_name_with_blanks(name: str, word: str) -> None:
    if not name.strip():
        raise InvalidData(f"Invalid {word} name")
    if illegal := _GROUP_OR_RESOURCE_NAME.sub("", name):
        raise InvalidData(f'Illegal chars: "{illegal}"')


def check_login_mapping(login: str) -> None:
    if illegal := _LOGIN_MAPPING.sub("", login):
        raise InvalidData(f'Illegal chars: "{illegal}" in login mapping')


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    return _DOMAIN.fullmatch(text) is not None


def check_addresses(addresses: Iterable[str | None]) -> None:
    for address in addresses:
        if address and not is_address(address):
            raise InvalidData(f"Invalid email address: {address}")


def check_locale(user: Mapping[str, Any], *, on_change: bool) -> None:
    language = user.get("language")
    if language and "_" not in language:
        text = "anguage must contain an underscore, e.g. en_US"
        raise InvalidData(f"L{text}." if on_change else f"l{text}")
    timezone = user.get("timezone")
    if timezone and timezone not in _timezones():
        raise InvalidData("The given timezone is invalid")


def mechanism(name: str | None) -> str:
    """The mechanism's own spelling. Raises InvalidData for one that the platform does not have."""
    if not name:
        return DEFAULT_MECHANISM
    known = {spelling: each for each in MECHANISMS for spelling in (each, each.strip("{}"))}
    if name.upper() not in known:
        raise InvalidData(f"Invalid PasswordMech: {name}. Use one of the following: {', '.join(MECHANISMS)}")
    return known[name.upper()]


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())
