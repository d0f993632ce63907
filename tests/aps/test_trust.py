import base64
import hashlib
import json
import time

import pytest
from django.conf import settings
from django.test import Client
from oauthlib import oauth1
from tests.aps.controller import OPERATOR, Signing, fault, new_id, resource, signing
from tests.rows import everything

from oxherd.aps.models import ApsInstance, ApsNonce
from oxherd.aps.trust_commands import Pair, forget_nonces, revoke_consumer

pytestmark = pytest.mark.django_db


@pytest.fixture
def odin() -> Signing:
    controller = signing()
    controller.enrol()
    return controller


def test_the_endpoint_tells_everybody_that_it_is_there() -> None:
    answer = Client().get("/aps/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_nobody_is_heard_without_a_signature(odin: Signing) -> None:
    before = everything()
    for verb in ("GET", "POST", "PUT", "DELETE"):
        fault(Client().generic(verb, f"/aps/tenant/{new_id()}", b"{}", content_type="application/json"), 401)
    assert everything() == before


@pytest.mark.parametrize("method", [oauth1.SIGNATURE_HMAC_SHA1, oauth1.SIGNATURE_HMAC_SHA256])
def test_a_controller_enrols_by_signing(method: str) -> None:
    odin = signing()
    odin.method = method
    odin.enrol()
    instance = ApsInstance.objects.get()
    assert (instance.name, str(instance.aps_id)) == ("Odin", odin.instance_id)
    assert instance.controller_url == odin.controller_url


@pytest.mark.parametrize("method", [oauth1.SIGNATURE_PLAINTEXT, oauth1.SIGNATURE_HMAC_SHA512])
def test_other_signatures_are_not_taken(odin: Signing, method: str) -> None:
    odin.method = method
    fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 401)


def test_a_wrong_secret_and_an_unknown_key_leave_no_trace(odin: Signing) -> None:
    before, nonces = everything(), ApsNonce.objects.count()
    for pair in (Pair(odin.pair.key, "guessed"), Pair("ox-unknown", odin.pair.secret)):
        stranger = Signing(pair, odin.instance_id)
        fault(stranger.call("POST", "/aps/app", resource("app", odin.instance_id)), 401)
    assert everything() == before
    assert ApsNonce.objects.count() == nonces


def test_a_signature_for_another_address_or_verb_is_none(odin: Signing) -> None:
    headers = odin.headers("GET", f"/aps/app/{odin.instance_id}")
    fault(odin.client.get(f"/aps/tenant/{new_id()}", headers=headers), 401)
    fault(odin.client.delete(f"/aps/app/{odin.instance_id}", headers=headers), 401)


def test_a_call_is_taken_once(odin: Signing) -> None:
    path = f"/aps/app/{odin.instance_id}"
    headers = odin.headers("GET", path)
    assert odin.client.get(path, headers=headers).status_code == 200
    before = everything()
    assert fault(odin.client.get(path, headers=headers), 401)["message"] == "This call has come before."
    assert everything() == before


def test_an_old_call_is_not_taken(odin: Signing) -> None:
    path = f"/aps/app/{odin.instance_id}"
    for off in (-301, 301):
        signer = oauth1.Client(
            odin.pair.key, client_secret=odin.pair.secret, timestamp=str(int(time.time()) + off), nonce="n" * 20
        )
        _, signed, _ = signer.sign(f"{settings.BASE_URL}{path}")
        headers = {**odin.headers("GET", path), "Authorization": signed["Authorization"]}
        fault(odin.client.get(path, headers=headers), 401)


def test_a_body_is_compared_with_its_hash_where_one_is_signed(odin: Signing) -> None:
    path = f"/aps/app/{odin.instance_id}"
    body = json.dumps({"panelHosts": ["https://cp.provider.test"]}).encode()
    told = base64.b64encode(hashlib.sha1(body).digest()).decode()
    for sent, status in ((b'{"panelHosts": ["https://evil.test"]}', 401), (body, 200)):
        signer = oauth1.Client(odin.pair.key, client_secret=odin.pair.secret)
        request = oauth1.rfc5849.Request(f"{settings.BASE_URL}{path}", "PUT")
        request.oauth_params = [*signer.get_oauth_params(request), ("oauth_body_hash", told)]
        request.oauth_params.append(("oauth_signature", signer.get_oauth_signature(request)))
        _, signed, _ = signer._render(request)
        headers = {"APS-Instance-ID": odin.instance_id, "Authorization": signed["Authorization"]}
        answer = odin.client.put(path, sent, content_type="application/json", headers=headers)
        assert answer.status_code == status, answer.content
    assert ApsInstance.objects.get().panel_hosts == ["https://cp.provider.test"]


def test_a_revoked_pair_is_heard_no_more(odin: Signing) -> None:
    revoke_consumer(actor=OPERATOR, key=odin.pair.key)
    before = everything()
    fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 401)
    assert everything() == before


def test_an_unknown_instance_is_refused_whatever_it_asks(odin: Signing) -> None:
    before = everything()
    stray = Signing(odin.pair)
    fault(stray.call("GET", f"/aps/app/{odin.instance_id}"), 403)
    fault(
        stray.call("POST", "/aps/brand", resource("brand", new_id(), name="X", apiUrl="https://x.test/", username="u")),
        403,
    )
    assert everything() == before


def test_one_controller_does_not_speak_for_anothers_instance(odin: Signing) -> None:
    other = signing("Cloud")
    before = everything()
    posing = Signing(other.pair, odin.instance_id)
    fault(posing.call("GET", f"/aps/app/{odin.instance_id}"), 403)
    fault(posing.call("POST", "/aps/app", resource("app", odin.instance_id)), 403)
    assert everything() == before


def test_one_controller_does_not_see_anothers_resources(odin: Signing) -> None:
    brand = odin.brand("http://127.0.0.1:9/")
    other = signing("Cloud")
    other.enrol()
    before = everything()
    fault(other.call("GET", f"/aps/brand/{brand}"), 404)
    fault(other.call("PUT", f"/aps/brand/{brand}", {"name": "Mine"}), 404)
    assert other.call("DELETE", f"/aps/brand/{brand}").status_code == 204
    refused = resource("profile", new_id(), name="P", accessCombination="webmail", brand={"aps": {"id": brand}})
    fault(other.call("POST", "/aps/profile", refused), 404)
    assert everything() == before


def test_old_nonces_go(odin: Signing) -> None:
    consumer = ApsInstance.objects.get().consumer
    ApsNonce.objects.create(consumer=consumer, nonce="old", timestamp=int(time.time()) - 601)
    forget_nonces()
    assert not ApsNonce.objects.filter(nonce="old").exists()
    assert ApsNonce.objects.exists()


def test_a_removed_instance_is_known_no_more(odin: Signing) -> None:
    path = f"/aps/app/{odin.instance_id}"
    assert odin.call("DELETE", path).status_code == 204
    assert odin.call("DELETE", path).status_code == 204
    fault(odin.call("GET", path), 403)
    fault(odin.call("POST", "/aps/app", resource("app", odin.instance_id)), 409)
