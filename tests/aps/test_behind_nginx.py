"""A controller that is told by certificates, and the endpoint behind a real nginx that ends TLS: over TLS both ways."""

import re
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
# Around the server, whose block is that of the documentation.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    {server}
}}
"""
DOCS = Path(__file__).parents[2] / "docs"
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
    configuration.write_text(AROUND.format(folder=tmp_path, server=documented(tmp_path, port, live_server.url)))
    with subprocess.Popen([str(NGINX), "-e", str(tmp_path / "error.log"), "-c", str(configuration)]) as process:
        try:
            until_listening(port)
            yield f"https://localhost:{port}"
        finally:
            process.terminate()


def documented(folder: Path, port: int, panel: str) -> str:
    """The server block of docs/operator.md with the lines of docs/aps.md, for this port, panel and certificate."""
    (block,), (lines,) = (
        re.findall(r"```nginx\n(.*?)```", (DOCS / name).read_text(), re.DOTALL) for name in ("operator.md", "aps.md")
    )
    assert f"proxy_set_header {HEADER} " in lines
    for told, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("server_name panel.example;", "server_name localhost;"),
        ("/etc/nginx/panel.example.pem", f"{folder}/server.pem"),
        ("/etc/nginx/panel.example.key", f"{folder}/server.pem"),
        ("http://127.0.0.1:8000", panel),
        ("    location /", f"{lines}    location /"),
    ):
        assert block.count(told) == 1, told
        block = block.replace(told, here)
    return block


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
        for path in ("aps/app", "frame/aps/app"):  # by no way round
            answer = got(f"{proxy}/{path}/{odin.app}", tmp_path, **headers)
            assert answer.status_code == (401 if path == "aps/app" else 403), path
    assert everything() == before


def test_the_panel_behind_it_knows_by_which_name_it_was_called(proxy: str, tmp_path: Path, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    assert got(f"{proxy}/aps/", tmp_path).status_code == 200
    assert got(f"{proxy}/", tmp_path).url.startswith(proxy)
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert got(f"{proxy}/aps/", tmp_path).status_code == 400


def got(url: str, folder: Path, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, verify=str(folder / "server.pem"), timeout=20)
