"""`oxherd aps build`: the package as a controller finds it."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from oxherd.aps.package import build
from oxherd.aps.types import PROFILE_COUNTERS, TYPES

ROOT = Path(__file__).resolve().parents[2]
META = "{http://aps-standard.org/ns/2}"


def oxherd(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it, where no database is named."""
    command = [sys.executable, "-m", "oxherd.cli.main", "aps", *words]
    around = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.defpath, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=around)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build(tmp_path_factory.mktemp("package")))


def test_the_command_writes_the_package_into_the_folder_that_it_makes(tmp_path):
    told = oxherd("build", "--out", str(tmp_path / "new/folder"), "--release", "7")
    assert told.stdout.splitlines() == [str(tmp_path / "new/folder/oxherd-1-7.app.zip")]
    assert [each.name for each in (tmp_path / "new/folder").iterdir()] == ["oxherd-1-7.app.zip"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    told = oxherd("build", "--out", str(tmp_path / "file/below"))
    assert (told.returncode, told.stdout) == (1, "")
    place = tmp_path / "file/below"
    assert told.stderr == f"Error: {place} cannot be written: Not a directory. Choose another folder with --out.\n"


def test_two_builds_are_the_same_byte_by_byte(tmp_path):
    places = [("one", {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"}), ("two", {"TZ": "UTC", "PYTHONHASHSEED": "7"})]
    for name, environment in places:
        oxherd("build", "--out", str(tmp_path / name), **environment)
    built = [(tmp_path / name / "oxherd-1-1.app.zip").read_bytes() for name, _ in places]
    assert built[0] == built[1] != b""


def test_the_release_is_all_that_tells_two_builds_apart(tmp_path):
    files = [
        {name: archive.read(name) for name in archive.namelist()}
        for archive in (zipfile.ZipFile(build(tmp_path, release)) for release in (1, 2))
    ]
    assert {name for name in files[0] if files[0][name] != files[1][name]} == {"APP-LIST.xml", "APP-META.xml"}
    described = [etree.fromstring(each["APP-META.xml"]) for each in files]
    assert [root.findtext(f"{META}release") for root in described] == ["1", "2"]
    assert [root.findtext(f"{META}version") for root in described] == ["1", "1"]


def test_the_list_comes_first_and_holds_each_other_file_with_its_hash(package):
    names = package.namelist()
    assert names[:2] == ["APP-LIST.xml", "APP-META.xml"]
    assert names[2:] == sorted(set(names[2:]))
    listed = [dict(each.attrib) for each in etree.fromstring(package.read("APP-LIST.xml"))]
    assert listed == [
        {"name": name, "size": str(len(content)), "sha256": hashlib.sha256(content).hexdigest()}
        for name in names[1:]
        for content in [package.read(name)]
    ]


def test_each_type_is_a_service_with_its_schema(package):
    root = etree.fromstring(package.read("APP-META.xml"))
    services = {each.get("id"): each.find(f"{META}schema").get("path") for each in root.iterfind(f"{META}service")}
    assert services == {one.service: f"schemas/{one.service}.schema" for one in TYPES}
    assert [json.loads(package.read(path)) for path in services.values()] == [one.schema() for one in TYPES]


def test_all_that_is_counted_can_be_sold(package):
    properties = json.loads(package.read("schemas/tenant.schema"))["properties"]
    counters = {name: one for name, one in properties.items() if one["type"].endswith("#Counter")}
    others = ["USERS", "DOMAINS", "SUBDOMAINS", "SHARED_DOMAINS", "GROUPS", "RESOURCES", "STORAGE"]
    assert sorted(counters) == sorted([*PROFILE_COUNTERS, *others])
    assert {(bool(one["title"]), one["unit"]) for one in counters.values()} == {(True, "unit"), (True, "mb")}


def test_customers_find_the_same_pages_in_both_panels(package):
    root = etree.fromstring(package.read("APP-META.xml"))
    labels = {}
    for navigation in root.iter(f"{META}navigation"):
        socket = navigation.find(f"{META}plugs-to").get("id")
        labels[socket] = [view.get("label") for view in navigation.iter(f"{META}view")]
    pages = ["Users", "Groups", "Resources", "Domains", "Purchase requests"]
    assert labels["http://www.aps-standard.org/ui/service"] == pages
    assert labels["http://www.parallels.com/ccp/2"] == pages
    wizard = "http://www.aps-standard.org/ui/service/suwizard"
    assert [labels[f"{wizard}.{step}"] for step in ("new", "overview", "new/2")] == [["Open-Xchange"]] * 3


def test_pages_hold_no_script_and_no_style_of_their_own(package):
    for name in package.namelist():
        if name.endswith(".html"):
            page = etree.HTML(package.read(name))
            inside = [each for each in page.iter("script", "style") if (each.text or "").strip()]
            handlers = [key for each in page.iter() for key in each.attrib if key.startswith("on") or key == "style"]
            assert (name, inside, handlers) == (name, [], [])
