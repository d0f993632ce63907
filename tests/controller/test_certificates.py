"""Without an OAuth pair, both sides show certificates: the controller its own, the instance what it has been sent."""

import ssl

import pytest
import requests
from tests.controller.conftest import Panel
from tests.controller.endpoint import Endpoint
from tests.controller.package import BASE, package

from oxherd.controller import certificates, packages
from oxherd.controller.testing import ControllerServer


@pytest.fixture
def panel(tmp_path, endpoint):
    with ControllerServer(tmp_path / "controller.sqlite3", hurry=1000, tls=True, verify=False) as server:
        packages.import_package(server.hub, package())
        yield Panel(server, endpoint)


def created(panel, url):
    body = {"aps": {"package": {"type": BASE}, "endpoint": url}}
    return packages.create_instance(panel.hub, packages.lifecycle.Actor(), body)[1]["id"]


@pytest.fixture
def guarded(panel, tmp_path):
    """An endpoint with TLS, which takes calls from this controller alone."""
    place = tmp_path / "endpoint.pem"
    certificates.kept(place)
    context = certificates.server_context(place)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=certificates.public(panel.hub.certificate))
    with Endpoint(tls=context) as running:
        yield running


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_instance_gets_a_certificate_and_signs_in_by_it(panel, tmp_path):
    instance = created(panel, panel.endpoint.url)
    pair = panel.endpoint.of("POST /app")[0].body["aps"]["x509"]
    assert (pair["controller"], "authorization" in panel.endpoint.calls[0].headers) == (
        certificates.public(panel.hub.certificate),
        False,
    )
    own, trusted = tmp_path / "own.pem", tmp_path / "trusted.pem"
    own.write_text(pair["self"])
    trusted.write_text(pair["controller"])
    url = f"{panel.server.url}/aps/2/resources/{instance}"
    answer = requests.get(url, cert=str(own), verify=str(trusted))
    assert (answer.status_code, answer.json()["aps"]["id"]) == (200, instance)
    assert requests.get(url, verify=str(trusted)).status_code == 401
    stranger = tmp_path / "stranger.pem"
    stranger.write_text(certificates.new("stranger"))
    with pytest.raises(requests.ConnectionError):
        requests.get(url, cert=str(stranger), verify=str(trusted))


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_controller_shows_its_own_to_the_endpoint(panel, guarded):
    instance = created(panel, guarded.url)
    assert guarded.lines == ["POST /app"]
    assert packages.lifecycle.unprovision(panel.hub, packages.lifecycle.Actor(), instance).status == 204


def test_certificates_are_known_after_a_restart(panel, tmp_path):
    instance = created(panel, panel.endpoint.url)
    pair = panel.endpoint.of("POST /app")[0].body["aps"]["x509"]
    own, trusted = tmp_path / "own.pem", tmp_path / "trusted.pem"
    own.write_text(pair["self"])
    trusted.write_text(pair["controller"])
    with ControllerServer(tmp_path / "controller.sqlite3", tls=True) as second:
        answer = requests.get(f"{second.url}/aps/2/resources/{instance}", cert=str(own), verify=str(trusted))
        assert answer.status_code == 200
