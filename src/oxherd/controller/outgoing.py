"""Calls to an application's endpoint."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from oauthlib.oauth1 import Client
from requests.structures import CaseInsensitiveDict

from oxherd.controller.faults import Faults
from oxherd.controller.hub import Hub
from oxherd.controller.records import Row

BROKEN = 599  # no status of HTTP: there was no answer


@dataclass(frozen=True)
class Answer:
    """`data`: the body, if it is JSON. `status` BROKEN: there was none, `sentence` says why."""

    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=CaseInsensitiveDict)
    sentence: str = ""

    @property
    def broken(self) -> bool:
        return self.status == BROKEN

    @property
    def message(self) -> str:
        """What went wrong, in the endpoint's own words if it has any."""
        if self.sentence:
            return self.sentence
        told = self.data if isinstance(self.data, dict) else {}
        words = told.get("message") or told.get("error") or "no message"
        return f"The endpoint answered {self.status}: {words}"


@dataclass(frozen=True)
class Delivery:
    """One call: `path` begins below the endpoint, with its query. `identity`: the user behind it."""

    method: str
    path: str
    body: Any = None
    phase: str = "sync"
    identity: str = ""


def call(hub: Hub, instance: Row, delivery: Delivery) -> Answer:
    """Never raises for what the network or the endpoint does."""
    answer = Answer(BROKEN)
    for _ in range(hub.faults.times()):
        with hub.transaction() as transaction:
            answer = _once(hub, instance, delivery, transaction)
    return answer


def _once(hub: Hub, instance: Row, delivery: Delivery, transaction: str) -> Answer:
    url = instance["endpoint"].rstrip("/") + _path(hub.faults, delivery.path)
    headers = {
        "Accept": "application/json",
        "APS-Controller-URI": f"{hub.url}/",
        "APS-Instance-ID": instance["id"],
        "APS-Transaction-ID": transaction,
        "APS-Request-Phase": delivery.phase,
    }
    if delivery.identity:
        headers["APS-Identity-ID"] = delivery.identity
    content = None
    if delivery.body is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(delivery.body).encode()
    if hub.faults.odd_headers:
        headers = {name.swapcase(): value for name, value in headers.items()}
    if instance["oauth_key"]:
        signer = Client(instance["oauth_key"], client_secret=instance["oauth_secret"])
        headers |= {"Authorization": signer.sign(url, http_method=delivery.method)[1]["Authorization"]}
    started = time.perf_counter()
    answer = _send(hub, instance, requests.Request(delivery.method, url, headers, data=content))
    spent = (time.perf_counter() - started) * 1000
    note = answer.headers.get("APS-Info", "") or ("" if answer.status < 300 else answer.message)  # noqa: PLR2004 - success
    more = {"phase": delivery.phase, "transaction": transaction, "note": note}
    hub.journal.add("out", delivery.method, urlsplit(url).path, answer.status, spent, **more)
    return answer


def _path(faults: Faults, path: str) -> str:
    if not faults.trailing_slashes:
        return path
    place, question, query = path.partition("?")
    return f"{place}/{question}{query}"


def _send(hub: Hub, instance: Row, wish: requests.Request) -> Answer:
    try:
        with requests.Session() as session:
            session.trust_env = False
            # A redirect is an unexpected answer like any other.
            found = session.send(
                session.prepare_request(wish),
                timeout=hub.settings.timeout_seconds,
                allow_redirects=False,
                verify=hub.settings.verify,
                cert=str(hub.certificate_file) if instance["controller_pem"] else None,
            )
            return Answer(found.status_code, _data(found), found.headers)
    except (requests.RequestException, OSError) as error:
        return Answer(BROKEN, sentence=f"The endpoint cannot be reached: {type(error).__name__}.")


def _data(found: requests.Response) -> Any:
    try:
        return found.json()
    except ValueError:
        return None
