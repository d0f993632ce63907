"""SAML 2.0: what is asked of a service, and what is told to it (Core 3.4.1, Bindings 3.4, Metadata 2.4.4)."""

import base64
import secrets
import zlib
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils import timezone
from lxml import etree
from lxml.builder import ElementMaker

from oxherd.single_sign_on.models import IdentityProvider

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"samlp": PROTOCOL, "saml": ASSERTION, "md": METADATA, "ds": SIGNATURE}
BY_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

samlp = ElementMaker(namespace=PROTOCOL, nsmap={"samlp": PROTOCOL, "saml": ASSERTION})
saml = ElementMaker(namespace=ASSERTION)
md = ElementMaker(namespace=METADATA, nsmap={"md": METADATA})


@dataclass(frozen=True, slots=True)
class Ours:
    """How oxherd is known to one service: no two share an entity id, so that no answer fits another."""

    entity_id: str
    answer_url: str


def ask(provider: IdentityProvider, ours: Ours, *, again: bool) -> tuple[str, str]:
    """The id of a new request, and the address at the service that carries it.

    again: the person must show there who they are, even if they have just done so.
    """
    request_id = f"_{secrets.token_hex(20)}"  # an XML id does not begin with a digit
    request = samlp.AuthnRequest(
        saml.Issuer(ours.entity_id),
        samlp.NameIDPolicy(AllowCreate="true"),
        ID=request_id,
        Version="2.0",
        IssueInstant=f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
        Destination=provider.sso_url,
        AssertionConsumerServiceURL=ours.answer_url,
        ProtocolBinding=BY_POST,
        **({"ForceAuthn": "true"} if again else {}),
    )
    packed = zlib.compress(etree.tostring(request))[2:-4]  # DEFLATE alone, as Bindings 3.4.4.1 wants it
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode()})
    return request_id, f"{provider.sso_url}{'&' if '?' in provider.sso_url else '?'}{query}"


def metadata_of(ours: Ours) -> bytes:
    """What services read to know oxherd: an XML document."""
    document = md.EntityDescriptor(
        md.SPSSODescriptor(
            md.NameIDFormat(PERSISTENT),
            md.AssertionConsumerService(Binding=BY_POST, Location=ours.answer_url, index="0", isDefault="true"),
            AuthnRequestsSigned="false",
            WantAssertionsSigned="true",
            protocolSupportEnumeration=PROTOCOL,
        ),
        entityID=ours.entity_id,
    )
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
