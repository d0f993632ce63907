"""How often may somebody ask? Counted in the cache, which all web processes share."""

import ipaddress
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 3600
MOST_BY_ADDRESS = 30
MOST_BY_CONTEXT = 60
# Whoever has an IPv6 network has all addresses of it.
IPV6_NETWORK = 64


def is_too_much(request: HttpRequest, *, brand_id: int, context_id: str) -> bool:
    """Count one more request from this address, for this context; whether it is one too many.

    What the context is called by counts, and not whether there is one.
    """
    if _count(f"address:{_client(request)}") > MOST_BY_ADDRESS:
        return True  # and no further entries are made for it
    return _count(f"context:{brand_id}:{context_id[:20]}") > MOST_BY_CONTEXT


def _count(what: str) -> int:
    key = f"upsell:{what.encode().hex()}:{int(time.time() // WINDOW_SECONDS)}"
    cache.add(key, 0, 2 * WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # driven out between the two
        return 1


def _client(request: HttpRequest) -> str:
    address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
    return str(address)
