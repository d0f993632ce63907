"""Fills a controller that runs, over HTTP, with what a demonstration needs.

What is there already stays as it is, except for the package and the settings of the instance, which follow the program:
it may be newer than at the last start, or the controller may be at another address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from oxherd.controller.archive import read_package
from oxherd.controller.catalogue import Catalogue

TIMEOUT_SECONDS = 120


class SeedFailed(Exception):
    """A sentence: what was asked of the controller, and what it has answered."""


@dataclass(frozen=True)
class Demo:
    """What to make. `package`: the file. `endpoint`, `key`, `secret`: where the application is, and its OAuth pair.

    `settings`: of the instance. `brand` and `profiles`: properties of resources of these services, which are offered to
    the customer. `limits`: of counters, by name. `tenant`: properties of the tenant. `users`: of the panel, without the
    application's service; each with login, and displayName, givenName, familyName, password as wanted.
    """

    package: Path
    endpoint: str
    key: str
    secret: str
    brand: Mapping[str, Any]
    profiles: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    account: str = "Acme"
    domains: Sequence[str] = ("acme.example",)
    limits: Mapping[str, int] = field(default_factory=dict)
    tenant: Mapping[str, Any] = field(default_factory=dict)
    users: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Planted:
    """The ids of what is there now."""

    instance: str
    brand: str
    profiles: tuple[str, ...]
    account: str
    subscription: str


def plant(url: str, demo: Demo) -> Planted:
    """url: of the controller, without a slash at its end. The tenant is provisioned in the background.

    Raises SeedFailed, also when the endpoint refuses.
    """
    return _Seeder(url, demo).planted()


class _Seeder:
    def __init__(self, url: str, demo: Demo) -> None:
        self.url = url
        self.demo = demo
        content = demo.package.read_bytes()
        self.ask("POST", "/controller/api/packages?replace=yes", content=content)
        self.package = read_package(content, Catalogue({}, {}))
        self.token = self.ask("GET", "/controller/api/token")["token"]

    def ask(self, method: str, path: str, body: Any = None, *, content: bytes | None = None) -> Any:
        headers = {"APS-Token": getattr(self, "token", "")}
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method, self.url + path, json=body, data=content, headers=headers, timeout=TIMEOUT_SECONDS
                )
        except requests.RequestException as error:
            raise SeedFailed(f"The controller cannot be reached: {type(error).__name__}.") from None
        if not answer.ok:
            sentence = answer.json().get("message", "") if "json" in answer.headers["Content-Type"] else ""
            raise SeedFailed(f"{method} {path} was answered with {answer.status_code}: {sentence}")
        return answer.json() if answer.content else {}

    def planted(self) -> Planted:
        instance = self.instance()
        brand = self.resource("brand", self.demo.brand, app=instance)
        profiles = tuple(self.resource("profile", one, brand=brand) for one in self.demo.profiles)
        account = self.account()
        return Planted(instance, brand, profiles, account, self.subscription(account, (brand, *profiles)))

    def instance(self) -> str:
        root = next(name for name, one in self.package.schemas.items() if "application" in one["implements"][0])
        for one in self.ask("GET", "/aps/2/applications"):
            if one["aps"]["package"]["type"] == self.package.application:
                self.bring_up_to_date(str(one["aps"]["id"]), root, one[root])
                return str(one["aps"]["id"])
        body = {
            "aps": {
                "package": {"type": self.package.application},
                "endpoint": self.demo.endpoint,
                "network": "proxy",
                "auth": {"oauth": {"key": self.demo.key, "secret": self.demo.secret}},
            },
            root: dict(self.demo.settings),
        }
        return str(self.ask("POST", "/aps/2/applications/", body)[root]["aps"]["id"])

    def bring_up_to_date(self, instance: str, root: str, held: Mapping[str, Any]) -> None:
        """What the controller shows; of secret settings nobody can tell whether they differ."""
        known = self.package.schemas[root].get("properties", {})
        wanted = {name: value for name, value in self.demo.settings.items() if not known[name].get("encrypted")}
        new = {name: value for name, value in wanted.items() if held.get(name) != value}
        if new:
            self.ask("PUT", f"/aps/2/applications/{instance}", {root: new})

    def resource(self, service: str, values: Mapping[str, Any], **links: str) -> str:
        """By its name, which a brand and a profile have."""
        type_id = self.package.schemas[service]["id"]
        for one in self.ask("GET", f"/aps/2/resources?implementing({type_id})"):
            if one.get("name") == values["name"]:
                return str(one["aps"]["id"])
        linked = {name: {"aps": {"id": target}} for name, target in links.items()}
        made = self.ask("POST", "/aps/2/resources", {"aps": {"type": type_id}, **values, **linked})
        return str(made["aps"]["id"])

    def account(self) -> str:
        known = {one["name"]: one["id"] for one in self.ask("GET", "/controller/api/accounts")}
        if self.demo.account in known:
            return str(known[self.demo.account])
        made = str(self.ask("POST", "/controller/api/accounts", {"name": self.demo.account})["id"])
        for name in self.demo.domains:
            self.ask("POST", f"/controller/api/accounts/{made}/domains", {"name": name})
        for user in self.demo.users:
            self.ask("POST", f"/controller/api/accounts/{made}/users", dict(user))
        return made

    def subscription(self, account: str, offers: tuple[str, ...]) -> str:
        for one in self.ask("GET", "/controller/api/subscriptions"):
            if one["account"] == account:
                return str(one["id"])
        body = {
            "account": account,
            "name": self.package.name,
            "offers": offers,
            "limits": dict(self.demo.limits),
            "settings": dict(self.demo.tenant),
        }
        return str(self.ask("POST", "/controller/api/subscriptions", body)["id"])
