"""What App Suite says about who asks for what: the iframe wizard's variables, and the static URL's parameters.

All of it is only claimed. Sources: getVariables of plugins/upsell/simple-wizard, UpsellURLParametersMap and the fixed
query of com.openexchange.upsell.multiple.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.http import QueryDict

from oxherd import sealing
from oxherd.profiles.modules import named
from oxherd.purchases.queries import Claim
from oxherd.purchases.states import CredentialKind

LONGEST = 200
LONGEST_CREDENTIAL = 500
MOST_CAPABILITIES = 20
# A page that is left open for longer is to be opened again.
FORM_SECONDS = 4 * 3600
SALT = "oxherd.upsell"

# Ours -> what it is called by the wizard's variables, by short forms of them, and by the static URL.
NAMES = {
    "context_id": ("context_id", "cid"),
    "user_id": ("user_id", "uid", "userid"),
    "mail": ("mail",),
    "login": ("login", "user", "user_login"),
    "language": ("language", "lang"),
    "host": ("hostname", "host"),
    "type": ("type",),
    "id": ("id",),
    "missing": ("missing",),
    "feature": ("clicked_feat", "feature_clicked", "clicked_feature"),
    "plan": ("upsell_plan", "plan"),
    "purchase_type": ("purchase_type",),
}
CREDENTIALS = {CredentialKind.TOKEN: ("ox_token", "token"), CredentialKind.SESSION: ("session",)}
# A variable or placeholder that App Suite had no value for stays as it is.
PLACEHOLDER = re.compile(r"\$\w+|_[A-Z_]+_|\[token\]")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
CREDENTIAL = re.compile(r"[!-~]+")
# The capabilities behind the features of OX6, such as modules/infostore.
FEATURES = {"mail": "webmail", "mobility": "active_sync", "outlook": "olox20"}


@dataclass(frozen=True, slots=True)
class Claims:
    """credential: sealed; its kind says whether it is a login token or a session."""

    context_id: str = ""
    user_id: str = ""
    mail: str = ""
    login: str = ""
    language: str = ""
    host: str = ""
    trigger: str = ""
    missing: tuple[str, ...] = ()
    plan: str = ""
    credential_kind: str = ""
    credential: str = ""

    @property
    def claim(self) -> Claim:
        return Claim(self.context_id, self.user_id, self.mail, self.login)


def read(query: QueryDict) -> Claims:
    """What an address says; anything that cannot be is taken for not said."""
    said = {field: _value(query, names) for field, names in NAMES.items()}
    kind, credential = read_credential(query)
    language = said["language"].replace("-", "_")
    return Claims(
        context_id=said["context_id"],
        user_id=said["user_id"],
        mail=said["mail"],
        login=said["login"],
        language=language if LANGUAGE.fullmatch(language) else "",
        host=said["host"],
        trigger=_trigger(said),
        missing=_missing(said),
        plan=said["plan"],
        credential_kind=kind,
        credential=sealing.seal(credential),
    )


def read_credential(query: QueryDict) -> tuple[str, str]:
    """Kind and credential in clear; a token says more than a session. Empty where there is none."""
    for kind, names in CREDENTIALS.items():
        value = _raw(query, names)
        if CREDENTIAL.fullmatch(value) and len(value) <= LONGEST_CREDENTIAL and not PLACEHOLDER.fullmatch(value):
            return kind.value, value
    return "", ""


def sign(key: str, claims: Claims) -> str:
    """The claims as a field of the form: nobody alters them on the way, and they end by themselves."""
    return signing.dumps({"key": key, **asdict(claims)}, salt=SALT, compress=True)


def unsign(key: str, text: str) -> Claims | None:
    """What the form of this offer carries; None for a form that is too old, altered, or of another offer."""
    try:
        payload: dict[str, Any] = signing.loads(text, salt=SALT, max_age=FORM_SECONDS)
    except signing.BadSignature:
        return None
    if payload.pop("key") != key:
        return None
    return Claims(**{**payload, "missing": tuple(payload["missing"])})


def _value(query: QueryDict, names: tuple[str, ...]) -> str:
    """One line that can be shown, cut to a sane length; empty for a placeholder that was not filled in."""
    value = "".join(sign for sign in _raw(query, names)[: 2 * LONGEST] if sign.isprintable())
    value = " ".join(value.split())[:LONGEST]
    return "" if PLACEHOLDER.fullmatch(value) else value


def _raw(query: QueryDict, names: tuple[str, ...]) -> str:
    """The first of these parameters that says something, whatever the case of its name."""
    for name in names:
        for given in query:
            if given.lower() == name and (value := query.get(given, "").strip()):
                return value
    return ""


def _trigger(said: dict[str, str]) -> str:
    parts = (said["type"], said["id"]) if said["id"] or said["type"] else (said["feature"], said["purchase_type"])
    return " ".join(part for part in parts if part)[:LONGEST]


def _missing(said: dict[str, str]) -> tuple[str, ...]:
    if said["missing"]:
        return named(said["missing"])[:MOST_CAPABILITIES]
    module = said["feature"].lower().removeprefix("modules/").partition("/")[0]
    return named(FEATURES.get(module, module))[:1]
