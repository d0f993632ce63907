"""The demonstration, with our own package."""

from dataclasses import replace

import pytest
import requests
from tests.aps.packages import changed, packed, replaced
from tests.controller.conftest import until

from oxherd.aps.package import build
from oxherd.aps.types import PACKAGE, type_id
from oxherd.controller.seed import Demo, SeedFailed, plant
from oxherd.controller.testing import running_controller


@pytest.fixture
def demo(tmp_path, endpoint):
    return Demo(
        package=build(tmp_path),
        endpoint=endpoint.url,
        key="ox",
        secret="ox-secret",
        brand={"name": "north", "apiUrl": "http://ox.test/", "username": "admin", "password": "hidden"},
        profiles=[{"name": "Premium", "accessCombination": "groupware_premium"}],
        settings={"panelHosts": ["http://panel.test"]},
        limits={"USERS": 10},
        users=[{"login": "anna@acme.example", "displayName": "Anna"}],
    )


def test_a_demonstration_is_planted_once(panel, demo):
    planted = plant(panel.server.url, demo)
    panel.settled()
    assert plant(panel.server.url, demo) == planted
    panel.settled()
    tenants = panel.rest("GET", f"resources?implementing({type_id('tenant')})").json()
    assert [(one["aps"]["status"], one["USERS"], one["brand"]["aps"]["id"]) for one in tenants] == [
        ("aps:ready", {"limit": 10}, planted.brand)
    ]
    provisioned = [line for line in panel.endpoint.lines if line.count("/") == 1 and line.startswith("POST")]
    assert provisioned == ["POST /app", "POST /brand", "POST /profile", "POST /tenant"]


def test_the_instance_hears_of_another_address_of_the_panel(panel, demo):
    app = plant(panel.server.url, demo).instance
    panel.settled()
    moved = replace(demo, settings={"panelHosts": ["http://localhost:8201"]})
    for _ in range(2):
        assert plant(panel.server.url, moved).instance == app
    assert panel.get(app)["panelHosts"] == ["http://localhost:8201"]
    assert [call.body["panelHosts"] for call in panel.endpoint.of(f"PUT /app/{app}")] == [["http://localhost:8201"]]


def test_a_newer_program_brings_its_package_of_the_same_release(panel, demo, tmp_path):
    planted = plant(panel.server.url, demo)
    panel.settled()
    files = changed(replaced("APP-META.xml", "<summary>", "<summary>Newer: "))
    demo.package.write_bytes(packed(files))
    assert plant(panel.server.url, demo) == planted
    panel.settled()
    url = f"{panel.server.url}/aps/2/packages"
    held = [one for one in panel.rest("GET", "packages").json() if one["aps"]["type"] == PACKAGE]
    headers = {"APS-Token": panel.token(), "Accept": "application/aps"}
    assert len(held) == 1
    assert requests.get(f"{url}/{held[0]['aps']['id']}", headers=headers).content == demo.package.read_bytes()


def test_what_the_endpoint_refuses_is_told(panel, demo):
    panel.endpoint.expect("POST /app", (401, {"message": "Nobody knows this key."}))
    with pytest.raises(SeedFailed, match="answered with 401: Nobody knows this key"):
        plant(panel.server.url, demo)
    assert panel.rest("GET", "applications").json() == []


def test_a_kill_between_two_polls_loses_nothing(tmp_path, endpoint, demo):
    endpoint.expect("POST /tenant", (202, {}, {"APS-Retry-Timeout": "1"}))
    with running_controller(tmp_path, hurry=100) as first:
        plant(first.url, demo)
        until(lambda: len(endpoint.of("POST /tenant")) >= 3)
        first.kill()
    endpoint.expect("POST /tenant", (200, {"contextId": 9}), (200, {}))
    with running_controller(tmp_path, hurry=100) as second:
        until(lambda: _status(second.url) == "aps:ready")


def _status(url):
    return requests.get(f"{url}/controller/api/subscriptions").json()[0]["tenants"][0]["status"]
