"""A service of SAML that says whatever a test wants it to say, signed with its key or with somebody else's."""

import base64
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
NAMES = {"p": PROTOCOL, "a": ASSERTION, "ds": "http://www.w3.org/2000/09/xmldsig#"}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
RESPONSE = """
<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"
            ID="{id}r" Version="2.0" IssueInstant="{issued}" Destination="{destination}"{answers}>
  <a:Issuer>{issuer}</a:Issuer>
  <p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></p:Status>
  <a:Assertion ID="{id}" Version="2.0" IssueInstant="{issued}">
    <a:Issuer>{issuer}</a:Issuer>
    <a:Subject>
      <a:NameID Format="{format}">{name_id}</a:NameID>
      <a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <a:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{recipient}"{confirms}/>
      </a:SubjectConfirmation>
    </a:Subject>
    <a:Conditions NotBefore="{since}" NotOnOrAfter="{until}">{audience}</a:Conditions>
    <a:AuthnStatement AuthnInstant="{authenticated}">
      <a:AuthnContext><a:AuthnContextClassRef>{context}</a:AuthnContextClassRef></a:AuthnContext>
    </a:AuthnStatement>
    <a:AttributeStatement>{attributes}</a:AttributeStatement>
  </a:Assertion>
</p:Response>"""


@dataclass(frozen=True)
class Pair:
    key: bytes  # PEM
    certificate: bytes  # PEM

    @property
    def bare(self) -> str:
        return "".join(self.certificate.decode().split("\n")[1:-2])


def new_pair(days: int = 365) -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login.contoso.test")])
    until = datetime.now(UTC) + timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(until - timedelta(days=730))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = made.not_valid_after(until).sign(key, hashes.SHA256())
    return Pair(private, signed.public_bytes(serialization.Encoding.PEM))


@dataclass
class SamlForger:
    entity_id: str = "https://login.contoso.test/saml"
    sso_url: str = "https://login.contoso.test/sso"
    pair: Pair = field(default_factory=new_pair)

    def metadata(self, *, pairs: list[Pair] | None = None, more: str = "") -> str:
        keys = "".join(
            f'<KeyDescriptor use="signing"><KeyInfo xmlns="{NAMES["ds"]}"><X509Data><X509Certificate>{pair.bare}'
            "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
            for pair in (pairs if pairs is not None else [self.pair])
        )
        return (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity_id}">'
            f'<IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{keys}<SingleSignOnService '
            f'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{self.sso_url}"/>'
            f"</IDPSSODescriptor>{more}</EntityDescriptor>"
        )

    def response(self, asked: dict[str, str], **said: Any) -> etree._Element:
        """Not signed. asked: of the request, id, acs and audience. said: what is other than an honest service says."""
        now = datetime.now(UTC) + said.pop("later", timedelta())
        answers = said.pop("answers", asked["id"])
        audience = said.pop("audience", asked["audience"])
        attributes = {"email": ["eve@acme.test"], "displayName": ["Eve"]} | said.pop("attributes", {})
        usual = {
            "id": f"_{secrets.token_hex(8)}",
            "issuer": self.entity_id,
            "destination": asked["acs"],
            "recipient": asked["acs"],
            "status": "Success",
            "format": PERSISTENT,
            "name_id": "eve-1",
            "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "issued": time_of(now),
            "since": time_of(now - timedelta(minutes=1)),
            "until": time_of(now + timedelta(minutes=5)),
            "authenticated": time_of(now),
            "answers": f' InResponseTo="{answers}"' if answers else "",
            "confirms": f' InResponseTo="{answers}"' if answers else "",
            "audience": f"<a:AudienceRestriction><a:Audience>{audience}</a:Audience></a:AudienceRestriction>"
            if audience
            else "",
            "attributes": "".join(
                f'<a:Attribute Name="{name}">'
                + "".join(f"<a:AttributeValue>{value}</a:AttributeValue>" for value in values)
                + "</a:Attribute>"
                for name, values in attributes.items()
            ),
        }
        return etree.fromstring(RESPONSE.format(**usual | said))

    def sign(self, element: etree._Element, *, pair: Pair | None = None, sha1: bool = False) -> None:
        """The element: a response, or an assertion within one."""
        method = xmlsec.constants.TransformRsaSha1 if sha1 else xmlsec.constants.TransformRsaSha256
        digest = xmlsec.constants.TransformSha1 if sha1 else xmlsec.constants.TransformSha256
        node = xmlsec.template.create(element, xmlsec.constants.TransformExclC14N, method, ns="ds")
        element.insert(1, node)  # behind the issuer, where the schema wants it
        reference = xmlsec.template.add_reference(node, digest, uri=f"#{element.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
        context = xmlsec.SignatureContext()
        used = pair or self.pair
        context.key = xmlsec.Key.from_memory(used.key, xmlsec.constants.KeyDataFormatPem)
        context.key.load_cert_from_memory(used.certificate, xmlsec.constants.KeyDataFormatPem)
        context.register_id(element, "ID")
        context.sign(node)

    def signed(self, asked: dict[str, str], **said: Any) -> etree._Element:
        response = self.response(asked, **said)
        self.sign(assertion_of(response))
        return response


def assertion_of(response: etree._Element) -> etree._Element:
    found = response.find("a:Assertion", NAMES)
    assert found is not None
    return found


def sent(response: etree._Element | bytes) -> str:
    """As SAMLResponse is posted."""
    return base64.b64encode(response if isinstance(response, bytes) else etree.tostring(response)).decode()


def read_request(there: str) -> etree._Element:
    """The AuthnRequest in an address."""
    packed = base64.b64decode(parse_qs(urlsplit(there).query)["SAMLRequest"][0])
    return etree.fromstring(zlib.decompress(packed, -15))


def time_of(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
