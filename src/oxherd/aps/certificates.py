"""Controllers that are told by certificates: the proxy that ends TLS passes on what the caller has shown it."""

import hmac
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.conf import settings
from django.http import HttpRequest

from oxherd.aps.faults import Fault

LARGEST = 20_000


def presented(request: HttpRequest) -> bytes | None:
    """The caller's certificate as DER, from the header that the proxy overwrites with it; None where there is none.

    Raises Fault 401 for what is no certificate.
    """
    name = settings.OXHERD_APS_CERTIFICATE_HEADER
    told = request.headers.get(name, "") if name else ""
    if not told:
        return None
    try:
        return as_der(unquote(told))
    except ValueError:
        raise Fault(401, "The proxy has passed on what is no certificate.") from None


def as_der(pem: str) -> bytes:
    """The first certificate in a text, in its one binary form. Raises ValueError where there is none."""
    if len(pem) > LARGEST:
        raise ValueError("too long")
    # Proxies that keep a header on one line put blanks or tabs where the line ends were.
    found = x509.load_pem_x509_certificate(_with_line_ends(pem).encode())
    return found.public_bytes(Encoding.DER)


def as_pem(der: bytes) -> str:
    """The certificate as it is kept."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


def is_same(shown: bytes | None, kept_pem: str) -> bool:
    """Whether a caller has shown the certificate that is kept; in constant time."""
    return bool(shown and kept_pem) and hmac.compare_digest(shown or b"", as_der(kept_pem))


def check_own(pem: str) -> None:
    """Whether a text holds a certificate and its private key, as we show them to a controller. Raises ValueError."""
    if len(pem) > LARGEST:
        raise ValueError("too long")
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = load_pem_private_key(pem[pem.index("-----BEGIN", _key_at(pem)) :].encode(), None)
    if key.public_key() != certificate.public_key():
        raise ValueError("the key is another certificate's")


def _key_at(pem: str) -> int:
    """Where the private key begins."""
    for kind in ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"):
        place = pem.find(f"-----BEGIN {kind}-----")
        if place >= 0:
            return place
    raise ValueError("no key")


def _with_line_ends(pem: str) -> str:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    _, found, rest = pem.partition(begin)
    middle, closed, _ = rest.partition(end)
    if not found or not closed:
        raise ValueError("no certificate")
    return f"{begin}\n" + "\n".join(middle.split()) + f"\n{end}\n"
