"""The whole of it: the stand-in of a controller, our endpoint as a real web server, the worker, and the platform."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from tests.aps.controller import OPERATOR, link
from tests.worker import drain

from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.package import build
from oxherd.aps.trust_commands import add_consumer
from oxherd.aps.types import BY_SERVICE, PACKAGE
from oxherd.controller import packages, sales
from oxherd.controller.hub import token_for
from oxherd.controller.sales import Sale
from oxherd.controller.testing import ControllerServer

CORE_USER = "http://aps-standard.org/types/core/user/1.0"
PATIENCE_SECONDS = 40


@dataclass
class Odin:
    """A controller with one instance of our package. Ids are those of its resources."""

    server: ControllerServer
    app: str = ""
    brand: str = ""
    profile: str = ""
    account: str = ""
    subscription: str = ""
    profiles: dict[str, str] = field(default_factory=dict)
    drains: bool = True  # there is no worker but us

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """As the provider's staff."""
        with self.server.hub.store.writing() as db:
            token = token_for(db, "staff", "1")
        hub = self.server.hub
        url, known = f"{self.server.url}/aps/2/{path}", str(hub.certificate_file) if hub.settings.tls else True
        return requests.request(method, url, json=body, headers={"APS-Token": token}, timeout=60, verify=known)

    def install(self, folder: Path, endpoint: str, auth: dict[str, Any] | None, **settings: str) -> None:
        """Import our package, and make an instance of it. auth: None for one that is told by certificates."""
        packages.import_package(self.server.hub, build(folder).read_bytes())
        meta = {"package": {"type": PACKAGE}, "endpoint": f"{endpoint}/aps", "network": "proxy"}
        body = {"aps": meta | ({"auth": auth} if auth else {})}
        answer = self.rest(
            "POST", "applications/", body | {"app": {"panelHosts": ["https://cp.odin.test"], **settings}}
        )
        assert answer.status_code == 201, answer.text
        self.app = answer.json()["app"]["aps"]["id"]

    def offer(self, platform: str) -> None:
        """A brand on the platform, and two profiles."""
        self.brand = self.add(
            "brand", app=link(self.app), name="Northern", apiUrl=platform, username="oxadminmaster", password="secret"
        )
        for name, combination in (("Mail", "webmail"), ("Groupware", "groupware_standard")):
            self.profiles[name] = self.add(
                "profile", brand=link(self.brand), name=name, accessCombination=combination, rank=len(self.profiles)
            )
        self.profile = self.profiles["Groupware"]
        self.settle()

    def get(self, aps_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.rest("GET", f"resources/{aps_id}").json()
        return found

    def listed(self, service: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rest("GET", f"resources?implementing({BY_SERVICE[service].id})").json()
        return found

    def add(self, service: str, **properties: Any) -> str:
        """The id of a resource that is there at once, or on its way."""
        answer = self.rest("POST", "resources", {"aps": {"type": BY_SERVICE[service].id}, **properties})
        assert answer.status_code in {200, 201, 202}, answer.text
        return str(answer.json()["aps"]["id"])

    def customer(self, name: str = "Acme", **limits: int) -> str:
        """A customer with a subscription, whose context is there; the id of the tenant."""
        self.account = sales.add_account(self.server.hub, name)["id"]
        sale = Sale(f"{name} OX", (self.brand, *self.profiles.values()), limits)
        self.subscription = sales.subscribe(self.server.hub, self.account, sale)["id"]
        self.settle()
        return str(self.listed("tenant")[-1]["aps"]["id"])

    def domain(self, tenant: str, name: str = "acme.test") -> str:
        found = self.add("domain", name=name, tenant=link(tenant))
        self.settle()
        return found

    def user(self, tenant: str, login: str = "anna@acme.test", **properties: Any) -> str:
        """A service user with our service; the id of ours."""
        told = {"displayName": "Anna Becker", "givenName": "Anna", "familyName": "Becker", **properties}
        ours = {name: told.pop(name) for name in ("ox", "aliases", "primaryAddress") if name in told}
        profile = told.pop("profile", self.profile)
        core = sales.add_user(self.server.hub, self.account, login, **told)["id"]
        return self.add("user", user=link(core), tenant=link(tenant), profile=link(profile), **ours)

    def listed_core(self) -> list[str]:
        """The ids of the persons in the controller."""
        return [one["aps"]["id"] for one in self.rest("GET", f"resources?implementing({CORE_USER})").json()]

    def tasks(self) -> list[Any]:
        with self.server.hub.store.reading() as db:
            return list(db.execute("SELECT title, state, message FROM tasks ORDER BY number"))

    def settle(self) -> None:
        """Let worker and controller work until nothing is left to do. Fails where it does not come to an end."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.drains:
                drain()
            open_ = [task for task in self.tasks() if task[1] in {"waiting", "running"}]
            with self.server.hub.store.reading() as db:
                left = db.execute("SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'running')").fetchone()[0]
            if not open_ and not left:
                if self.drains:
                    drain()
                return
            self.server.hub.wake()
            time.sleep(0.02)
        raise AssertionError(self.tasks())

    def failures(self) -> list[str]:
        return [task[2] for task in self.tasks() if task[1] == "failed"]


@contextmanager
def running(folder: Path, endpoint: str, platform: str, *, drains: bool = True) -> Iterator[Odin]:
    """endpoint, platform: their addresses. With an instance, a brand and two profiles. drains: no worker runs yet."""
    pair = add_consumer(actor=OPERATOR, name="Odin")
    with ControllerServer(folder / "controller.sqlite3", hurry=100) as server:
        odin = Odin(server, drains=drains)
        odin.install(folder, endpoint, {"oauth": {"key": pair.key, "secret": pair.secret}})
        odin.offer(platform)
        yield odin


def row(aps_id: str) -> ApsResource:
    return ApsResource.objects.get(aps_id=aps_id)


def instance() -> ApsInstance:
    return ApsInstance.objects.get()
