"""Calls that are signed by OAuth 1.0a without a token (RFC 5849), both ways."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from oauthlib.common import Request
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, RequestValidator, SignatureOnlyEndpoint

from oxherd import sealing
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsConsumer, ApsNonce

WINDOW_SECONDS = 300
# The body's digest, for callers that send one (OAuth Request Body Hash, draft 4).
BODY_HASHES = {SIGNATURE_HMAC_SHA1: hashlib.sha1, SIGNATURE_HMAC_SHA256: hashlib.sha256}
NOT_SIGNED = "The signature of the call is not valid."
# Against this the signatures of strangers are computed: it takes as long as a true one.
NOBODY, NOBODYS_SECRET = "nobody", "nobody's"


def consumer_of(request: HttpRequest) -> ApsConsumer:
    """Who has signed the request. Raises Fault 401 for a bad signature, an old or a repeated call, a revoked pair."""
    validator = Validator()
    signed = next((found for url in _urls(request) if (found := _signed(request, url, validator))), None)
    consumer = validator.found.get(signed.client_key) if signed else None
    if signed is None or consumer is None or not _body_matches(signed, request.body):
        raise Fault(401, NOT_SIGNED)
    # Written only now: who cannot sign uses nobody's nonces up. Two at once: the unique row tells the second.
    _, is_new = ApsNonce.objects.get_or_create(consumer=consumer, timestamp=int(signed.timestamp), nonce=signed.nonce)
    if not is_new:
        raise Fault(401, "This call has come before.")
    return consumer


class Validator(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """What oauthlib asks of us. found: the pairs that calls have named, by key."""

    enforce_ssl = False  # the proxy before us ends TLS, and the signed address tells by which scheme it was reached
    timestamp_lifetime = WINDOW_SECONDS
    allowed_signature_methods = (SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256)
    dummy_client = NOBODY

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, ApsConsumer] = {}

    def check_client_key(self, client_key: str) -> bool:
        return 0 < len(client_key) <= 100 and client_key.isprintable()  # noqa: PLR2004 - the column's width

    def check_nonce(self, nonce: str) -> bool:
        return 8 <= len(nonce) <= 100 and nonce.isprintable()  # noqa: PLR2004 - enough not to meet; the column's width

    def validate_timestamp_and_nonce(self, *args: Any, **rest: Any) -> bool:  # noqa: ARG002 - oauthlib's signature
        """The time was looked at already; what came before is found out once it is known to be signed."""
        return True

    def validate_client_key(self, client_key: str, request: Request) -> bool:  # noqa: ARG002 - oauthlib's signature
        consumer = ApsConsumer.objects.filter(key=client_key, revoked_at=None).first()
        if consumer is None:
            return False
        self.found[client_key] = consumer
        return True

    def get_client_secret(self, client_key: str, request: Request) -> str:  # noqa: ARG002 - oauthlib's signature
        consumer = self.found.get(client_key)
        return sealing.unseal(consumer.sealed_secret) if consumer else NOBODYS_SECRET

    def get_access_token_secret(self, *args: Any, **rest: Any) -> str:  # noqa: ARG002 - oauthlib's signature
        return ""  # there are no tokens


def _signed(request: HttpRequest, url: str, validator: Validator) -> Request | None:
    headers: Mapping[str, str] = {"Authorization": request.headers.get("Authorization", "")}
    try:
        is_valid, signed = SignatureOnlyEndpoint(validator).validate_request(url, request.method, None, headers)
    except ValueError:  # what cannot be decoded
        return None
    return signed if is_valid else None


def _urls(request: HttpRequest) -> list[str]:
    """What the caller may have signed: our public address, or the one that the proxy says it was asked at."""
    path = request.get_full_path()
    base = settings.BASE_URL.removesuffix("/")
    return list(dict.fromkeys([f"{base}{path}", request.build_absolute_uri(path)]))


def _body_matches(signed: Request, body: bytes) -> bool:
    told = signed.oauth_params.get("oauth_body_hash")
    if told is None:
        return True
    digest = base64.b64encode(BODY_HASHES[signed.signature_method](body).digest()).decode()
    return hmac.compare_digest(str(told).encode(), digest.encode())
