"""Cloud Blue's own Connect command line tool reads our package."""

import json
import zipfile
from pathlib import Path

from tests.aps.clients import Clients

from oxherd.aps.package import build
from oxherd.aps.types import APP, PACKAGE, TENANT

READ = """
import json, sys
from apsconnectcli.package import Package
package = Package(sys.argv[1])
print(json.dumps({
    "id": package.connector_id, "name": package.connector_name, "product": package.product_id,
    "version": int(package.version), "release": int(package.release),
    "settings": sorted(package.app_properties), "counters": package.counters, "parameters": package.parameters,
}))
"""


def read(clients: Clients, place: Path) -> dict:
    told = clients.run("-c", READ, str(place))
    assert (told.stderr, told.returncode) == ("", 0)
    return json.loads(told.stdout)


def test_the_connect_tool_accepts_the_package(clients: Clients, tmp_path: Path):
    found = read(clients, build(tmp_path, release=3))
    told = {name: found[name] for name in ("id", "product", "name", "version", "release")}
    assert told == {"id": PACKAGE, "product": PACKAGE, "name": "oxherd", "version": 1, "release": 3}
    assert found["settings"] == sorted(APP.properties)


def test_the_connect_tool_recognises_each_counter_as_something_to_sell(clients: Clients, tmp_path: Path):
    found = read(clients, build(tmp_path))
    assert found["counters"] == {name: one.schema() for name, one in TENANT.counters.items()}
    assert len(found["counters"]) == 15
    assert found["parameters"] == {}


def test_the_root_type_has_the_version_that_the_connect_tool_looks_for(clients: Clients, tmp_path: Path):
    found = read(clients, build(tmp_path))
    assert APP.id == f"{found['id']}/app/{found['version']}.0"


def test_the_connect_tool_refuses_a_package_without_tenants(clients: Clients, tmp_path: Path):
    with zipfile.ZipFile(build(tmp_path)) as whole, zipfile.ZipFile(tmp_path / "half.app.zip", "w") as half:
        half.writestr("APP-META.xml", whole.read("APP-META.xml"))
    told = clients.run("-c", READ, str(tmp_path / "half.app.zip"))
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1] == (
        "KeyError: \"There is no item named 'schemas/tenant.schema' in the archive\""
    )


def test_the_other_client_can_be_imported_beside_it(clients: Clients):
    told = clients.run("-c", "import apsconnectcli.hub, osaapi; print(osaapi.OSA.__name__)")
    assert (told.stdout, told.returncode) == ("OSA\n", 0)
