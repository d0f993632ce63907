"""The demonstration, with our own package."""

import pytest
import requests
from tests.controller.conftest import until

from oxherd.aps.package import build
from oxherd.aps.types import type_id
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
