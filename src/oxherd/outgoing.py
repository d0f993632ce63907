"""Requests that oxherd sends to addresses which people have entered: none of them reaches what it must not.

An address is judged when the connection is made, by the IP address that it is made to: a name that leads elsewhere a
moment later, and an answer that redirects inwards, are judged too.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from oxherd.errors import Refused

IPAddress = IPv4Address | IPv6Address

TIMEOUT_SECONDS = (3.05, 7)
# An identity provider's documents are a few kilobytes.
LARGEST_ANSWER = 1_000_000
MOST_REDIRECTS = 3
# Addresses of IPv6 that stand for one of IPv4 (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")
# Where clouds answer every machine with its credentials, besides the link-local ones.
METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("192.0.0.192")})


@dataclass(frozen=True, slots=True)
class Reach:
    """How far requests may go. allows: by IP address; instead: what to enter instead of an address out of reach."""

    allows: Callable[[IPAddress], bool]
    instead: str


def _is_public(address: IPAddress) -> bool:
    return address.is_global and not address.is_multicast and _is_no_trap(address)


def _is_no_trap(address: IPAddress) -> bool:
    """Platforms stand in private networks, and in a trial on this very machine; never where these addresses lead."""
    harmful = address.is_link_local or address.is_multicast or address.is_unspecified
    return not harmful and address not in METADATA


# What customers' administrators enter.
PUBLIC = Reach(_is_public, "Give the public one")
# What operators enter for their platforms.
PLATFORM = Reach(_is_no_trap, "Give the platform's own one")


class DestinationForbidden(requests.RequestException):
    """The address leads where requests from here may not go; nothing was sent there."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} leads to an address inside a network that oxherd does not send requests to.")
        self.host = host


class _Forbidden(NewConnectionError):
    """As urllib3 passes it on."""


def may_reach(address: IPAddress, host: str, reach: Reach) -> bool:
    """Whether a request for `host` may go to that address: by its reach, or because the operator has said so."""
    true = _true_address(address)
    return reach.allows(true) or _is_allowed(true, host)


def check_url(url: str, reach: Reach, field: str) -> None:
    """Raise Refused at `field` where the address says by itself that it leads inside; no name is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    address = ip_address("127.0.0.1") if host == "localhost" or host.endswith(".localhost") else _literal(host)
    if address is not None and not may_reach(address, host, reach):
        raise Refused(
            f"{host} is an address inside a network that is not open to requests from here. {reach.instead}, or have "
            "the operator allow it (OXHERD_OUTGOING_ALLOWED).",
            field=field,
        )


def is_opened(host: str) -> bool:
    """Whether the operator has named this host, or the network of this address: it may be asked without TLS too."""
    return _is_allowed(_literal(host) or IPv4Address(0), host)


def session(reach: Reach = PUBLIC) -> requests.Session:
    """A session without cookies, environment or proxies, of which every connection is judged.

    Calls raise requests.RequestException, DestinationForbidden among them. Time limits and sizes: use `get`, or
    give them with each call.
    """
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = MOST_REDIRECTS
    made.headers["User-Agent"] = "oxherd"
    for scheme in ("http://", "https://"):
        made.mount(scheme, GuardedAdapter(reach))
    return made


def get(url: str, *, reach: Reach = PUBLIC, headers: dict[str, str] | None = None) -> bytes:
    """The document there, of a megabyte at most.

    Raises requests.RequestException: no answer in about ten seconds, an error, too much, or DestinationForbidden.
    """
    with session(reach) as asking, asking.get(url, headers=headers, timeout=TIMEOUT_SECONDS, stream=True) as answer:
        answer.raise_for_status()
        content: bytes = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
    if len(content) > LARGEST_ANSWER:
        raise requests.RequestException(f"{url} answers with more than {LARGEST_ANSWER} bytes.")
    return content


class GuardedAdapter(HTTPAdapter):
    """An adapter of requests whose connections are judged; with a proxy, the proxy judges."""

    def __init__(self, reach: Reach, **options: Any) -> None:
        self.reach = reach
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self.reach)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        try:
            return super().send(request, *args, **options)
        except requests.ConnectionError as error:
            reason = getattr(error.args[0], "reason", None) if error.args else None
            if isinstance(reason, _Forbidden):
                raise DestinationForbidden(urlsplit(request.url or "").hostname or "") from None
            raise


def _pools(reach: Reach) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(_Judged, HTTPConnection):
        judged_by = reach

    class Secure(_Judged, HTTPSConnection):
        judged_by = reach

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Judged:
    """A connection that looks its host up itself, and takes the first address that it may go to."""

    judged_by: Reach
    _dns_host: str
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]  # gaierror mostly
        allowed = [to[0] for *_, to in found if may_reach(ip_address(str(to[0])), self.host, self.judged_by)]
        if not allowed:
            raise _Forbidden(self, f"{self.host} is out of reach")  # type: ignore[arg-type]  # we are one
        try:
            for position, address in enumerate(dict.fromkeys(allowed), start=1):
                self._dns_host = str(address)
                try:
                    return super()._new_conn()  # type: ignore[misc,no-any-return]  # of the other parent
                except NewConnectionError:
                    if position == len(set(allowed)):
                        raise
        finally:
            self._dns_host = name
        raise AssertionError  # there was one


def _literal(host: str) -> IPAddress | None:
    """The address that a host is written as, in whatever form the system would read it; None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001, 2130706433
    except OSError:
        return None


def _true_address(address: IPAddress) -> IPAddress:
    """The address of IPv4 behind one of IPv6 that stands for it."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour:
            return address.sixtofour
    return address


def _is_allowed(address: IPAddress, host: str) -> bool:
    for entry in settings.OXHERD_OUTGOING_ALLOWED:
        try:
            if address in ip_network(entry, strict=False):
                return True
        except ValueError:
            if entry.lower().rstrip(".") == host.lower().rstrip("."):
                return True
    return False
