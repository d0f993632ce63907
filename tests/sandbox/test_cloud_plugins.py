"""Cloud plug-ins (`oxaas/v1/admin`), which came before the Cloud API."""

import pytest
import requests
from tests.sandbox.rest import PLUGINS, Rest
from tests.sandbox.soap import attributes

ANNA = "/contexts/1/users/3"
FORWARD = "/forwards/north_acme/info@acme.test"


@pytest.fixture
def anna(plugins, north):
    north.add_to_brand("anna", userAttributes=attributes(cloud__service="cloud_pim"))
    return plugins


@pytest.fixture
def south(north):
    return Rest(north.url, "south", PLUGINS)


def test_a_class_of_service_is_the_attribute_that_soap_sets(anna, north):
    assert anna.get(f"{ANNA}/classofservice") == {"classofservice": ["cloud_pim"]}
    anna.put(f"{ANNA}/classofservice", {"classofservice": ["cloud_productivity", "cloud_security"]})
    entries = north.in_brand("getData", user={"id": 3}).userAttributes.entries
    assert entries[0].value.entries[0].value == "cloud_productivity,cloud_security"
    anna.put(f"{ANNA}/classofservice", {"classofservice": []})
    assert anna.get(f"{ANNA}/classofservice") == {"classofservice": []}


def test_spam_level(anna):
    assert anna.get(f"{ANNA}/spamlevel") == {"spamlevel": "high"}
    anna.put(f"{ANNA}/spamlevel", {"spamlevel": "medium"})
    assert anna.get("/contexts/north_acme/users/3/spamlevel") == {"spamlevel": "medium"}


def test_notes(anna):
    assert anna.ask("GET", f"{ANNA}/custom").status_code == 404
    anna.put(f"{ANNA}/custom", {"custom": "C-17"})
    assert anna.get(f"{ANNA}/custom") == {"custom": "C-17"}
    anna.delete(f"{ANNA}/custom")
    assert anna.ask("GET", f"{ANNA}/custom").status_code == 404
    for name in ("msisdn", "oxdeliverystatus", "oxlegacyref"):
        anna.put(f"{ANNA}/{name}", {name: "4711"})


def test_protection_from_phishing_is_what_the_configuration_says(anna, north):
    assert anna.get(f"{ANNA}/oxantiphishing") == {"oxantiphishing": False}
    entry = {"key": "com.openexchange.plugins.antiphishing.enabled", "value": "true"}
    wanted = {"entries": [{"key": "config", "value": {"entries": [entry]}}]}
    north.in_brand("change", usrdata={"id": 3, "userAttributes": wanted})
    assert anna.get(f"{ANNA}/oxantiphishing") == {"oxantiphishing": True}


BAD = {
    "class": ("PUT", f"{ANNA}/classofservice", {"classofservice": ["cloud_nine"]}),
    "class without list": ("PUT", f"{ANNA}/classofservice", {"classofservice": "cloud_pim"}),
    "class of numbers": ("PUT", f"{ANNA}/classofservice", {"classofservice": [1]}),
    "spam level": ("PUT", f"{ANNA}/spamlevel", {"spamlevel": "none"}),
    "nothing": ("PUT", f"{ANNA}/msisdn", None),
    "forward": ("POST", FORWARD, {"to": "x"}),
    "recipient": ("POST", FORWARD, ["x"]),
    "announcement": ("POST", "/announcements", []),
    "sessions of whom": ("DELETE", "/sessions/", None),
}


@pytest.mark.parametrize(("method", "path", "body"), BAD.values(), ids=BAD)
def test_what_does_not_fit_is_a_bad_request(anna, method, path, body):
    answer = anna.ask(method, path, body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


@pytest.mark.parametrize(
    "path", ["/contexts/1/users/9/spamlevel", "/contexts/9/users/3/spamlevel", "/contexts/1/users/x/spamlevel", "/x"]
)
def test_what_is_not_there_is_not_found(anna, path):
    assert anna.ask("GET", path).status_code == 404


def test_another_brand_finds_nothing(anna, south):
    for path in (f"{ANNA}/spamlevel", "/forwards/1"):
        assert south.ask("GET", path).status_code == 404
    assert requests.get(f"{anna.address}{ANNA}/spamlevel").status_code == 401


@pytest.mark.parametrize("prefix", [PLUGINS, f"/api{PLUGINS}"])
def test_either_address_does(anna, north, prefix):
    assert Rest(north.url, prefix=prefix).get("/sharedmaildomains/*") == []


def test_forwards(anna):
    recipients = ["anna@acme.test", "else@where.test"]
    statuses = [anna.ask("POST", FORWARD, sent).status_code for sent in (recipients, ["other@where.test"])]
    assert statuses == [201, 204]
    assert anna.get("/forwards/1") == {"info@acme.test": recipients}
    anna.delete(FORWARD)
    assert anna.ask("DELETE", FORWARD).status_code == 404
    anna.ask("POST", FORWARD, recipients)
    anna.delete("/forwards/1")
    assert anna.get("/forwards/1") == {}


def test_a_forward_of_another_brand_is_none_of_ones_own(anna, north, south):
    anna.ask("POST", FORWARD, ["anna@acme.test"])
    north.add_brand_context("acme", by={"login": "south", "password": "south-secret"})
    assert south.ask("POST", "/forwards/south_acme/info@acme.test", ["x@y.test"]).status_code == 404


def test_shared_domains(anna, south):
    assert anna.ask("POST", "/sharedmaildomains/shop.test").status_code == 200
    assert (anna.get("/sharedmaildomains/*"), south.get("/sharedmaildomains/*")) == (["shop.test"], [])
    assert anna.ask("POST", "/sharedmaildomains/shop.test").status_code == 400
    assert south.ask("DELETE", "/sharedmaildomains/shop.test").status_code == 404
    anna.delete("/sharedmaildomains/shop.test")
    assert anna.ask("DELETE", "/sharedmaildomains/shop.test").status_code == 404


def test_announcements(anna, south):
    number = anna.post("/announcements", {"title": "Hello"})["id"]
    anna.put(f"/announcements/disable/{number}")
    assert anna.get("/announcements/*") == [{"title": "Hello", "id": number, "enabled": False}]
    anna.put(f"/announcements/enable/{number}")
    assert (anna.get("/announcements/*")[0]["enabled"], south.get("/announcements/*")) == (True, [])
    assert south.ask("DELETE", f"/announcements/{number}").status_code == 404
    anna.delete(f"/announcements/{number}")
    assert anna.get("/announcements/*") == []


def test_sessions_are_ended(anna, north, sandbox):
    north.add_to_brand("bert")
    kept = sandbox.platform.sessions.open(10, 3)
    for user_id in (3, 3, 4):
        sandbox.platform.sessions.open(1, user_id)
    assert anna.delete("/sessions/", contextId=1, userName="anna") == {"closed": 2}
    assert anna.delete("/sessions/", contextName="north_acme") == {"closed": 1}
    assert anna.ask("DELETE", "/sessions/", contextName="acme", userName="x").status_code == 404
    assert sandbox.platform.sessions.find(kept.id) == kept
