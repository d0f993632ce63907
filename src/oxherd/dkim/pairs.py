"""Pairs of keys for signatures of mail."""

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

BITS = 2048  # what every verifier takes, and the least to be recommended (RFC 8301, 3.2)
EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class Pair:
    """private_key: PEM, PKCS #8. public_key: DER in base64, as the DNS has it in p=."""

    private_key: str = field(repr=False)
    public_key: str


def new_pair() -> Pair:
    """Takes about a tenth of a second of one core."""
    key = rsa.generate_private_key(public_exponent=EXPONENT, key_size=BITS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Pair(private.decode(), base64.b64encode(public).decode())
