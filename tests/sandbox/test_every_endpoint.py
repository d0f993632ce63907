"""Walks the requests of the Cloud API and of the plug-ins: each is answered as its schema says, whatever is sent."""

import base64
import json
import shutil
from random import Random

import pytest
from tests.sandbox.fuzz import VALUES
from tests.sandbox.walk import furnish

from oxherd.sandbox.contract.rest import endpoints, schema
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.rest import PLUGINS, ROUTES
from oxherd.sandbox.rest.faces import answer

AUTH = {"authorization": "Basic " + base64.b64encode(b"north:north-secret").decode()}
HERE = {"name": "north_acme"}
# What stands in the place of the names in an address, and the bodies of right requests.
VALUES_OF = {
    "nameOrId": "north_acme",
    "alias": "anna@acme.test",
    "domain": "blue.test",
    "login": "bert",
    "address": "info@acme.test",
    "recipient": "anna@acme.test",
    "spamlevel": "low",
    "context": "1",
    "user": "3",
    "number": "1",
}
BODIES = {
    "Theme": {"mainColor": "#283f73"},
    "CreateContext": {"name": "beta", "maxQuota": 10, "maxUser": 2, "theme": {"linkColor": "#fff"}},
    "ChangeContext": {"maxQuota": 10, "maxUser": 9, "theme": {}},
    "DomainCatchall": {"domain": "acme.test", "login": "anna"},
    "MailForward": {"address": "sales@acme.test", "forwardTo": ["anna@acme.test"]},
    "string[]": ["x@where.test"],
    "CreateUser": {
        "name": "dora",
        "password": "x",
        "givenName": "Dora",
        "surName": "B",
        "mail": "dora@acme.test",
        "unifiedQuota": 9,
        "userPermissions": {"send": False},
        "userImage": {"image": "cGljdHVyZQ==", "type": "png"},
    },
    "ChangeUser": {"givenName": "Berta", "aliases": ["bert@acme.test", "b@acme.test"], "userAdminEnabled": True},
    "Permissions": {"send": False, "weblogin": True, "editPassword": True},
}
OTHER_VALUES = {
    ("DELETE", "/mail/shareddomains/{domain}"): {"domain": "new.test"},
    ("HEAD", "/mail/shareddomains/{domain}"): {"domain": "new.test"},
    ("DELETE", "/users/{login}"): {"login": "carl"},
}
PLUGIN_BODIES = {
    "/contexts/{context}/users/{user}/classofservice": {"classofservice": ["cloud_pim"]},
    "/contexts/{context}/users/{user}/spamlevel": {"spamlevel": "low"},
    "/contexts/{context}/users/{user}/custom": {"custom": "x"},
    "/contexts/{context}/users/{user}/msisdn": {"msisdn": "x"},
    "/contexts/{context}/users/{user}/oxdeliverystatus": {"oxdeliverystatus": "x"},
    "/contexts/{context}/users/{user}/oxlegacyref": {"oxlegacyref": "x"},
    "/forwards/{context}/{address}": ["anna@acme.test"],
    "/announcements": {"title": "Hello"},
}
# Answers other than 200 to right requests.
STATUSES = {
    ("POST", "/forwards/{context}/{address}"): 204,
    ("DELETE", "/sharedmaildomains/{domain}"): 200,
    ("GET", "/contexts/{context}/users/{user}/custom"): 404,
}
PLUGIN_ROUTES = sorted((method, path) for face, method, path in ROUTES if face == PLUGINS)
ROUNDS = 25


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    file = tmp_path_factory.mktemp("furnished") / "sandbox.sqlite3"
    platform = Platform(file)
    furnish(platform)
    for method, path, body in (
        ("POST", "/cloudapi/v2/mail/forwards", {"address": "info@acme.test", "forwardTo": ["anna@acme.test"]}),
        ("POST", "/cloudapi/v2/mail/shareddomains/new.test", None),
        ("POST", "/oxaas/v1/admin/announcements", {"title": "Hello"}),
    ):
        assert ask(platform, method, path, body).status == 200
    platform.store.close()
    return file


@pytest.fixture
def platform(furnished, tmp_path):
    ready = Platform(shutil.copy(furnished, tmp_path / "sandbox.sqlite3"))
    yield ready
    ready.store.close()


@pytest.fixture(scope="module")
def worn(furnished, tmp_path_factory):
    """One for all who do not mind what others did to it."""
    ready = Platform(shutil.copy(furnished, tmp_path_factory.mktemp("worn") / "sandbox.sqlite3"))
    yield ready
    ready.store.close()


def ask(platform, method, path, body=None, *, query=HERE, headers=AUTH):
    content = b"" if body is None else json.dumps(body).encode()
    return answer(platform, Message(method, path, dict(query), dict(headers), content))


