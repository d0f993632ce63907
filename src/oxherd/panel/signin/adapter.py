"""What the sign-in package asks us about second factors."""

import re
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.http.request import split_domain_port

from oxherd.accounts.models import Administrator
from oxherd.sealing import seal, unseal

PRODUCT = "oxherd"
IP_ADDRESS = re.compile(r"[\d.]+|\[.*\]")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of authenticator apps and recovery codes are sealed like all others."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def is_mfa_enabled(self, user: Administrator, types: Any = None) -> bool:
        """Whether a factor is asked for; not again where the identity provider has just asked for one."""
        if getattr(context.request, "second_factor_elsewhere", False):
            return False
        return bool(super().is_mfa_enabled(user, types))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": host_of(context.request), "name": PRODUCT}

    def get_public_key_credential_user_entity(self, user: Administrator) -> dict[str, Any]:
        """The browser shows name and address when somebody chooses among passkeys."""
        return {"id": user_pk_to_url_str(user).encode(), "display_name": str(user), "name": user.email}


def host_of(request: HttpRequest) -> str:
    """The host name that the browser shows, without a port."""
    return split_domain_port(request.get_host())[0]


def why_no_passkeys(request: HttpRequest) -> str:
    """The sentence that says why browsers give no passkeys at this address, and where they do; empty if they do."""
    host = host_of(request)
    if IP_ADDRESS.fullmatch(host):
        port = request.get_port()
        there = f"http://localhost:{port}{request.path}" if host in {"127.0.0.1", "[::1]"} else ""
        instead = f" Open {there} instead." if there else " Open the panel by its host name instead."
        return f"Browsers keep passkeys for a host name, and not for an IP address.{instead}"
    if not request.is_secure() and host != "localhost" and not host.endswith(".localhost"):
        return "Browsers keep passkeys for addresses that begin with https:// only. Ask who runs the panel for one."
    return ""
