"""Controllers that are told by certificates, which the proxy before us passes on."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils import timezone
from tests.aps.controller import OPERATOR, fault, new_id, resource
from tests.rows import everything

from oxherd import sealing
from oxherd.aps.models import ApsEnrolment, ApsInstance
from oxherd.aps.trust_commands import begin_enrolment

pytestmark = pytest.mark.django_db
HEADER = "X-Client-Certificate"


def made(name: str) -> tuple[str, str]:
    """A certificate and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return certificate.public_bytes(Encoding.PEM).decode(), secret


CONTROLLER, _ = made("controller")
OWN, OWN_KEY = made("instance")
STRANGER, _ = made("stranger")


@pytest.fixture(autouse=True)
def header(settings) -> None:
    settings.OXHERD_APS_CERTIFICATE_HEADER = HEADER


def call(verb: str, path: str, instance: str, body=None, *, shown: str | None = CONTROLLER):
    """As the proxy passes a call on."""
    headers = {"APS-Instance-ID": instance, "APS-Controller-URI": "https://hub.provider.test:6308/"}
    if shown is not None:
        headers[HEADER] = quote(shown)
    client = Client(raise_request_exception=False)
    return client.generic(verb, path, json.dumps(body or {}), content_type="application/json", headers=headers)


def first(instance: str, token: str, *, controller: str = CONTROLLER, own: str = OWN + OWN_KEY):
    body = resource("app", instance, enrolmentToken=token)
    body["aps"]["x509"] = {"self": own, "controller": controller}
    return body


@pytest.fixture
def instance() -> str:
    aps_id = new_id()
    assert (
        call("POST", "/aps/app", aps_id, first(aps_id, begin_enrolment(actor=OPERATOR, name="Odin"))).status_code == 201
    )
    return aps_id


def test_an_instance_enrols_with_a_token_and_is_known_by_its_controllers_certificate(instance: str) -> None:
    row = ApsInstance.objects.get()
    assert (row.name, str(row.aps_id), row.consumer) == ("Odin", instance, None)
    assert row.controller_certificate == CONTROLLER
    assert OWN_KEY not in row.sealed_certificate
    assert sealing.unseal(row.sealed_certificate) == OWN + OWN_KEY
    assert call("GET", f"/aps/app/{instance}", instance).status_code == 200
    assert "enrolmentToken" not in str(everything()["ApsResource"])


def test_other_certificates_are_not_taken(instance: str) -> None:
    before = everything()
    for shown in (STRANGER, OWN, None, "nonsense", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----"):
        fault(call("GET", f"/aps/app/{instance}", instance, shown=shown), 401)
        fault(call("DELETE", f"/aps/app/{instance}", instance, shown=shown), 401)
    fault(call("GET", f"/aps/app/{instance}", new_id()), 401)
    assert everything() == before


def test_a_token_serves_one_instance_once(instance: str) -> None:
    token = begin_enrolment(actor=OPERATOR, name="Cloud")
    one, other = new_id(), new_id()
    assert call("POST", "/aps/app", one, first(one, token)).status_code == 201
    before = everything()
    fault(call("POST", "/aps/app", other, first(other, token)), 401)
    assert everything() == before
    assert call("POST", "/aps/app", one, first(one, token)).status_code == 201  # the same call again
    assert everything() == before


def test_nobody_enrols_without_an_open_token() -> None:
    token = begin_enrolment(actor=OPERATOR, name="Odin")
    ApsEnrolment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    aps_id, before = new_id(), everything()
    for wrong in (token, "guessed", ""):
        fault(call("POST", "/aps/app", aps_id, first(aps_id, wrong)), 401)
    assert everything() == before


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"controller": STRANGER}, 401),
        ({"controller": "nonsense"}, 400),
        ({"own": OWN}, 400),
        ({"own": CONTROLLER + OWN_KEY}, 400),
        ({"own": 7}, 401),
    ],
)
def test_what_is_brought_has_to_be_what_is_shown(more, status: int) -> None:
    token, aps_id = begin_enrolment(actor=OPERATOR, name="Odin"), new_id()
    before = everything()
    fault(call("POST", "/aps/app", aps_id, first(aps_id, token, **more)), status)
    assert everything() == before


def test_a_refused_first_call_does_not_use_the_token_up() -> None:
    token, aps_id = begin_enrolment(actor=OPERATOR, name="Odin"), new_id()
    body = first(aps_id, token)
    before = everything()
    fault(call("POST", "/aps/app", aps_id, {**body, "panelHosts": ["nonsense host"]}), 400)
    assert everything() == before
    assert call("POST", "/aps/app", aps_id, body).status_code == 201


def test_the_header_means_nothing_while_no_proxy_is_told_of(instance: str, settings) -> None:
    settings.OXHERD_APS_CERTIFICATE_HEADER = ""
    fault(call("GET", f"/aps/app/{instance}", instance), 401)


def test_a_certificate_on_one_line_is_read_too(instance: str) -> None:
    assert call("GET", f"/aps/app/{instance}", instance, shown=CONTROLLER.replace("\n", " ")).status_code == 200
    assert call("GET", f"/aps/app/{instance}", instance, shown=CONTROLLER.replace("\n", "\n\t")).status_code == 200


def test_a_removed_instance_leaves_no_key(instance: str) -> None:
    assert call("DELETE", f"/aps/app/{instance}", instance).status_code == 204
    assert ApsInstance.objects.get().sealed_certificate == ""
    fault(call("GET", f"/aps/app/{instance}", instance), 401)
