"""The way to a service of OpenID Connect and back: authorization code with PKCE, state and nonce."""

import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any

import requests
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest

from oxherd import outgoing
from oxherd.panel.single_sign_on.adapter import OidcProvider
from oxherd.single_sign_on import openid
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.faults import NoAnswer, NotBelieved, SignInFailed
from oxherd.single_sign_on.models import IdentityProvider

log = logging.getLogger(__name__)
CANCELLED = frozenset({"access_denied", "consent_required", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True)
class Way:
    """What was begun with a sign-in: kept in the session, under a name that goes to the service and back."""

    purpose: str  # "sign_in", "confirm" or "test"
    after: str  # where to then
    began_at: float

    @property
    def asks_again(self) -> bool:
        return self.purpose == "confirm"


def begin(request: HttpRequest, row: IdentityProvider, *, purpose: str, after: str, hint: str = "") -> str:
    """The address at the service. hint: the mail address that was typed. Raises NoAnswer."""
    nonce = secrets.token_urlsafe(24)
    params = {"nonce": nonce} | ({"login_hint": hint} if hint else {})
    if purpose == "confirm":
        params |= {"prompt": "login", "max_age": "0"}
    openid.discover(row)
    provider = OidcProvider(request, row)
    answer = provider.redirect(
        request, purpose, next_url=after, auth_params=params, nonce=nonce, began_at=time.time(), data=None
    )
    return str(answer.url)


def come_back(request: HttpRequest, row: IdentityProvider) -> tuple[Way, Claims]:
    """What the service says of the person, and what had been begun. Raises SignInFailed."""
    state = statekit.unstash_state(request, provider_id=row.key, state_id=request.GET.get("state", ""))
    if state is None:
        raise NotBelieved(
            "This sign-in was not begun in this browser, or too long ago. Begin again.", detail="unknown state"
        )
    way = Way(state["process"], state.get("next", ""), float(state["began_at"]))
    _is_no_error(request, row)
    answer = _redeem(request, row, state)
    said = openid.believe(
        row, str(answer.get("id_token", "")), nonce=state["nonce"], youngest=way.began_at if way.asks_again else None
    )
    return way, openid.claims_of(row, said, _more(row, said, str(answer["access_token"])))


def _is_no_error(request: HttpRequest, row: IdentityProvider) -> None:
    issuer = request.GET.get("iss", row.issuer)  # RFC 9207
    if issuer != row.issuer:
        raise NotBelieved("This answer comes from another service. Begin again.", detail=f"iss {issuer[:200]}")
    error = request.GET.get("error", "")
    if error in CANCELLED:
        raise SignInFailed(f"You did not sign in at {row}.", detail=error)
    if error or "code" not in request.GET:
        raise NoAnswer(f"{row} refused the sign-in ({error[:100] or 'no code'}).", detail=error[:100])


def _redeem(request: HttpRequest, row: IdentityProvider, state: dict[str, Any]) -> dict[str, Any]:
    """The tokens for the code."""
    provider = OidcProvider(request, row)
    adapter = provider.get_oauth2_adapter(request)
    client = adapter.get_client(request, provider.app)
    try:
        answer: dict[str, Any] = adapter.get_access_token_data(
            request, provider.app, client, pkce_code_verifier=state["pkce_code_verifier"]
        )
    except outgoing.DestinationForbidden as error:
        raise NoAnswer(f"{row} cannot be asked: {error}") from None
    except requests.RequestException as error:
        raise NoAnswer(f"{row} does not answer.", detail=type(error).__name__) from None
    except (OAuth2Error, ValueError, KeyError) as error:
        # The text of the error may hold what the service answered, and that a token.
        raise NoAnswer(
            f"{row} did not accept us. Its client ID or secret may be entered wrongly here.",
            detail=type(error).__name__,
        ) from None
    return answer


def _more(row: IdentityProvider, said: dict[str, Any], access_token: str) -> dict[str, Any]:
    """What the service tells of the same subject beside the ID token; nothing where it does not answer."""
    address = openid.discover(row).get("userinfo_endpoint")
    if not isinstance(address, str):
        return {}
    try:
        more = openid.fetch(address, "user info", token=access_token)
    except NoAnswer as fault:
        log.warning("No user info from %s: %s", row, fault.detail)
        return {}
    # OpenID Connect Core, 5.3.4: it may be somebody else's.
    return more if more.get("sub") == said["sub"] else {}
