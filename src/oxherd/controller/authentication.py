"""Telling who calls the bus: somebody with a token, or an application by OAuth 1.0a or its certificate."""

import sqlite3
import threading
import time
from collections import OrderedDict
from hashlib import sha256
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from oxherd.controller import records
from oxherd.controller.actors import Actor
from oxherd.controller.hub import Hub
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message

WINDOW_SECONDS = 600
MOST_NONCES = 20_000


class _Validator(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """Knows the key pairs of the instances; a nonce is good once within the window of time."""

    def __init__(self, secrets: dict[str, str], seen: "Nonces") -> None:
        super().__init__()
        self.secrets = secrets
        self.seen = seen

    @property
    def enforce_ssl(self) -> bool:
        return False

    @property
    def client_key_length(self) -> tuple[int, int]:
        return 3, 200

    @property
    def nonce_length(self) -> tuple[int, int]:
        return 8, 64

    @property
    def dummy_client(self) -> str:
        return "nobody"

    def check_client_key(self, client_key: str) -> bool:
        return 0 < len(client_key) <= 200  # noqa: PLR2004 - a sane key

    def validate_client_key(self, client_key: str, request: Request) -> bool:  # noqa: ARG002 - oauthlib's signature
        return client_key in self.secrets

    def get_client_secret(self, client_key: str, request: Request) -> str:  # noqa: ARG002 - oauthlib's signature
        return self.secrets.get(client_key, "no secret at all")

    def validate_timestamp_and_nonce(self, client_key: str, timestamp: str, nonce: str, *_: Any, **__: Any) -> bool:
        return self.seen.is_new(client_key, timestamp, nonce)


class Nonces:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def is_new(self, key: str, timestamp: str, nonce: str) -> bool:
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > WINDOW_SECONDS:
            return False
        with self._lock:
            if (key, timestamp, nonce) in self._seen:
                return False
            self._seen[key, timestamp, nonce] = None
            while len(self._seen) > MOST_NONCES:
                self._seen.popitem(last=False)
        return True


class Door:
    """Of one hub; remembers nonces."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._nonces = Nonces()

    def actor(self, message: Message) -> Actor:
        """Raises Refusal, mostly 401."""
        transaction = message.headers.get("aps-transaction-id", "")
        if transaction and not self.hub.is_open(transaction):
            raise Refusal(400, f"The transaction {transaction} was not found; it may be over.")
        with self.hub.store.reading() as db:
            found = self._found(db, message)
            resource = message.headers.get("aps-resource-id", "")
            if resource and found.instance:
                return _in_the_place_of(db, found, resource)
            return found

    def _found(self, db: sqlite3.Connection, message: Message) -> Actor:
        if message.headers.get("authorization", "").startswith("OAuth "):
            return self._by_oauth(db, message)
        if token := message.headers.get("aps-token"):
            return _by_token(db, token)
        if message.certificate:
            fingerprint = sha256(message.certificate).hexdigest()
            row = db.execute("SELECT id FROM instances WHERE fingerprint = ?", (fingerprint,)).fetchone()
            if row is not None:
                return Actor(instance=row["id"])
        raise Refusal(401, "Say who you are: by OAuth, by a certificate, or by APS-Token.")

    def _by_oauth(self, db: sqlite3.Connection, message: Message) -> Actor:
        rows = db.execute("SELECT * FROM instances WHERE oauth_key != ''").fetchall()
        endpoint = SignatureOnlyEndpoint(
            _Validator({row["oauth_key"]: row["oauth_secret"] for row in rows}, self._nonces)
        )
        scheme = self.hub.url.partition("://")[0]
        address = f"{scheme}://{message.headers.get('host', '')}{message.raw_path or message.path}"
        url = address + (f"?{message.raw_query}" if message.raw_query else "")
        headers = {"Authorization": message.headers["authorization"]}
        try:
            valid, request = endpoint.validate_request(url, message.method, None, headers)
        except ValueError:  # a query that is not form-encoded
            valid, request = False, None
        found = [row["id"] for row in rows if valid and request and row["oauth_key"] == request.client_key]
        if not found:
            raise Refusal(401, "The OAuth signature is not that of an instance, or it was used already.")
        named = message.headers.get("aps-instance-id", "")
        return Actor(instance=named if named in found else found[0])


def _by_token(db: sqlite3.Connection, token: str) -> Actor:
    row = db.execute("SELECT * FROM tokens WHERE token = ?", (token,)).fetchone()
    if row is None:
        raise Refusal(401, "The token is not known.")
    if row["kind"] == "staff":
        return Actor()
    if row["kind"] == "instance":
        return Actor(instance=row["subject"])
    if row["kind"] == "user":
        user = records.find(db, row["subject"])
        return Actor(account=user["owner"] if user else "nobody", user=row["subject"])
    return Actor(account=row["subject"])


def _in_the_place_of(db: sqlite3.Connection, actor: Actor, resource_id: str) -> Actor:
    """Impersonation: the whole control over what the owner of one of one's own resources has."""
    row = records.find(db, resource_id)
    if row is None or row["instance"] != actor.instance:
        raise Refusal(403, f"APS-Resource-ID: {resource_id} is no resource of yours.")
    return Actor(account=row["owner"], instance=actor.instance)
