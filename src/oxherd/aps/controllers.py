"""Calls to a controller, signed as the instance is trusted. Only the worker makes them, outside of transactions."""

import hashlib
import json
import ssl
import tempfile
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from oauthlib.oauth1 import Client

from oxherd import sealing
from oxherd.aps.certificates import as_der
from oxherd.aps.models import ApsInstance
from oxherd.errors import OxherdError
from oxherd.outgoing import PLATFORM, GuardedAdapter, is_opened, session

TIMEOUT_SECONDS = (3.05, 15)
LARGEST_ANSWER = 1_000_000
OK, NO_CONTENT, NOT_FOUND = 200, 204, 404
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ControllerError(OxherdError):
    """A controller that is not reached, or answers what cannot be used. is_final: asking again is in vain."""

    code = "controller"

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status

    @property
    def is_final(self) -> bool:
        """A controller says no to what is asked, such as to a resource that is gone; not that it has trouble."""
        return self.status in {400, 403, NOT_FOUND, 409, 422}


def get(instance: ApsInstance, path: str) -> dict[str, Any]:
    """The object at a path such as aps/2/resources/3e0d…. Raises ControllerError."""
    found = call(instance, "GET", path)
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, dict):
        raise ControllerError(f"{instance} has answered with what is no resource.")
    return found


def call(instance: ApsInstance, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What a controller answers, None for nothing. Raises ControllerError with a sentence for people."""
    url = _url(instance, path)
    content = None if body is None else json.dumps(body).encode()
    headers = {"Accept": "application/json"}
    if instance.consumer is not None:
        pair = instance.consumer
        client = Client(pair.key, client_secret=sealing.unseal(pair.sealed_secret))
        _, signed, _ = client.sign(url, http_method=method)
        headers |= signed
    if content is not None:
        headers["Content-Type"] = "application/json"
    try:
        with _session(instance) as asking:
            answer = asking.request(
                method, url, data=content, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
            )
            return _read(instance, answer)
    except (requests.RequestException, ssl.SSLError, OSError) as error:
        raise ControllerError(f"{instance} cannot be reached: {_reason(error)}. It is tried again.") from None


def _url(instance: ApsInstance, path: str) -> str:
    base = instance.controller_url
    parts = urlsplit(base)
    if not parts.hostname:
        raise ControllerError(f"{instance} has not said where it is called (APS-Controller-URI).")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK and not is_opened(parts.hostname):
        raise ControllerError(f"{instance} is to be called without TLS, which is not done: names and passwords travel.")
    return urljoin(base if base.endswith("/") else f"{base}/", path)


def _read(instance: ApsInstance, answer: requests.Response) -> Any:
    content = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
    if not answer.ok or 300 <= answer.status_code < 400:  # noqa: PLR2004 - of HTTP
        raise ControllerError(f"{instance} has answered with {answer.status_code}.", status=answer.status_code)
    if len(content) > LARGEST_ANSWER:
        raise ControllerError(f"{instance} has answered with more than {LARGEST_ANSWER} bytes.")
    if answer.status_code == NO_CONTENT or not content.strip():
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ControllerError(f"{instance} has answered with what is no JSON.") from None


def _session(instance: ApsInstance) -> requests.Session:
    asking = session(PLATFORM)
    if instance.consumer is None:
        asking.mount("https://", PinnedAdapter(instance))
        asking.verify = False  # the one certificate that may answer is pinned instead
    elif settings.OXHERD_APS_CA_FILE:
        asking.verify = settings.OXHERD_APS_CA_FILE
    return asking


class PinnedAdapter(GuardedAdapter):
    """Shows the instance's certificate, and takes none but its controller's for an answer."""

    def __init__(self, instance: ApsInstance) -> None:
        self.fingerprint = hashlib.sha256(as_der(instance.controller_certificate)).hexdigest()
        self.context = _context(sealing.unseal(instance.sealed_certificate))
        super().__init__(PLATFORM)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        options |= {"ssl_context": self.context, "assert_fingerprint": self.fingerprint}
        super().init_poolmanager(*args, **options)


def _context(pem: str) -> ssl.SSLContext:
    """The key passes through a file of ours for a moment: Python's TLS reads it from nowhere else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # as above: pinned
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # readable by us alone
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _reason(error: Exception) -> str:
    kind = type(error).__name__
    known = {
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "SSLError": "its certificate is not trusted",
        "DestinationForbidden": "its address is out of reach",
    }
    return known.get(kind, "no connection")
