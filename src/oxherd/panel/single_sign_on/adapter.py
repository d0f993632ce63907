"""What the sign-in package asks us about identity providers: ours are rows with sealed secrets."""

from typing import Any

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse

from oxherd import outgoing, sealing
from oxherd.single_sign_on import openid
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import Kind


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The package's own tables of applications and accounts stay empty."""

    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002 - its signature
        provider: str | None = None,
        client_id: str | None = None,
    ) -> list[Any]:
        """provider: the key of an identity provider, or the package's word for a kind."""
        rows = IdentityProvider.objects.filter(kind=Kind.OIDC)
        if provider and provider != OpenIDConnectProvider.id:
            rows = rows.filter(key=provider)
        if client_id:
            rows = rows.filter(client_id=client_id)
        return [app_of(row) for row in rows]

    def get_requests_session(self) -> requests.Session:
        return GuardedSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002 - its signature
        return False


class GuardedSession(requests.Session):
    """Reaches public addresses only, follows nothing, and waits for seconds only."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, outgoing.GuardedAdapter(outgoing.PUBLIC))

    def request(self, *args: Any, **options: Any) -> requests.Response:
        options |= {"timeout": outgoing.TIMEOUT_SECONDS, "allow_redirects": False}
        return super().request(*args, **options)


class Client(OAuth2Client):  # type: ignore[misc]  # allauth has no types
    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, Any]) -> str:
        """As the package makes it, for services whose address has a query of its own, too."""
        made: str = super().get_redirect_url("", scope, extra_params)
        return f"{authorization_url}{'&' if '?' in authorization_url else '?'}{made[1:]}"


class OidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """One service's addresses, as its discovery document names them."""

    client_class = Client

    def __init__(self, request: HttpRequest, row: IdentityProvider) -> None:
        super().__init__(request, row.key)
        self.row = row

    @property
    def openid_config(self) -> dict[str, Any]:
        return openid.discover(self.row)

    def get_provider(self) -> "OidcProvider":
        return OidcProvider(self.request, self.row)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - its signature
        return callback_url(request, self.row)


class OidcProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    def __init__(self, request: HttpRequest, row: IdentityProvider) -> None:
        super().__init__(request, app=app_of(row))
        self.row = row

    def get_oauth2_adapter(self, request: HttpRequest) -> OidcAdapter:
        return OidcAdapter(request, self.row)


def app_of(row: IdentityProvider) -> SocialApp:
    """Never saved: the secret is in clear."""
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=row.key,
        name=row.name,
        client_id=row.client_id,
        secret=sealing.unseal(row.sealed_client_secret),
        settings={"server_url": row.issuer, "scope": row.scopes.split(), "oauth_pkce_enabled": True},
    )


def callback_url(request: HttpRequest, row: IdentityProvider) -> str:
    """The redirect URL that is entered at the service, letter by letter."""
    return request.build_absolute_uri(reverse("single_sign_on_callback", args=[row.key]))
