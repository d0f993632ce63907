"""Typed readers of the environment: loud when something is missing or wrong."""

import os
import re
from ipaddress import ip_address, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def hour(name: str) -> int | None:
    """Read an hour of the day, 0 to 23; None where there is none."""
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    if not value.isascii() or not value.isdecimal() or int(value) > 23:  # noqa: PLR2004 - hours of a day
        raise ImproperlyConfigured(f"{name} must be an hour from 0 to 23, or empty, not {value!r}.")
    return int(value)


def role(name: str, default: str) -> str:
    """Read the name of a role of PostgreSQL; empty for none."""
    value = os.environ.get(name, default).strip()
    if value and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
        raise ImproperlyConfigured(f"{name} must be a role's name of small letters, digits and _, not {value!r}.")
    return value


def switch(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def words(name: str, default: str = "") -> list[str]:
    """Read a comma-separated list; empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def destinations(name: str) -> list[str]:
    """Read networks and host names: 10.1.0.0/16, 192.0.2.7, idp.example.com."""
    found = words(name)
    for word in found:
        if not (_is_network(word) or re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?", word)):
            raise ImproperlyConfigured(f"{name} must be networks such as 10.1.0.0/16 or host names, not {word!r}.")
    return found


def _is_network(word: str) -> bool:
    try:
        ip_network(word, strict=False)
    except ValueError:
        return False
    return True


def servers(name: str, *, port: int) -> list[tuple[str, int]]:
    """Read IP addresses with or without a port: 192.0.2.1, 192.0.2.1:5353, 2001:db8::1, [2001:db8::1]:53."""
    return [_server(name, word, port) for word in words(name)]


def _server(name: str, text: str, port: int) -> tuple[str, int]:
    parts = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?", text)
    host, number = (parts[1] or parts[2], int(parts[3] or port)) if parts else (text, port)
    try:
        address = str(ip_address(host))
    except ValueError:
        address = ""
    if not address or not 0 < number < 65536:  # noqa: PLR2004 - TCP and UDP have so many
        raise ImproperlyConfigured(f"{name} must be IP addresses such as 192.0.2.1 or 192.0.2.1:5353, not {text!r}.")
    return address, number


def secret(name: str) -> str:
    """Read a secret from the variable, or from the file that NAME_FILE names.

    Raises ImproperlyConfigured with both names if neither is there.
    """
    value = os.environ.get(name)
    if value:
        return value
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it.")


def email_backend(name: str, default: str) -> str:
    """A word of ours, or the dotted path of any backend for Django."""
    value = text(name, default)
    words = {"console": "console", "file": "filebased", "smtp": "smtp"}
    if value in words:
        return f"django.core.mail.backends.{words[value]}.EmailBackend"
    if "." not in value:
        raise ImproperlyConfigured(f"{name} must be console, file, smtp or the path of a backend, not {value!r}.")
    return value


def email_security(name: str) -> tuple[bool, bool]:
    """Whether a connection to the mail server turns to TLS (STARTTLS), and whether it begins with it."""
    value = text(name, "none")
    if value not in {"none", "starttls", "tls"}:
        raise ImproperlyConfigured(f"{name} must be none, starttls or tls, not {value!r}.")
    return value == "starttls", value == "tls"


def address(name: str, default: str) -> str:
    """A mail address alone, without a name before it."""
    value = text(name, default)
    local_part, _, domain = value.rpartition("@")
    if not local_part or not domain or set(value) & set(" <>,;\r\n"):
        raise ImproperlyConfigured(f"{name} must be a mail address such as panel@example.com, not {value!r}.")
    return value
