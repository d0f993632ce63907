"""A service of OpenID Connect that says whatever a test wants it to say, over real HTTP."""

import base64
import hashlib
import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KID = "the-key"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Forger:
    """`tokens` are what the token endpoint answers by code; by default those of an honest service."""

    def __init__(self) -> None:
        self.key = new_key()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.documents: dict[str, Any] = {}
        self.user_info: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.raw: dict[str, str] = {}
        self.is_dead = False

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        self.documents = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [{**jwk, "kid": KID, "use": "sig", "alg": "RS256"}]},
        }
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def asked_for(self, path: str) -> list[dict[str, str]]:
        return [sent for asked, sent in self.asked if asked == path]

    def token(self, *, key: Any = None, algorithm: str = "RS256", kid: str | None = KID, **claims: Any) -> str:
        """An ID token; a claim of None is left out."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": "oxherd", "sub": "eve-1", "iat": now, "exp": now + 300}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(said, key or self.key, algorithm=algorithm, headers={"kid": kid} if kid else None)

    def _handler(forger) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                forger.asked.append((path, {"authorization": self.headers.get("Authorization", "")}))
                document = forger.raw.get(path) or forger.documents.get(path)
                self.answer(forger.user_info if path == "/userinfo" else document)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sent = {name: values[0] for name, values in parse_qs(body).items()}
                forger.asked.append((urlsplit(self.path).path, sent))
                self.answer(forger.answers.pop(sent.get("code", ""), None))

            def answer(self, document: Any) -> None:
                if forger.is_dead:
                    self.close_connection = True
                    return
                said = document if document is not None else {"error": "invalid"}
                body = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(200 if document is not None else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2"""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
