"""How a controller is called: signed or by certificate, and never where it must not be."""

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from oauthlib.oauth1 import Client as Signer
from tests.aps.test_certificates import made

from oxherd import sealing
from oxherd.aps import controllers
from oxherd.aps.controllers import ControllerError
from oxherd.aps.models import ApsConsumer, ApsInstance

SECRET = "a secret of the pair"


class Hub(ThreadingHTTPServer):
    """Answers what it is told to, and remembers what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []
        self.shown: list[bytes | None] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who is refused hangs up."""


class Answering(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.calls.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        if isinstance(self.connection, ssl.SSLSocket):
            self.server.shown.append(self.connection.getpeercert(binary_form=True))
        status, body, headers = self.server.answers.pop(0) if self.server.answers else (200, b"{}", {})
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as http.server calls them

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def instance(hub: Hub) -> ApsInstance:
    consumer = ApsConsumer(name="Odin", key="ox-key", sealed_secret=sealing.seal(SECRET))
    return ApsInstance(name="Odin", consumer=consumer, controller_url=f"http://127.0.0.1:{hub.server_port}/hub")


def test_calls_are_signed_with_the_pair(hub: Hub, instance: ApsInstance) -> None:
    hub.answers = [(200, b'{"login": "anna"}', {})]
    assert controllers.get(instance, "aps/2/resources/7") == {"login": "anna"}
    assert controllers.call(instance, "POST", "aps/2/application/group", {"name": "x"}) == {}
    (verb, path, headers, _), (_, _, _, body) = hub.calls
    assert (verb, path) == ("GET", "/hub/aps/2/resources/7")
    told = dict(part.strip().split("=", 1) for part in headers["Authorization"].removeprefix("OAuth ").split(","))
    told = {name: value.strip('"') for name, value in told.items()}
    signer = Signer("ox-key", client_secret=SECRET, nonce=told["oauth_nonce"], timestamp=told["oauth_timestamp"])
    url = f"http://127.0.0.1:{hub.server_port}{path}"
    assert signer.sign(url)[1]["Authorization"] == headers["Authorization"]
    assert json.loads(body) == {"name": "x"}
    assert "Aps-Transaction-Id" not in headers


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        ((404, b"{}", {}), True),
        ((401, b"{}", {}), False),
        ((500, b"no", {}), False),
        ((302, b"", {"Location": "http://127.0.0.1:9/"}), False),
        ((200, b"<html>", {}), False),
        ((200, b"[" * 100_000, {}), False),
        ((200, b"7", {}), False),
        ((200, b" " * 1_000_001, {}), False),
    ],
)
def test_what_is_no_answer_is_a_sentence(hub: Hub, instance: ApsInstance, answer: Any, final: bool) -> None:
    hub.answers = [answer]
    with pytest.raises(ControllerError) as caught:
        controllers.get(instance, "aps/2/resources/7")
    assert caught.value.sentence.startswith("Odin has answered with ")
    assert caught.value.is_final == final
    assert len(hub.calls) == 1


@pytest.mark.parametrize(
    "url", ["", "http://hub.provider.test/", "http://10.0.0.1/", "https://169.254.169.254/", "https://[fe80::1]/"]
)
def test_no_call_goes_where_it_must_not(instance: ApsInstance, url: str) -> None:
    instance.controller_url = url
    with pytest.raises(ControllerError):
        controllers.get(instance, "aps/2/resources/7")


def test_nobody_there_is_a_sentence(instance: ApsInstance) -> None:
    instance.controller_url = "http://127.0.0.1:9/"
    with pytest.raises(ControllerError, match=r"Odin cannot be reached: no connection\. It is tried again\."):
        controllers.get(instance, "aps/2/resources/7")


def served_by(hub: Hub, folder: Path, pem: str, client: str) -> None:
    """Let the hub answer by TLS, and want a certificate of whoever calls."""
    file, trusted = folder / "hub.pem", folder / "client.pem"
    file.write_text(pem)
    trusted.write_text(client)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.load_verify_locations(trusted)
    context.verify_mode = ssl.CERT_REQUIRED
    hub.socket = context.wrap_socket(hub.socket, server_side=True)


def test_an_instance_with_certificates_shows_its_own_and_takes_one_only(tmp_path: Path) -> None:
    controller, controller_key = made("controller")
    own, own_key = made("instance")
    with Hub() as hub:
        served_by(hub, tmp_path, controller + controller_key, own)
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        instance = ApsInstance(
            name="Odin",
            controller_url=f"https://127.0.0.1:{hub.server_port}",
            controller_certificate=controller,
            sealed_certificate=sealing.seal(own + own_key),
        )
        assert controllers.get(instance, "aps/2/resources/7") == {}
        assert hub.shown == [ssl.PEM_cert_to_DER_cert(own)]
        instance.controller_certificate = made("somebody else")[0]
        with pytest.raises(ControllerError, match="its certificate is not trusted"):
            controllers.get(instance, "aps/2/resources/7")
        assert len(hub.calls) == 1
        hub.shutdown()
        thread.join()
