"""OpenID Connect: where a service answers, and whether an ID token is to be believed (OpenID Connect Core, 3.1.3.7)."""

import json
import time
from typing import Any

import jwt
import requests
from django.core.cache import cache

from oxherd import outgoing
from oxherd.errors import Refused
from oxherd.single_sign_on import rules
from oxherd.single_sign_on.claims import Claims, exact, lookup, switch, tells_second_factor, text, texts
from oxherd.single_sign_on.faults import NoAnswer, NotBelieved
from oxherd.single_sign_on.models import IdentityProvider

# Signed with a key that only the service has; never "none", nor a secret that is shared.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
KEPT_SECONDS = 300
FAULT_KEPT_SECONDS = 10
CLOCKS_DIFFER_SECONDS = 60
OLDEST_TOKEN_SECONDS = 600


def discover(provider: IdentityProvider, *, fresh: bool = False) -> dict[str, Any]:
    """The service's discovery document, kept for five minutes unless `fresh`.

    Raises NoAnswer where it does not come, lacks what is needed, or is another service's.
    """
    kept = f"openid:{provider.issuer}"
    known: dict[str, Any] | str | None = None if fresh else cache.get(kept)
    if isinstance(known, str):
        raise NoAnswer(known, detail="as a moment ago")
    if known is None:
        known = _asked(provider, kept)
    return known


def _asked(provider: IdentityProvider, kept: str) -> dict[str, Any]:
    """A fault is kept too, for seconds: each look at a dead service holds up a process of ours."""
    try:
        known = fetch(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", "discovery document")
        _is_usable(provider, known)
    except NoAnswer as fault:
        cache.set(kept, fault.sentence, FAULT_KEPT_SECONDS)
        raise
    cache.set(kept, known, KEPT_SECONDS)
    return known


def signing_keys(provider: IdentityProvider, *, fresh: bool = False) -> dict[str, Any]:
    """The public keys of the service, kept likewise. Raises NoAnswer."""
    address = discover(provider)["jwks_uri"]
    kept = f"openid:keys:{provider.issuer}"
    known: dict[str, Any] | None = None if fresh else cache.get(kept)
    if known is None:
        known = fetch(address, "keys")
        if not isinstance(known.get("keys"), list):
            raise NoAnswer("The service's keys cannot be read.", detail=address)
        cache.set(kept, known, KEPT_SECONDS)
    return known


def fetch(url: str, what: str, *, token: str = "") -> dict[str, Any]:
    """A JSON object from the service. what: in the sentence, if it does not come. Raises NoAnswer."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        found = json.loads(outgoing.get(url, headers=headers))
    except outgoing.DestinationForbidden as error:
        raise NoAnswer(f"The {what} is not asked for: {error}", detail=url) from None
    except requests.RequestException as error:
        raise NoAnswer(f"The service does not answer with its {what}.", detail=f"{url}: {error}") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoAnswer(f"What the service answers is not a {what}.", detail=url)
    return found


def believe(provider: IdentityProvider, id_token: str, *, nonce: str, youngest: float | None = None) -> dict[str, Any]:
    """The claims of an ID token. youngest: the person must have signed in there since (seconds since 1970).

    Raises NotBelieved for one that is forged, expired, for somebody else, or from another sign-in; NoAnswer.
    """
    try:
        said: dict[str, Any] = jwt.decode(
            id_token,
            key=_key(provider, id_token),
            algorithms=list(ALGORITHMS),
            audience=provider.client_id,
            issuer=discover(provider)["issuer"],
            leeway=CLOCKS_DIFFER_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise NotBelieved(
            f"What {provider} answered is not valid.", detail=f"{type(error).__name__}: {error}"
        ) from None
    _is_for_us(provider, said, nonce)
    if youngest is not None and float(said.get("auth_time") or 0) < youngest - CLOCKS_DIFFER_SECONDS:
        raise NotBelieved(f"{provider} did not ask who you are again.", detail=f"auth_time {said.get('auth_time')}")
    return said


def claims_of(provider: IdentityProvider, said: dict[str, Any], more: dict[str, Any]) -> Claims:
    """said: the ID token's claims; more: what the service tells besides about the same subject."""
    everything = {**more, **said}
    groups = lookup(everything, provider.groups_claim)
    return Claims(
        subject=exact(said.get("sub")),
        mail=text(lookup(everything, provider.mail_claim)),
        mail_verified=switch(everything.get("email_verified", everything.get("xms_edov"))),
        name=text(lookup(everything, provider.name_claim)),
        groups=texts(groups),
        second_factor=provider.checks_second_factor
        or tells_second_factor(texts(said.get("amr")), text(said.get("acr"))),
        everything=everything,
    )


def _is_usable(provider: IdentityProvider, document: dict[str, Any]) -> None:
    if missing := [name for name in NEEDED if not isinstance(document.get(name), str)]:
        raise NoAnswer(f"The service's discovery document lacks {missing[0]}.")
    if document["issuer"] != provider.issuer:
        raise NoAnswer(
            f"The service calls itself {document['issuer'][:200]}. Enter exactly this as the issuer.",
            detail=provider.issuer,
        )
    for name in NEEDED[1:]:
        try:
            rules.url_is_safe(document[name], name, asked=name != "authorization_endpoint")
        except Refused as refused:
            raise NoAnswer(f"The service's {name} cannot be used: {refused.sentence}") from None


def _key(provider: IdentityProvider, id_token: str) -> Any:
    """The key that the token says it is signed with; the service may have got a new one since we looked."""
    header = jwt.get_unverified_header(id_token)
    for fresh in (False, True):
        keys = jwt.PyJWKSet(_for_signing(signing_keys(provider, fresh=fresh)["keys"])).keys
        name = header.get("kid")
        fitting = [key for key in keys if name is None or key.key_id == name]
        if len(fitting) == 1:
            return fitting[0]
    raise NotBelieved(f"What {provider} answered is not valid.", detail=f"no one key {header.get('kid')!r}")


def _for_signing(keys: list[Any]) -> list[Any]:
    return [key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") != "oct"]


def _is_for_us(provider: IdentityProvider, said: dict[str, Any], nonce: str) -> None:
    audience = said["aud"]
    if isinstance(audience, list) and len(audience) > 1 and said.get("azp") != provider.client_id:
        raise NotBelieved(f"What {provider} answered is not valid.", detail="several audiences, and azp is not us")
    if not nonce or said.get("nonce") != nonce:
        raise NotBelieved("This answer belongs to another sign-in. Begin again.", detail="wrong nonce")
    if said["iat"] < time.time() - OLDEST_TOKEN_SECONDS:
        raise NotBelieved(f"What {provider} answered is too old. Begin again.", detail=f"iat {said['iat']}")
