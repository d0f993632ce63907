"""What the metadata of a SAML service says (SAML 2.0 Metadata, 2.4.3), read without trusting it."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from oxherd.errors import Refused
from oxherd.single_sign_on.models import IdentityProvider

LARGEST_METADATA = 500_000
MOST_CERTIFICATES = 10
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"


@dataclass(frozen=True, slots=True)
class Metadata:
    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    subject: str
    not_before: datetime
    not_after: datetime
    digest: str  # SHA-256, as services show it


def read(xml: str, field: str = "metadata") -> Metadata:
    """Raises Refused at `field` for what is not the metadata of one identity provider, with the reason."""
    idp = _parsed(xml, field)
    entity_id, sso_url = idp.get("entityId", ""), idp.get("singleSignOnService", {}).get("url", "")
    if not entity_id or not sso_url:
        raise Refused(
            "This metadata names no address for signing in by redirect (SingleSignOnService with HTTP-Redirect). "
            "Take the metadata of the identity provider, not of an application.",
            field=field,
        )
    several = idp.get("x509certMulti", {}).get("signing", [])
    certificates = tuple(dict.fromkeys("".join(text.split()) for text in [*several, idp.get("x509cert", "")] if text))
    if not certificates:
        raise Refused("This metadata holds no certificate to check signatures with.", field=field)
    if len(certificates) > MOST_CERTIFICATES:
        raise Refused(f"This metadata holds more than {MOST_CERTIFICATES} certificates.", field=field)
    for certificate in certificates:
        if read_certificate(certificate) is None:
            raise Refused("A certificate in this metadata cannot be read.", field=field)
    return Metadata(entity_id, sso_url, certificates)


def read_certificate(text: str) -> Certificate | None:
    """text: base64 of the certificate. None for what is none."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        digest = certificate.fingerprint(_sha256()).hex(":").upper()
        subject = certificate.subject.rfc4514_string()
    except (ValueError, binascii.Error, x509.InvalidVersion):
        return None
    return Certificate(subject, certificate.not_valid_before_utc, certificate.not_valid_after_utc, digest)


def certificates_of(provider: IdentityProvider) -> list[Certificate]:
    return [found for text in provider.certificates if (found := read_certificate(text))]


def refuse_doctype(xml: str | bytes, field: str | None = None) -> None:
    """No SAML document has a document type, and only those can hold entities that grow without end or read files."""
    mark: Any = "<!" if isinstance(xml, str) else b"<!"
    for comment in ("<!--", "<![CDATA["):
        xml = xml.replace(comment if isinstance(xml, str) else comment.encode(), "")  # type: ignore[arg-type]
    if mark in xml:
        raise Refused("This document declares a document type or entities, which no SAML document does.", field=field)


def _parsed(xml: str, field: str) -> dict[str, Any]:
    from lxml import etree
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

    if len(xml) > LARGEST_METADATA:
        raise Refused(f"This is longer than {LARGEST_METADATA} characters.", field=field)
    refuse_doctype(xml, field)
    try:
        root = OneLogin_Saml2_XML.to_etree(xml.strip().encode())
        described = len(root.findall(f".//{{{METADATA}}}IDPSSODescriptor")) + root.tag.endswith("}IDPSSODescriptor")
        parsed: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(root)
    except (etree.LxmlError, ValueError, AttributeError):
        described = 0
    if described > 1:
        raise Refused("This metadata describes several identity providers. Take that of one.", field=field)
    if described == 0:
        raise Refused("This is not the metadata of a SAML identity provider.", field=field)
    idp: dict[str, Any] = parsed.get("idp", {})
    return idp


def _sha256() -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()
