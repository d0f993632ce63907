"""IMAP and SMTP server of a user.

Source: a client may send a host or a URL; a port sent as well makes the server rebuild the URL, the TLS port with the
TLS scheme. Answers carry the host alone, the port (the protocol's own when unset), the scheme and the stored text.
"""

from typing import Any
from urllib.parse import urlsplit

PROTOCOLS = {"imap": (143, 993), "smtp": (25, 465)}


def keep_mail_servers(fields: dict[str, Any], sent: dict[str, Any]) -> None:
    """Writes what was sent into the fields of a user."""
    for protocol, (_, tls_port) in PROTOCOLS.items():
        server, port = sent.get(f"{protocol}Server"), sent.get(f"{protocol}Port")
        if server is not None:
            fields[_key(protocol)] = server
        stored: str = fields.get(_key(protocol)) or ""
        if port and stored:
            tls = port == tls_port or stored.startswith(f"{protocol}s://")
            fields[_key(protocol)] = f"{protocol}{'s' if tls else ''}://{_host(protocol, stored)}:{port}"
        if not fields.get(_key(protocol)):
            fields.pop(_key(protocol), None)


def mail_servers_to_wire(fields: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for protocol, (plain_port, tls_port) in PROTOCOLS.items():
        stored: str = fields.get(_key(protocol)) or ""
        tls = stored.startswith(f"{protocol}s://")
        answer |= {
            _key(protocol): stored or None,
            f"{protocol}Server": _host(protocol, stored) if stored else None,
            f"{protocol}Port": (_port(protocol, stored) if stored else None) or (tls_port if tls else plain_port),
            f"{protocol}Schema": f"{protocol}{'s' if tls else ''}://",
        }
    return answer


def _key(protocol: str) -> str:
    return f"{protocol}ServerString"


def _host(protocol: str, stored: str) -> str:
    return urlsplit(_as_url(protocol, stored)).hostname or stored


def _port(protocol: str, stored: str) -> int | None:
    try:
        return urlsplit(_as_url(protocol, stored)).port
    except ValueError:
        return None


def _as_url(protocol: str, stored: str) -> str:
    return stored if "://" in stored else f"{protocol}://{stored}"