def place(path, **values):
    for name, value in {**VALUES_OF, **values}.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def fits(kind, data):
    """Whether data is as the schema says."""
    if kind is None:
        return data is None
    if kind == "string[]":
        return isinstance(data, list) and all(isinstance(each, str) for each in data)
    if kind.endswith("[]"):
        return isinstance(data, list) and all(fits(kind[:-2], each) for each in data)
    if kind in ("string", "boolean", "int32", "int64"):
        types = {"string": str, "boolean": bool}
        return type(data) is types.get(kind, int)
    fields = {field.name: field for field in schema(kind)}
    missing = [name for name, field in fields.items() if field.required and name not in data]
    return (
        not missing
        and set(data) <= set(fields)
        and all((data[name] is None and fields[name].nullable) or fits(fields[name].type, data[name]) for name in data)
    )


def read(reply):
    return json.loads(reply.content) if reply.content else None


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: f"{each.method} {each.path}")
def test_a_right_request_is_answered_as_the_schema_says(platform, endpoint):
    values = OTHER_VALUES.get((endpoint.method, endpoint.path), {})
    path = place("/cloudapi/v2" + endpoint.path, **values)
    reply = ask(platform, endpoint.method, path, BODIES.get(endpoint.body))
    assert (reply.status, reply.content if reply.status != 200 else b"") == (200, b"")
    assert fits(endpoint.returns, read(reply))


def test_lists_are_not_empty_when_their_schema_is_checked(platform):
    for path in ("/contexts", "/users", "/mail/forwards", "/mail/catchall", "/mail/shareddomains"):
        assert read(ask(platform, "GET", f"/cloudapi/v2{path}", query={**HERE, "includeimage": "true"}))


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: f"{each.method} {each.path}")
def test_without_credentials_nothing_is_answered(worn, endpoint):
    reply = ask(worn, endpoint.method, place("/cloudapi/v2" + endpoint.path), BODIES.get(endpoint.body), headers={})
    assert (reply.status, read(reply)["errors"][0]["code"]) == (401, "2")


def mutated(body, dice):
    """One thing wrong with it."""
    if not isinstance(body, dict) or not body or dice.random() < 0.1:
        return dice.choice([None, [], {}, "x", 1, ["x", 2], {"name": None}])
    key = dice.choice(list(body))
    wrong = dice.choice([None, True, -1, 2**70, [], {}, [1], {"x": 1}, *VALUES])
    return dice.choice([{**body, key: wrong}, {**body, key: wrong}, {k: v for k, v in body.items() if k != key}])


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: f"{each.method} {each.path}")
def test_whatever_is_sent_is_answered_or_refused_with_a_code(worn, endpoint):
    dice = Random(f"{endpoint.method} {endpoint.path}")
    for _ in range(ROUNDS):
        values = {name: dice.choice([*VALUES[1:], value]).replace("/", "-") or "x" for name, value in VALUES_OF.items()}
        path = place("/cloudapi/v2" + endpoint.path, **(values if dice.random() < 0.5 else {}))
        query = {**HERE, "pattern": dice.choice(VALUES), "includeid": dice.choice(VALUES)}
        query |= {"name": dice.choice(VALUES)} if dice.random() < 0.2 else {}
        body = mutated(BODIES[endpoint.body], dice) if endpoint.body else None
        reply = ask(worn, endpoint.method, path, body, query=query)
        sent = (path, query, body)
        if reply.status == 200:
            assert fits(endpoint.returns, read(reply)), sent
        else:
            (error,) = read(reply)["errors"]
            assert (error["status"], reply.status in (400, 401, 404, 405, 409)) == (str(reply.status), True), sent


@pytest.mark.parametrize(("method", "path"), PLUGIN_ROUTES, ids=lambda each: each)
def test_a_right_request_to_a_plug_in_is_answered(platform, method, path):
    values = {"domain": "*" if method == "GET" else "new.test" if method == "DELETE" else "newer.test"}
    values |= {"number": "*"} if method == "GET" else {}
    body = PLUGIN_BODIES.get(path) if method in ("POST", "PUT") else None
    reply = ask(platform, method, place("/oxaas/v1/admin" + path, **values), body, query={"contextId": "1"})
    assert reply.status == STATUSES.get((method, path), 200)


@pytest.mark.parametrize(("method", "path"), PLUGIN_ROUTES, ids=lambda each: each)
def test_whatever_is_sent_to_a_plug_in_is_answered_or_refused(worn, method, path):
    dice = Random(f"{method} {path}")
    for _ in range(ROUNDS):
        values = {name: dice.choice([*VALUES[1:], value]).replace("/", "-") or "x" for name, value in VALUES_OF.items()}
        body = mutated(PLUGIN_BODIES.get(path, {}), dice) if method in ("POST", "PUT") else None
        query = {dice.choice(["contextId", "contextName", "userName"]): dice.choice(VALUES)}
        reply = ask(worn, method, place("/oxaas/v1/admin" + path, **values), body, query=query)
        assert reply.status in (200, 201, 204, 400, 404), (values, body, query)


def test_every_endpoint_of_the_contract_has_a_route():
    routes = {(method, path) for face, method, path in ROUTES if face != PLUGINS}
    assert routes == {(each.method, each.path) for each in endpoints()}


def test_what_is_no_json_is_refused(worn):
    message = Message("POST", "/cloudapi/v2/users", dict(HERE), AUTH, b"\xff{")
    assert answer(worn, message).status == 400
