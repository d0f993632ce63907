"""Cloud API: credentials, contexts and themes. north_acme was made by SOAP."""

import pytest
import requests
from tests.sandbox.rest import Rest
from tests.sandbox.soap import MASTER, NORTH, refusal

LIGHT, DARK = {"logoUrlLight": "https://x.test/light.png"}, {"logoUrlDark": "https://x.test/dark.png"}
NOT_FOUND = (404, "3", 'Context "acme2" not found')


@pytest.fixture
def south(cloud, north):
    return Rest(north.url, "south")


def names(contexts):
    return [context["name"] for context in contexts]


@pytest.mark.parametrize(
    "auth",
    [None, ("north", "x"), ("nobody", "x"), ("oxadminmaster", "secret"), ("oxadmin", "admin-secret")],
    ids=["none", "wrong password", "unknown", "master", "context admin"],
)
def test_only_brands_get_in(cloud, auth):
    answer = requests.get(f"{cloud.address}/contexts", auth=auth)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="OX Cloud"')
    assert answer.json()["errors"][0]["code"] == "2"


@pytest.mark.parametrize("header", ["Basic", "Basic ???", "Bearer bm9ydGg6bm9ydGgtc2VjcmV0"])
def test_credentials_that_are_none_do_no_harm(cloud, header):
    assert requests.get(f"{cloud.address}/contexts", headers={"Authorization": header}).status_code == 401


def test_a_trace_id_is_sent_back(cloud):
    answer = requests.get(f"{cloud.address}/contexts", auth=cloud.auth, headers={"X-Trace-Id": "t-17"})
    assert (answer.status_code, answer.headers["X-Trace-Id"]) == (200, "t-17")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PATCH", "/contexts", 405)])
def test_what_is_not_there_is_told(cloud, method, path, status):
    assert cloud.refused(method, path) == (status, "5", "Unknown error")


@pytest.mark.parametrize("body", ["{", "[]", "1", '{"name": 1}', '{"name": "x", "maxQuota": "1"}', '{"theme": []}'])
def test_a_body_that_is_not_as_it_must_be_is_told(cloud, body):
    answer = requests.post(f"{cloud.address}/contexts", data=body, auth=cloud.auth)
    assert answer.json()["errors"][0]["code"] in ("5", "7")
    assert len(cloud.get("/contexts")) == 1


def test_a_context_needs_nothing_but_a_name(cloud, north):
    assert cloud.post("/contexts", {"name": "beta"}) == {"name": "north_beta", "usedQuota": 0}
    made = north.brand_contexts.getData(ctx={"name": "north_beta"}, auth=NORTH)
    assert (made.id, made.maxQuota, made.owner.name) == (2, -1, "north")
    assert north.brand_contexts.getAccessCombinationName(ctx={"id": 2}, auth=NORTH) == "cloud_pim"


def test_the_admin_of_a_context_can_be_named(cloud, north):
    admin = {"adminLogin": "boss", "adminPassword": "boss-secret", "adminEmail": "boss@beta.test"}
    cloud.post("/contexts", {"name": "beta", **admin})
    auth = {"login": "boss", "password": "boss-secret"}
    assert north.users.getContextAdmin(ctx={"id": 2}, auth=auth).primaryEmail == "boss@beta.test"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, (409, "7", "Mandatory parameters missing: name")),
        ({"name": "acme"}, (409, "8", 'Context "north_acme" already exists')),
        ({"name": "a b/c"}, (409, "15", 'A parameter contains invalid characters " /"')),
        ({"name": "beta", "maxQuota": 0}, (409, "12", "Quota must be either omitted or a positive value")),
        ({"name": "beta", "adminEmail": "x"}, (400, "24", 'Invalid mail address: "x"')),
        ({"name": "beta", "maxUser": -1}, (400, "5", "Unknown error")),
        ({"name": "beta", "theme": DARK}, (409, "16", "Setting dark logo requires to provide the light logo as well")),
    ],
)
def test_a_context_that_breaks_a_rule_is_refused(cloud, body, error):
    assert cloud.refused("POST", "/contexts", body) == error
    assert names(cloud.get("/contexts")) == ["north_acme"]


@pytest.mark.parametrize("key", ["north_acme", "NORTH_acme", "acme", "1"])
def test_a_context_goes_by_full_name_by_short_name_or_by_number(cloud, key):
    assert cloud.get(f"/contexts/{key}")["name"] == "north_acme"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_context_of_another_brand_is_none(cloud, south, method):
    body = {"maxQuota": 1} if method == "PUT" else None
    assert south.refused(method, "/contexts/north_acme", body) == (404, "3", 'Context "north_acme" not found')
    assert cloud.refused(method, "/contexts/acme2", body) == NOT_FOUND


@pytest.mark.parametrize(("pattern", "found"), [("*acme*", ["north_acme"]), ("acme", []), ("", ["north_acme"])])
def test_contexts_are_listed_by_their_full_name(cloud, south, pattern, found):
    south.post("/contexts", {"name": "acme"})
    assert names(cloud.get("/contexts", pattern=pattern)) == found


def test_a_context_is_changed(cloud, north):
    cloud.put("/contexts/acme", {"maxQuota": 500, "maxUser": 2})
    assert cloud.get("/contexts/acme") == {"name": "north_acme", "maxQuota": 500, "usedQuota": 0, "maxUser": 2}
    north.add_to_brand("anna")
    north.add_to_brand("bert")
    assert "per context reached: 3" in refusal(lambda: north.add_to_brand("carl"))[1]
    assert cloud.refused("PUT", "/contexts/acme", {"maxQuota": -5})[1] == "12"


def test_a_context_goes_with_all_in_it(cloud, north):
    cloud.delete("/contexts/acme")
    assert north.brand_contexts.listAll(auth=NORTH) == []


def test_the_brands_of_a_context_are_told_when_asked_for(cloud, north):
    assert cloud.get("/contexts/acme", includebrand="true")["brandName"] == "north"
    north.add_brand("east", Subadmin__CanCreateSubadmin="true")
    north.add_brand("shop", by={"login": "east", "password": "east-secret"})
    Rest(north.url, "shop").post("/contexts", {"name": "corner"})
    told = Rest(north.url, "east").get("/contexts/shop_corner", includebrand="true")
    assert (told["brandName"], told["toplevelBrandName"]) == ("shop", "east")


def test_limits_of_a_brand_hold(cloud, north):
    north.resellers.change(
        adm={"name": "north", "restrictions": [{"name": "Subadmin.MaxContext", "value": "1"}]}, creds=MASTER
    )
    assert cloud.refused("POST", "/contexts", {"name": "beta"}) == (400, "5", "Unknown error")


def test_a_theme_is_merged_key_by_key(cloud):
    cloud.put("/contexts/acme", {"theme": {"mainColor": "#283f73", **LIGHT}})
    cloud.put("/contexts/acme", {"theme": {"mainColor": None, **DARK}})
    assert cloud.get("/contexts/acme")["theme"] == {**LIGHT, **DARK}
    cloud.put("/contexts/acme", {"theme": {}})
    assert "theme" not in cloud.get("/contexts/acme")


def test_a_brand_has_a_theme_of_its_own(cloud, south):
    assert cloud.get("/brand/theme") == {}
    cloud.post("/brand/theme", {"linkColor": "#fff"})
    assert (cloud.get("/brand/theme"), south.get("/brand/theme")) == ({"linkColor": "#fff"}, {})
    assert cloud.refused("POST", "/brand/theme", DARK)[:2] == (409, "16")
    cloud.delete("/brand/theme")
    assert cloud.get("/brand/theme") == {}
