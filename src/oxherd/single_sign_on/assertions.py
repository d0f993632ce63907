"""Whether an answer of a SAML service is to be believed (Core 2, Profiles 4.1.4.3), and what it then says.

python3-saml checks schema, signature, status, issuer and the rest; what it lets pass is refused here: it takes answers
without audience, recipients and destinations that only begin or contain ours, a clock five minutes off, and an answer
whose signed part was for another request.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from xmlsec import Error as XmlsecError

from oxherd.errors import Refused
from oxherd.single_sign_on.claims import STRONG, Claims, exact, lookup, switch, tells_second_factor, text, texts
from oxherd.single_sign_on.faults import NotBelieved, SignInFailed
from oxherd.single_sign_on.metadata import refuse_doctype
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.saml import NAMES, PERSISTENT, TRANSIENT, Ours

LARGEST_ANSWER = 300_000
CLOCKS_DIFFER = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
# RFC 9231; nothing with SHA-1 or MD5, and no HMAC, whose key would be the public certificate.
SIGNS = frozenset(f"{MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512))
DIGESTS = frozenset(
    {"http://www.w3.org/2001/04/xmlenc#sha256", f"{MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}
)
# Where Microsoft tells of a second factor.
METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"


@dataclass(frozen=True, slots=True)
class Said:
    """in_response_to: the id of our request; empty where the service spoke unasked."""

    assertion_id: str
    in_response_to: str
    valid_until: datetime  # after which this same answer is refused for its age
    authenticated_at: datetime
    claims: Claims


def believe(provider: IdentityProvider, ours: Ours, encoded: str) -> Said:
    """encoded: SAMLResponse as it was posted. Raises NotBelieved with the reason for the log; SignInFailed."""
    response = _parsed(provider, ours, encoded)
    _is_success(provider, response.document)
    try:
        response.is_valid(_request_data(ours), raise_exceptions=True)
        name_id, kind = response.get_nameid(), response.get_nameid_format()
        told = {**response.get_friendlyname_attributes(), **response.get_attributes()}
    except (OneLogin_Saml2_ValidationError, OneLogin_Saml2_Error, XmlsecError, etree.LxmlError, ValueError) as error:
        raise _not_valid(provider, str(error)[:300]) from None
    # There is one assertion, below the response itself, and it is what was signed: that has been checked.
    assertion = response.document.find("saml:Assertion", NAMES)
    try:
        _is_signed_soundly(response.document)
        issued = _is_for_us(ours, response.document, assertion)
        in_response_to = _confirmed(ours, response.document, assertion)
        statement = assertion.find("saml:AuthnStatement", NAMES)
        authenticated_at = _time(statement.get("AuthnInstant"))
    except _Doubt as doubt:
        raise _not_valid(provider, str(doubt)) from None
    context = _content(statement.find("saml:AuthnContext/saml:AuthnContextClassRef", NAMES))
    claims = _claims(provider, name_id, kind, told, context)
    return Said(assertion.get("ID"), in_response_to, issued + OLDEST + CLOCKS_DIFFER, authenticated_at, claims)


class _Doubt(Exception):
    """Why an answer is not believed, for the log."""


def _not_valid(provider: IdentityProvider, detail: str) -> NotBelieved:
    return NotBelieved(f"What {provider} answered is not valid.", detail=detail)


def _parsed(provider: IdentityProvider, ours: Ours, encoded: str) -> Any:
    if len(encoded) > LARGEST_ANSWER:
        raise _not_valid(provider, f"{len(encoded)} characters")
    try:
        xml = base64.b64decode("".join(encoded.split()), validate=True).decode()
        refuse_doctype(xml)
        return OneLogin_Saml2_Response(_settings(provider, ours), base64.b64encode(xml.encode()).decode())
    except (binascii.Error, ValueError, Refused, etree.LxmlError, OneLogin_Saml2_ValidationError) as error:
        raise _not_valid(provider, f"cannot be read: {str(error)[:200]}") from None
    except OneLogin_Saml2_Error as error:  # it is encrypted, and we have told of no key
        raise NotBelieved(
            f"{provider} encrypts its assertions, for a key that is not oxherd's. Switch that off there.",
            detail=str(error)[:200],
        ) from None


def _settings(provider: IdentityProvider, ours: Ours) -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": ours.entity_id,
                "assertionConsumerService": {"url": ours.answer_url},
                "NameIDFormat": PERSISTENT,
            },
            "idp": {
                "entityId": provider.entity_id,
                "singleSignOnService": {"url": provider.sso_url},
                "x509certMulti": {"signing": provider.certificates},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantAttributeStatement": False,
                "allowRepeatAttributeName": True,
                "allowSingleLabelDomains": True,
                "rejectDeprecatedAlgorithm": True,
            },
        }
    )


def _request_data(ours: Ours) -> dict[str, str]:
    """Where the answer has come, as we are known from outside: what a proxy has made of the request tells nothing."""
    parts = urlsplit(ours.answer_url)
    return {"https": "on" if parts.scheme == "https" else "off", "http_host": parts.netloc, "script_name": parts.path}


def _is_success(provider: IdentityProvider, document: Any) -> None:
    codes = [node.get("Value", "") for node in document.findall("samlp:Status//samlp:StatusCode", NAMES)]
    if codes and codes[0] != SUCCESS:
        raise SignInFailed(f"You did not sign in at {provider}.", detail=" ".join(codes)[:300])


def _is_signed_soundly(document: Any) -> None:
    for path, allowed in (("ds:SignatureMethod", SIGNS), ("ds:DigestMethod", DIGESTS)):
        for node in document.iterfind(f".//{path}", NAMES):
            if node.get("Algorithm") not in allowed:
                raise _Doubt(f"signed by {node.get('Algorithm')}")


def _is_for_us(ours: Ours, document: Any, assertion: Any) -> datetime:
    """When it was said."""
    if document.get("Destination", ours.answer_url) != ours.answer_url:
        raise _Doubt(f"destination {document.get('Destination')}")
    conditions = assertion.find("saml:Conditions", NAMES)
    restrictions = conditions.findall("saml:AudienceRestriction", NAMES)
    audiences = [{_content(node) for node in each.findall("saml:Audience", NAMES)} for each in restrictions]
    if not audiences or not all(ours.entity_id in each for each in audiences):
        raise _Doubt(f"audiences {audiences}")
    now = timezone.now()
    for node in (conditions, *assertion.iterfind("saml:Subject//saml:SubjectConfirmationData", NAMES)):
        if node.get("NotBefore") and _time(node.get("NotBefore")) > now + CLOCKS_DIFFER:
            raise _Doubt(f"not before {node.get('NotBefore')}")
        if node.get("NotOnOrAfter") and _time(node.get("NotOnOrAfter")) <= now - CLOCKS_DIFFER:
            raise _Doubt(f"not after {node.get('NotOnOrAfter')}")
    issued = _time(assertion.get("IssueInstant"))
    if not now - OLDEST < issued <= now + CLOCKS_DIFFER:
        raise _Doubt(f"issued {issued}")
    return issued


def _confirmed(ours: Ours, document: Any, assertion: Any) -> str:
    """The id of the request that this answers, as the signed part says it: the response around it may be anybody's."""
    answers = document.get("InResponseTo", "")
    for data in _bearers(assertion):
        if data.get("Recipient") == ours.answer_url and data.get("NotOnOrAfter"):
            asked = str(data.get("InResponseTo", ""))
            if asked == answers:
                return asked
    raise _Doubt(f"no bearer is confirmed for {ours.answer_url} and request {answers!r}")


