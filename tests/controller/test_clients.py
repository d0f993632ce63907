"""Clients that others have written for such controllers work with this one: apsconnectcli and osaapi."""

import json
import shutil
import xmlrpc.client

import pytest
import requests
from tests.aps.clients import clients
from tests.controller.package import BASE, kind, package

from oxherd.aps.package import build
from oxherd.aps.types import type_id
from oxherd.controller import sales

__all__ = ["clients"]


@pytest.fixture
def connect(clients, panel):
    """apsconnect, with this controller as its hub."""

    def run(*words):
        return clients.run("-m", "apsconnectcli.apsconnect", *words)

    port = str(panel.server.port)
    options = [
        "--user=admin",
        "--pwd=secret",
        f"--port={port}",
        f"--aps_port={port}",
        "--use_tls_aps=False",
        "--ssl=False",
    ]
    answer = run("init-hub", "127.0.0.1", *options)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return run


@pytest.fixture
def rpc(panel):
    address = panel.server.url.replace("http://", "http://admin:secret@") + "/RPC2"
    with xmlrpc.client.ServerProxy(address, allow_none=True) as proxy:
        yield proxy


def test_a_hub_is_taken_and_told(connect, panel):
    hub = panel.rest("GET", "collections/hubs").json()[0]["aps"]["id"]
    assert hub in connect("hub-token").stdout
    connect("aps-devel-mode", "--disable=True")
    with panel.hub.store.reading() as db:
        assert db.execute("SELECT value FROM facts WHERE name = 'APS_DEVEL_MODE'").fetchone()[0] == "false"


