"""A SAML service that others wrote (pysaml2), as a process of its own, over real HTTP, with a form to log in by.

Run as a module it serves until its standard input ends. Its first line is its address; each line of its input is the
metadata of an application as JSON, and is answered by a line. It signs by the program xmlsec1.
"""

import html
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[2]
PASSWORD = "a password of the service"
PEOPLE = {"nina": ("Nina Novak", ["everybody", "desk"])}
FORM = """<!doctype html><html lang="en"><title>Fabrikam</title><h1>Fabrikam accounts</h1>{said}
<form method="post"><label>Username <input name="username"></label>
<label>Password <input name="password" type="password"></label><button>Log in</button></form></html>"""


class SamlService:
    """`metadata_url` is where it tells who it is. folder: where its key and its log are put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with (self.folder / "saml.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.identity_provider.saml_idp"],
                cwd=ROOT,
                env=keep,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = self._answer()
        self.metadata_url = f"{self.url}/metadata"
        return self

    def __exit__(self, *args: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()

    def register(self, metadata: str) -> None:
        """An application, by its metadata."""
        self.process.stdin.write(json.dumps(metadata) + "\n")
        self.process.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        line = self.process.stdout.readline()
        assert line, (self.folder / "saml.log").read_text()
        return json.loads(line)


def server_for(url: str, folder: Path, applications: list[str]) -> Any:
    """pysaml2's service that knows these applications."""
    from saml2 import BINDING_HTTP_REDIRECT
    from saml2.config import IdPConfig
    from saml2.saml import NAME_FORMAT_BASIC
    from saml2.server import Server
    from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

    policy = {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_BASIC, "sign": ["assertion"]}
    service = {
        "endpoints": {"single_sign_on_service": [(f"{url}/login", BINDING_HTTP_REDIRECT)]},
        "policy": {"default": policy},
        "name_id_format": ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"],
        "sign_assertion": True,
        "signing_algorithm": SIG_RSA_SHA256,
        "digest_algorithm": DIGEST_SHA256,
    }
    settings = {
        "entityid": f"{url}/metadata",
        "service": {"idp": service},
        "key_file": str(folder / "key.pem"),
        "cert_file": str(folder / "certificate.pem"),
        "xmlsec_binary": shutil.which("xmlsec1"),
        "metadata": {"inline": applications} if applications else {},
    }
    return Server(config=IdPConfig().load(settings))


def answered(server: Any, query: dict[str, str], username: str) -> str:
    """The page that brings the browser back to the application."""
    from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
    from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

    asked = server.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT).message
    name, groups = PEOPLE[username]
    response = server.create_authn_response(
        {"email": [f"{username}@acme.test"], "displayName": [name], "groups": groups},
        name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=f"{username}-at-fabrikam"),
        authn={"class_ref": "https://refeds.org/profile/mfa", "authn_auth": server.config.entityid},
        sign_assertion=True,
        **server.response_args(asked),
    )
    there = asked.assertion_consumer_service_url
    page = server.apply_binding(BINDING_HTTP_POST, str(response), there, query.get("RelayState", ""), response=True)
    return page["data"]


class Service(ThreadingHTTPServer):
    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        # Another site than the panel's, so that cookies are withheld as in life.
        self.url = f"http://localhost:{self.server_port}"
        self.folder = folder
        self.server = server_for(self.url, folder, [])

    def register(self, metadata: str) -> None:
        self.server = server_for(self.url, self.folder, [metadata])


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/metadata":
            from saml2.metadata import entity_descriptor

            self.answer(str(entity_descriptor(self.server.server.config)), "application/samlmetadata+xml")
        else:
            self.answer(FORM.format(said=""))

    def do_POST(self) -> None:
        sent = _first(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if sent.get("username") in PEOPLE and secrets.compare_digest(sent.get("password", ""), PASSWORD):
            self.answer(answered(self.server.server, _first(urlsplit(self.path).query), sent["username"]))
        else:
            self.answer(FORM.format(said=f"<p>Nobody is {html.escape(sent.get('username', ''))}.</p>"))

    def answer(self, text: str, kind: str = "text/html") -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def main() -> None:
    from tests.identity_provider.saml_forger import new_pair

    with tempfile.TemporaryDirectory() as name:
        folder, pair = Path(name), new_pair()
        (folder / "key.pem").write_bytes(pair.key)
        (folder / "certificate.pem").write_bytes(pair.certificate)
        service = Service(folder)
        threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        print(json.dumps(service.url), flush=True)
        for line in sys.stdin:
            service.register(json.loads(line))
            print(json.dumps("done"), flush=True)
        service.shutdown()


if __name__ == "__main__":
    main()
