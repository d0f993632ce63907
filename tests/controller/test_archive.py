"""A package is read, or refused with what is wrong about it."""

import io
import json
import zipfile

import pytest
from tests.controller.package import BASE, CORE, SCHEMAS, built, kind, meta, package, usual_files

from oxherd.controller.archive import BadPackage, file_of, read_package
from oxherd.controller.catalogue import Catalogue

NONE = Catalogue({}, {})


def test_a_package_is_read():
    found = read_package(package(version="2", release="7", upgrade="version=ge=1"), NONE)
    assert (found.application, found.name, found.version, found.release) == (BASE, "Mail", "2", "7")
    assert set(found.schemas) == {"app", "offer", "tenant", "user"}
    assert found.meta["upgrade"] == "version=ge=1"
    tree = found.meta["navigation"][0]
    assert tree["vars"] == [
        {"name": "tenant", "type": kind("tenant"), "required": True, "collection": False, "filter": ""}
    ]
    assert [view["id"] for view in tree["children"][0]["children"]] == ["users", "tenant"]
    assert found.meta["navigation"][1]["children"][0]["plugs"] == [
        "http://www.aps-standard.org/ui/service/suwizard.new"
    ]
    assert b"People" not in (file_of(package(), "ui/users.html") or b"")


def test_lines_of_generated_schemas_are_passed_over():
    files = usual_files()
    files["schemas/app.schema"] = "// made from PHP\n// by hand do not change\n" + files["schemas/app.schema"]
    assert read_package(built(files), NONE).schemas["app"] == SCHEMAS["app"]


def changed(service, **parts):
    files = usual_files()
    return {**files, f"schemas/{service}.schema": json.dumps({**SCHEMAS[service], **parts})}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no archive", "The file is no ZIP archive."),
        (built({"APP-META.xml": "<a"}), "APP-META.xml is no XML: "),
        (built({"a.txt": "a"}), "The package has no APP-META.xml."),
        (built({"APP-META.xml": "<application version='2.0'/>"}), "APP-META.xml is no description of an APS 2.0"),
        (built(usual_files(), {"ui/new.html": {"size": 3}}), "ui/new.html has "),
        (built(usual_files(), {"ui/new.html": {"sha256": "0" * 64}}), "ui/new.html is not what APP-LIST.xml says"),
        (built({**usual_files(), "APP-META.xml": meta(version="")}), "APP-META.xml says no version."),
        (
            built({name: one for name, one in usual_files().items() if name != "schemas/user.schema"}),
            "The schema schemas/user.schema of the service user is not in the package.",
        ),
        (built({**usual_files(), "schemas/user.schema": "{"}), "schemas/user.schema is no JSON: "),
        (built(changed("user", id="https://x/1.0")), "schemas/user.schema has the id https://x/1.0, which is no id"),
        (built(changed("user", implements=["http://x.y/1.0"])), "The type of user implements http://x.y/1.0, which"),
        (built(changed("user", relations={"a": {"type": "http://x.y/1.0"}})), "user.a leads to http://x.y/1.0, which"),
        (built(changed("user", properties={"a": {}})), "user.a has no type."),
        (built(changed("user", properties={"a": 5})), "schemas/user.schema: properties is an object of objects."),
        (built(changed("user", relations=[])), "schemas/user.schema: relations is an object of objects."),
        (built(changed("user", relations={"a": {"type": 5}})), "schemas/user.schema: relations.a needs type."),
        (built(changed("user", operations={"a": {}})), "schemas/user.schema: operations.a needs verb and path."),
        (built(changed("user", implements=CORE)), "schemas/user.schema: implements is a list of types."),
        (built(changed("user", implements=[kind("user")])), "The type of user implements itself."),
        (
            built({**usual_files(), "schemas/user.schema": "[" * 200_000}),
            "schemas/user.schema is no type: it is nested",
        ),
        (built({**usual_files(), "../../evil.txt": ""}), "../../evil.txt leads out of the package."),
        (built({**usual_files(), "/etc/evil.txt": ""}), "/etc/evil.txt leads out of the package."),
        (built({**usual_files(), "ui\\..\\..\\evil.txt": ""}), "ui\\..\\..\\evil.txt leads out of the package."),
        (built({f"{number}.txt": "" for number in range(5001)}), "The package holds 5003 files, and may hold 5000."),
        (package()[:-30], "The file is no ZIP archive."),
        (package().replace(b"</application>", b"</applicatiom>"), "The archive cannot be read: Bad CRC-32 for file"),
        (built(changed("app", implements=[f"{CORE}/resource/1.0"])), "One service has to be the application; here it"),
        (
            built({name: one for name, one in usual_files().items() if name != "ui/new.html"}),
            "The view suwizard.new is made from ui/new.html, which is not in the package.",
        ),
    ],
)
def test_a_bad_package_is_refused(content, sentence):
    with pytest.raises(BadPackage) as wrong:
        read_package(content, NONE)
    assert str(wrong.value)[: len(sentence)] == sentence


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("more.txt", "more.txt is not named in APP-LIST.xml."),
        ("ui/new.html", "ui/new.html is in the package twice."),
    ],
)
def test_what_is_not_listed_is_refused(name, sentence):
    target = io.BytesIO(package())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, "more")
    with pytest.raises(BadPackage) as wrong:
        read_package(target.getvalue(), NONE)
    assert str(wrong.value) == sentence