def test_our_package_is_installed_by_apsconnect(connect, clients, panel, tmp_path):
    place = clients.home / "oxherd.app.zip"
    shutil.copy(build(tmp_path), place)
    answer = connect(
        "install-frontend",
        f"--source={place}",
        "--oauth_key=ox-key",
        "--oauth_secret=ox-secret",
        f"--backend_url={panel.endpoint.url}",
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    apps = panel.rest("GET", f"resources?implementing({type_id('app')})").json()
    assert [app["aps"]["status"] for app in apps] == ["aps:ready"]
    assert [call.headers["aps-instance-id"] for call in panel.endpoint.of("POST /app")] == [apps[0]["aps"]["id"]]
    with panel.hub.store.reading() as db:
        sold = {row["class"] for row in db.execute("SELECT class FROM sold")}
        limits = json.loads(db.execute("SELECT limits FROM templates").fetchone()[0])
    assert {"rc.saas.service", "rc.saas.service.link", "rc.saas.resource.unit"} <= sold
    assert sorted(limits.values())[-2:] == [1, 1]
    again = connect(
        "install-frontend",
        f"--source={place}",
        "--oauth_key=ox-key",
        "--oauth_secret=ox-secret",
        f"--backend_url={panel.endpoint.url}",
    )
    assert len(panel.endpoint.of("POST /app")) == 1, again.stdout


OSAAPI = """
import json, sys, osaapi, xmlrpc.client
osa = osaapi.OSA("127.0.0.1", "admin", "secret", False, port=int(sys.argv[1]))
with open(sys.argv[2], "rb") as archive:
    imported = osa.APS.importPackage(package_body=xmlrpc.client.Binary(archive.read()))
    print(json.dumps([imported, osa.APS.getApplications(), osa.APS.getApplications(aps_application_id="x")]))
"""


def test_osaapi_imports_a_package(clients, panel):
    place = clients.home / "mail.app.zip"
    place.write_bytes(package(release="9"))
    answer = clients.run("-c", OSAAPI, str(panel.server.port), str(place))
    assert answer.returncode == 0, answer.stderr
    imported, applications, none = json.loads(answer.stdout)
    number = imported["result"]["application_id"]
    assert imported["status"] == 0
    told = [(str(one["application_id"]), one["aps_application_id"], one["release"]) for one in applications["result"]]
    assert (told, none["result"]) == ([(number, BASE, "9")], [])


def test_a_template_sells_what_it_holds(instance, rpc):
    application = rpc.pem.APS.getApplications({"aps_application_id": BASE})["result"][0]["application_id"]

    def resource_type(name, of, **parameters):
        given = [{"var_name": each, "var_value": value} for each, value in parameters.items()]
        answer = rpc.pem.addResourceType({"resclass_name": of, "name": name, "act_params": given})
        return answer["result"]["resource_type_id"]

    reference = resource_type("Gold", "rc.saas.service.link", app_id=application, resource_uid=instance.offer)
    counter = resource_type("Users", "rc.saas.resource.unit", app_id=application, resource_id="USERS")
    resources = [{"resource_type_id": reference}, {"resource_type_id": counter}]
    template = rpc.pem.addServiceTemplate({"name": "Mail", "owner_id": 1, "resources": resources})["result"]["st_id"]
    limits = [{"resource_id": reference, "resource_limit64": "1"}, {"resource_id": counter, "resource_limit64": "25"}]
    assert rpc.pem.setSTRTLimits({"st_id": template, "limits": limits})["status"] == 0
    account = rpc.pem.addAccount({"name": "Acme"})["result"]["account_id"]
    sold = rpc.pem.activateSubscription({"account_id": account, "service_template_id": template})
    instance.settled()
    tenant = instance.tenant
    assert (tenant["USERS"], tenant["offer"]["aps"]["id"]) == ({"limit": 25}, instance.offer)
    subscription = instance.rest("GET", "collections/subscriptions").json()[0]
    assert subscription["subscriptionId"] == sold["result"]["subscription_id"]
    types = rpc.pem.getResourceTypesByClass({"resclass_name": "rc.saas.resource.unit"})["result"]
    assert [one["resource_type_id"] for one in types] == [counter]


def test_tokens_are_of_whom_they_are_asked_for(acme, rpc):
    def seen(answer):
        headers = {"APS-Token": answer["result"]["aps_token"]}
        found = requests.get(f"{acme.server.url}/aps/2/resources?implementing({kind('tenant')})", headers=headers)
        return len(found.json())

    other = sales.add_account(acme.hub, "Other")
    number = acme.get(other["id"])["id"]
    assert seen(rpc.pem.APS.getUserToken({"user_id": 1})) == 1
    assert seen(rpc.pem.APS.getAccountToken({"account_id": 1})) == 1
    assert seen(rpc.pem.APS.getAccountToken({"account_id": number})) == 0
    assert seen(rpc.pem.APS.getApplicationInstanceToken({"application_instance_id": 1})) == 1
    assert rpc.pem.APS.getAccountToken({"account_id": 7})["error_message"] == "There is no account 7."


def test_trouble_is_told_in_the_envelope(panel, rpc):
    assert rpc.pem.dance({})["error_message"] == "There is no such method."
    assert rpc.pem.APS.importPackage({"package_body": xmlrpc.client.Binary(b"x")}) == {
        "status": -1,
        "error_message": "The file is no ZIP archive.",
        "module_id": "Controller",
        "extype_id": 0,
        "properties": {},
    }
    assert rpc.pem.addServiceTemplate({})["error_message"] == "pem.addServiceTemplate: 'name' is missing or wrong."
    url = f"{panel.server.url}/RPC2"
    assert requests.post(url, data=b"x").status_code == 401
    assert requests.post(url, data=b"x", auth=("admin", "secret")).status_code == 400
    assert requests.post(url, data=b"x", auth=("admin", "wrong")).status_code == 401


def test_without_the_mode_for_development_endpoints_need_tls(panel, rpc):
    rpc.pem.setSystemProperty({"account_id": 1, "name": "APS_DEVEL_MODE", "bool_value": False})
    assert rpc.pem.getSystemProperty({"name": "APS_DEVEL_MODE"})["result"]["bool_value"] is False
    body = {"aps": {"package": {"type": BASE}, "endpoint": panel.endpoint.url}}
    answer = panel.rest("POST", "applications", body)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "aps.endpoint: without TLS only while APS_DEVEL_MODE is on.",
    )
