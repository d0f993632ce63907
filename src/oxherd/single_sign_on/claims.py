"""What an identity provider has told of a person, in one form for both kinds of service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# RFC 8176: "mfa" says it all; else one of what a person knows together with one of what they have or are.
KNOWN = frozenset({"pwd", "pin", "kba"})
OWNED = frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "mca", "fpt", "face", "iris", "vbm", "retina"})
# Values of acr and of SAML's AuthnContextClassRef that mean more than one factor.
STRONG = frozenset(
    {
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "https://refeds.org/profile/mfa",
        "phr",
        "phrh",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
    }
)
MOST_GROUPS = 1000


@dataclass(frozen=True, slots=True)
class Claims:
    subject: str
    mail: str = ""
    # True or False as the service says; None where it says nothing.
    mail_verified: bool | None = None
    name: str = ""
    groups: tuple[str, ...] = ()
    second_factor: bool = False
    everything: Mapping[str, Any] = field(default_factory=dict)  # for the page of a test sign-in


def text(value: Any) -> str:
    """The first text of a claim, without stray blanks; empty for anything else, and for what cannot be shown."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    line = " ".join(first.split()) if isinstance(first, str) else ""
    return line if line.isprintable() else ""


def exact(value: Any) -> str:
    """A claim that stands for somebody: every letter counts. Empty for what cannot be kept."""
    return value if isinstance(value, str) and value.isprintable() else ""


def texts(value: Any) -> tuple[str, ...]:
    """All texts of a claim that is a list, or one text."""
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(item for item in found if isinstance(item, str) and item.isprintable())[:MOST_GROUPS]


def switch(value: Any) -> bool | None:
    """What a claim says that should be true or false, and comes as a text from some services."""
    if isinstance(value, bool):
        return value
    said = text(value).lower()
    return None if not said else said in {"true", "1", "yes"}


def lookup(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path with dots, such as realm_access.roles."""
    if not name or name in claims:
        return claims.get(name)
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def tells_second_factor(methods: Iterable[str], context: str) -> bool:
    """methods: amr of the ID token; context: acr, or SAML's AuthnContextClassRef."""
    used = set(methods)
    return "mfa" in used or bool(used & KNOWN and used & OWNED) or context in STRONG
