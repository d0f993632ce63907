"""Certificates: that of the controller itself, and those which instances get from it."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = 10


def new(name: str, *, serves_here: bool = False) -> str:
    """Key and self-signed certificate in one PEM. serves_here: it also answers at localhost and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    if serves_here:
        places = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(places), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (secret + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def kept(place: Path) -> str:
    """The controller's own, which is made at its first start."""
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(new("APS controller", serves_here=True), encoding="ascii")
    return place.read_text(encoding="ascii")


def public(pem: str) -> str:
    return pem[pem.index("-----BEGIN CERTIFICATE-----") :]


def fingerprint_of(pem: str) -> str:
    return sha256(ssl.PEM_cert_to_DER_cert(public(pem).strip())).hexdigest()


def server_context(place: Path) -> ssl.SSLContext:
    """Asks clients for a certificate; only those of instances are known to it (`Hub.trust`)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(place)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
