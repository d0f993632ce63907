"""What Django OAuth Toolkit says, in a process of its own, is believed; the browser's way is in the journeys."""

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.identity_provider.process import PASSWORD, SECRET, Accounts

from oxherd.single_sign_on import openid
from oxherd.single_sign_on.checks import check
from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.faults import NotBelieved
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import Kind

BACK = "http://testserver/back/"
VERIFIER = "v" * 64


@pytest.fixture
def accounts(settings: Any, tmp_path: Any) -> Iterator[Accounts]:
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1"]
    with Accounts(tmp_path) as accounts:
        accounts.register(BACK)
        accounts.put("nina", "staff", "everybody")
        yield accounts


@pytest.fixture
def contoso(cast: Any, accounts: Accounts) -> IdentityProvider:
    return add_provider(
        actor=cast.system,
        owner=cast.acme,
        kind=Kind.OIDC,
        name="Contoso",
        issuer=accounts.issuer,
        client_id="oxherd",
        client_secret=SECRET,
        mail_domains=["acme.test"],
    )


def token_for(contoso: IdentityProvider, accounts: Accounts, nonce: str) -> dict[str, Any]:
    """What the service answers after Nina has signed in there, as a browser and a client would ask for it."""
    addresses = openid.discover(contoso)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": "oxherd",
        "redirect_uri": BACK,
        "scope": contoso.scopes,
        "state": "the-state",
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with requests.Session() as browser:
        form = browser.get(addresses["authorization_endpoint"], params=asked)
        sent = {"username": "nina", "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        there = parse_qs(urlsplit(form.url).query)["next"][0]
        browser.post(form.url, {**sent, "next": there}, allow_redirects=False)
        back = browser.get(accounts.url + there, allow_redirects=False)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        answer = browser.post(addresses["token_endpoint"], given, auth=("oxherd", SECRET))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_token_of_a_real_service_is_believed_and_read(contoso, accounts):
    began = time.time()
    answer = token_for(contoso, accounts, "the-nonce")
    said = openid.believe(contoso, answer["id_token"], nonce="the-nonce", youngest=began)
    claims = openid.claims_of(contoso, said, {})
    assert (claims.mail, claims.mail_verified, claims.name) == ("nina@acme.test", True, "Nina Novak")
    assert claims.groups == ("everybody", "staff")
    with pytest.raises(NotBelieved, match="another sign-in"):
        openid.believe(contoso, answer["id_token"], nonce="another", youngest=began)
    with pytest.raises(NotBelieved, match="did not ask who you are again"):
        openid.believe(contoso, answer["id_token"], nonce="the-nonce", youngest=began + 3600)


def test_all_that_can_be_said_of_a_real_service_without_signing_in_is_well(contoso):
    found = check(contoso)
    assert [(finding.tone, finding.what) for finding in found] == [("green", "Discovery document"), ("green", "Keys")]
    assert found[0].sentence == f"The service answers as {contoso.issuer}."
