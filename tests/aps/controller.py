"""A controller that signs by an independent client of OAuth 1.0a, for the tests of the endpoint."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from oauthlib import oauth1

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.aps.models import ApsResource
from oxherd.aps.trust_commands import Pair, add_consumer
from oxherd.aps.types import BY_SERVICE

OPERATOR = system("Operator", Door.CLI)
HUB = "https://hub.provider.test:6308"


def new_id() -> str:
    return str(uuid4())


def link(aps_id: str) -> dict[str, Any]:
    """As a resource points to another."""
    return {"aps": {"link": "strong", "id": aps_id, "href": f"/aps/2/resources/{aps_id}"}}


def resource(service: str, aps_id: str, **properties: Any) -> dict[str, Any]:
    """A resource as it is sent; links by `link`."""
    meta = {"id": aps_id, "type": BY_SERVICE[service].id, "status": "aps:provisioning", "revision": 1}
    return {"aps": meta, **properties}


@dataclass(slots=True)
class Signing:
    """Calls of one instance that has a pair."""

    pair: Pair
    instance_id: str = field(default_factory=new_id)
    controller_url: str = HUB
    method: str = oauth1.SIGNATURE_HMAC_SHA1
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def headers(self, verb: str, path: str, **more: str) -> dict[str, str]:
        signer = oauth1.Client(self.pair.key, client_secret=self.pair.secret, signature_method=self.method)
        _, signed, _ = signer.sign(f"{settings.BASE_URL}{path}", http_method=verb)
        told = {"APS-Instance-ID": self.instance_id, "APS-Controller-URI": self.controller_url}
        return {"Authorization": signed["Authorization"], "APS-Request-Phase": "sync", **told, **more}

    def call(self, verb: str, path: str, body: Any = None, **more: str) -> Any:
        """The answer to a call. more: headers, with _ for -."""
        headers = self.headers(verb, path, **{name.replace("_", "-"): value for name, value in more.items()})
        content = b"" if body is None else json.dumps(body).encode()
        return self.client.generic(verb, path, content, content_type="application/json", headers=headers)

    def poll(self, verb: str, path: str, body: Any = None) -> Any:
        return self.call(verb, path, body, APS_Request_Phase="async")

    def refusal(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """The error with which a task ends. The cause comes before it: with errors, a controller keeps nothing."""
        before = self.poll(verb, path, body)
        assert before.status_code == 202, before.content
        told = fault(self.poll(verb, path, body), 409)
        assert {"status": "error", "problem": told["message"]}.items() <= before.json().items()
        assert before.headers["APS-Info"].endswith(told["message"])
        return told

    def enrol(self) -> None:
        """The first call: the instance's own resource."""
        answer = self.call("POST", "/aps/app", resource("app", self.instance_id))
        assert answer.status_code == 201, answer.content

    def provision(self, service: str, **properties: Any) -> str:
        """The id of a resource that is taken, at once or to be waited for."""
        aps_id = new_id()
        answer = self.call("POST", f"/aps/{service}", resource(service, aps_id, **properties))
        assert answer.status_code in {201, 202}, answer.content
        return aps_id

    def brand(self, api_url: str, **more: Any) -> str:
        properties = {"name": "Northern", "apiUrl": api_url, "username": "oxadminmaster", "password": "secret"}
        return self.provision("brand", app=link(self.instance_id), **properties, **more)

    def profile(self, brand: str, name: str = "Groupware", combination: str = "groupware_standard", **more: Any) -> str:
        return self.provision("profile", brand=link(brand), name=name, accessCombination=combination, **more)

    def tenant(self, brand: str, **more: Any) -> str:
        properties = {"name": "Initech", "account": link(new_id()), "subscription": link(new_id()), **more}
        return self.provision("tenant", app=link(self.instance_id), brand=link(brand), **properties)


def signing(name: str = "Odin") -> Signing:
    """A controller with a pair of its own that has not called yet."""
    return Signing(add_consumer(actor=OPERATOR, name=name))


def row_of(aps_id: str) -> ApsResource:
    return ApsResource.objects.get(aps_id=aps_id)


def fault(answer: Any, status: int) -> dict[str, Any]:
    """What an error says, which is JSON of the four parts whatever it is about."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"].startswith("application/json")
    told: dict[str, Any] = json.loads(answer.content)
    assert {"code", "error", "type", "message"} <= told.keys()
    assert told["code"] == status
    assert told["message"]
    return told
