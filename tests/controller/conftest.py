import time
from dataclasses import dataclass

import pytest
import requests
from oauthlib.oauth1 import Client
from tests.controller.endpoint import Endpoint
from tests.controller.package import BASE, kind, package

from oxherd.controller import packages, sales
from oxherd.controller.hub import token_for
from oxherd.controller.sales import Sale
from oxherd.controller.testing import ControllerServer

KEY, SECRET = "mail-key", "mail-secret"
PATIENCE_SECONDS = 60


def until(holds):
    """Wait for what happens in the background."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class Signed(requests.auth.AuthBase):
    """Signs as the application does."""

    def __init__(self, key=KEY, secret=SECRET):
        self.signer = Client(key, client_secret=secret)

    def __call__(self, request):
        request.headers["Authorization"] = self.signer.sign(request.url, http_method=request.method)[1]["Authorization"]
        return request


@dataclass
class Panel:
    """The controller, the endpoint behind its one instance, and ways to speak with it as one or the other."""

    server: ControllerServer
    endpoint: Endpoint
    app: str = ""
    offer: str = ""
    account: str = ""
    subscription: str = ""

    @property
    def hub(self):
        return self.server.hub

    def token(self, kind="staff", subject="1"):
        with self.hub.store.writing() as db:
            return token_for(db, kind, subject)

    def rest(self, method, path, body=None, *, account="", application=False, **headers):
        """As the staff, as an account, or as the application by OAuth."""
        auth = Signed() if application else None
        if not application:
            headers["APS-Token"] = self.token("account", account) if account else self.token()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{self.server.url}/aps/2/{path}", json=body, headers=names, auth=auth)

    def get(self, resource_id, **who):
        return self.rest("GET", f"resources/{resource_id}", **who).json()

    @property
    def tenant(self):
        return self.rest("GET", f"resources?implementing({kind('tenant')})").json()[0]

    def tasks(self):
        with self.hub.store.reading() as db:
            return db.execute("SELECT * FROM tasks ORDER BY number").fetchall()

    def settled(self, *, but_failed=False):
        """Once nothing waits or runs; raises what has failed."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            states = [(task["title"], task["state"], task["message"]) for task in self.tasks()]
            open_ = [one for one in states if one[1] in ("waiting", "running")]
            failed = [one for one in states if one[1] == "failed"]
            with self.hub.store.reading() as db:
                events = db.execute("SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'running')").fetchone()[
                    0
                ]
            if not failed and not open_ and not events:
                return
            if failed:
                if but_failed:
                    return
                raise AssertionError(failed)
            self.hub.wake()
            time.sleep(0.01)
        raise AssertionError(states)

    def user(self, login="anna@acme.test", **values):
        """A service user of the panel with the application's service, provisioned by the customer's page."""
        core = sales.add_user(self.hub, self.account, login, displayName="Anna")
        body = {
            "aps": {"type": kind("user")},
            "mail": login,
            "user": {"aps": {"id": core["id"]}},
            "tenant": {"aps": {"id": self.tenant["aps"]["id"]}},
        }
        return self.rest("POST", "resources", {**body, **values}, account=self.account)


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running


@pytest.fixture
def panel(tmp_path, endpoint):
    """With the package imported, and nothing else."""
    with ControllerServer(tmp_path / "controller.sqlite3", hurry=1000) as server:
        packages.import_package(server.hub, package())
        yield Panel(server, endpoint)


def add_instance(panel):
    body = {
        "aps": {
            "package": {"type": BASE},
            "endpoint": panel.endpoint.url,
            "network": "proxy",
            "auth": {"oauth": {"key": KEY, "secret": SECRET}},
        },
        "app": {"server": "mail.test", "key": "app-key"},
    }
    answer = panel.rest("POST", "applications/", body)
    assert answer.status_code == 201, answer.text
    panel.app = answer.json()["app"]["aps"]["id"]
    offer = {"aps": {"type": kind("offer")}, "code": "gold"}
    panel.offer = panel.rest("POST", "resources", offer).json()["aps"]["id"]
    return panel


def add_customer(panel, **sale):
    panel.account = sales.add_account(panel.hub, "Acme")["id"]
    wish = Sale("Acme Mail", (panel.offer,), {"USERS": 5}, **sale)
    panel.subscription = sales.subscribe(panel.hub, panel.account, wish)["id"]
    return panel


@pytest.fixture
def instance(panel):
    """With an instance of the application, and an offer."""
    return add_instance(panel)


@pytest.fixture
def acme(instance):
    """With a customer whose tenant is ready; what was called until then is forgotten."""
    add_customer(instance)
    instance.settled()
    instance.endpoint.calls.clear()
    return instance