def _bearers(assertion: Any) -> Iterator[Any]:
    for node in assertion.iterfind("saml:Subject/saml:SubjectConfirmation", NAMES):
        if node.get("Method") == BEARER:
            yield from node.findall("saml:SubjectConfirmationData", NAMES)


def _claims(provider: IdentityProvider, name_id: str, kind: str | None, told: dict[str, Any], context: str) -> Claims:
    if kind == TRANSIENT:
        raise NotBelieved(
            f"{provider} calls people by another name each time (a transient NameID). Choose a lasting one there.",
            detail=TRANSIENT,
        )
    short = {name: values[0] if len(values) == 1 else values for name, values in told.items()}
    everything = {**short, "NameID": name_id, "NameID format": kind or "", "AuthnContextClassRef": context}
    return Claims(
        subject=exact(name_id),
        mail=text(lookup(everything, provider.mail_claim)),
        mail_verified=switch(everything.get("email_verified")),
        name=text(lookup(everything, provider.name_claim)),
        groups=texts(lookup(everything, provider.groups_claim)),
        second_factor=provider.checks_second_factor
        or tells_second_factor((), context)
        or not STRONG.isdisjoint(texts(everything.get(METHODS))),
        everything=everything,
    )


def _content(node: Any) -> str:
    """All of an element's text: what stands behind a comment in it belongs to it."""
    return "" if node is None else "".join(node.itertext(tag=node.tag)).strip()


def _time(written: str) -> datetime:
    return datetime.fromtimestamp(OneLogin_Saml2_Utils.parse_SAML_to_time(written), tz=UTC)
