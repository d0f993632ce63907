"""What can be said of an identity provider without anybody signing in: is it there, and does it fit?"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from oxherd.single_sign_on import openid
from oxherd.single_sign_on.faults import SignInFailed
from oxherd.single_sign_on.metadata import certificates_of
from oxherd.single_sign_on.models import IdentityProvider

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """tone: as of badges, green, amber or red."""

    tone: str
    what: str
    sentence: str


def check(provider: IdentityProvider) -> list[Finding]:
    """Asks the service, over the network and without what was kept. Raises nothing."""
    return _openid(provider) if provider.is_oidc else _saml(provider)


def _openid(provider: IdentityProvider) -> list[Finding]:
    try:
        document = openid.discover(provider, fresh=True)
    except SignInFailed as fault:
        return [Finding("red", "Discovery document", fault.sentence)]
    found = [Finding("green", "Discovery document", f"The service answers as {document['issuer']}.")]
    try:
        keys = openid.signing_keys(provider, fresh=True)["keys"]
    except SignInFailed as fault:
        return [*found, Finding("red", "Keys", fault.sentence)]
    found.append(_keys(keys))
    found += _supports(provider, document)
    if not provider.sealed_client_secret:
        found.append(Finding("amber", "Client secret", "None is entered. Most services want one."))
    return found


def _keys(keys: list[Any]) -> Finding:
    usable = [key for key in keys if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"}]
    if not usable:
        return Finding("red", "Keys", "The service publishes no key that signatures can be checked with.")
    return Finding("green", "Keys", f"{len(usable)} to check signatures with.")


def _supports(provider: IdentityProvider, document: dict[str, Any]) -> list[Finding]:
    """What the document says of itself; where it says nothing, nothing is told."""
    found = []
    unknown = set(provider.scopes.split()) - set(document.get("scopes_supported") or provider.scopes.split())
    if unknown:
        found.append(Finding("amber", "Scopes", f"The service does not list {', '.join(sorted(unknown))}."))
    if "S256" not in (document.get("code_challenge_methods_supported") or ["S256"]):
        found.append(Finding("amber", "PKCE", "The service does not list S256, which is sent with each sign-in."))
    algorithms = set(document.get("id_token_signing_alg_values_supported") or openid.ALGORITHMS)
    if not algorithms & set(openid.ALGORITHMS):
        found.append(Finding("red", "Signatures", f"The service signs by {', '.join(sorted(algorithms))} only."))
    return found


def _saml(provider: IdentityProvider) -> list[Finding]:
    now = timezone.now()
    found = [Finding("green", "Metadata", f"Of {provider.entity_id}, which signs people in at {provider.sso_url}.")]
    for certificate in certificates_of(provider):
        day = f"{certificate.not_after:%-d %B %Y}"
        if certificate.not_after < now:
            tone, sentence = "red", f"Expired on {day}. Take the service's new metadata."
        elif certificate.not_after < now + SOON:
            tone, sentence = "amber", f"Expires on {day}. Take the service's new metadata before."
        else:
            tone, sentence = "green", f"Valid until {day}."
        found.append(Finding(tone, "Certificate", sentence))
    return found
