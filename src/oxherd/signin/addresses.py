"""From where requests come."""

from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """From where the request comes, believing as many proxies as OXHERD_PROXIES says; None where it is no address."""
    try:
        return str(ip_address(get_adapter().get_client_ip(request)))
    except (ValueError, PermissionDenied):
        return None
