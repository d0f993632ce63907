"""A controller that is told by certificates, and the endpoint behind a real nginx that ends TLS: over TLS both ways."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.aps.controller import OPERATOR
from tests.aps.double import Odin
from tests.rows import everything

from oxherd.aps.models import ApsInstance
from oxherd.aps.trust_commands import begin_enrolment
from oxherd.controller import certificates
from oxherd.controller.testing import ControllerServer
from oxherd.people.models import ServiceUser
from oxherd.sandbox.testing import SandboxServer

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="The Debian package nginx-light is not installed.")
HEADER = "X-Client-Certificate"
# The part about certificates is that of docs/aps.md.
CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.pem;
        ssl_verify_client optional_no_ca;
        location /aps/ {{
            proxy_set_header Host $http_host;
            proxy_set_header {header} $ssl_client_escaped_cert;
            proxy_pass {panel};
        }}
    }}
}}
"""
PATIENCE_SECONDS = 20


@pytest.fixture
def proxy(tmp_path: Path, live_server: Any, settings: Any) -> Iterator[str]:
    """The address of nginx before the panel; its certificate is in `server.pem`."""
    settings.OXHERD_APS_CERTIFICATE_HEADER = HEADER
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "server.pem").write_text(certificates.new("panel", serves_here=True))
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=tmp_path, port=port, header=HEADER, panel=live_server.url))
    with subprocess.Popen([str(NGINX), "-e", str(tmp_path / "error.log"), "-c", str(configuration)]) as process:
        try:
            until_listening(port)
            yield f"https://localhost:{port}"
        finally:
            process.terminate()


def until_listening(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not start")


@pytest.fixture
def odin(tmp_path: Path, proxy: str) -> Iterator[Odin]:
    known = str(tmp_path / "server.pem")
    with ControllerServer(tmp_path / "controller.sqlite3", hurry=100, tls=True, verify=known) as server:
        yield Odin(server)


def test_everything_goes_by_certificates(odin: Odin, proxy: str, tmp_path: Path, sandbox: SandboxServer) -> None:
    odin.install(tmp_path, proxy, None, enrolmentToken=begin_enrolment(actor=OPERATOR, name="Odin"))
    assert ApsInstance.objects.get().consumer is None
    odin.offer(sandbox.url)
    tenant = odin.customer()
    odin.domain(tenant)
    user = odin.user(tenant)  # whom the worker fetches by the instance's certificate
    odin.settle()

    assert odin.get(user)["aps"]["status"] == "aps:ready"
    assert ServiceUser.objects.get().login == "anna@acme.test"
    assert odin.failures() == []


def test_who_shows_no_certificate_cannot_pass_one_on(odin: Odin, proxy: str, tmp_path: Path) -> None:
    odin.install(tmp_path, proxy, None, enrolmentToken=begin_enrolment(actor=OPERATOR, name="Odin"))
    forged = {HEADER: odin.server.hub.certificate, "APS-Instance-ID": odin.app}
    forged[HEADER] = "".join(certificates.public(forged[HEADER]).splitlines())
    before = everything()

    for headers in (forged, {"APS-Instance-ID": odin.app}):
        answer = requests.get(
            f"{proxy}/aps/app/{odin.app}", headers=headers, verify=str(tmp_path / "server.pem"), timeout=20
        )
        assert (answer.status_code, answer.json()["code"]) == (401, 401)
    assert everything() == before
