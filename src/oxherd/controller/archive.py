"""Reading an application's package: nothing of it is believed before it has been compared with its own list."""

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from oxherd.controller.catalogue import TYPE_ID, Catalogue
from oxherd.controller.core_types import Schema

LIST_NAMESPACE = "{http://apstandard.com/ns/1}"
META_NAMESPACE = "{http://aps-standard.org/ns/2}"
LIST, META = "APP-LIST.xml", "APP-META.xml"
LARGEST = 64 * 1024 * 1024
MOST_FILES = 5000
# What a type may have, and which texts each of it has to have.
PARTS: dict[str, tuple[str, ...]] = {
    "properties": (),
    "structures": (),
    "relations": ("type",),
    "operations": ("verb", "path"),
}
SCREENS = ("item", "group", "view", "popup", "view-plugin", "wizard")


class BadPackage(Exception):
    """A sentence that tells what is wrong with the package."""


@dataclass(frozen=True)
class Package:
    """`schemas`: by service. `meta`: names, services and the navigation, as JSON."""

    application: str
    name: str
    version: str
    release: str
    meta: dict[str, Any]
    schemas: dict[str, Schema]


def read_package(content: bytes, catalogue: Catalogue) -> Package:
    """catalogue: the types that are known already. Raises BadPackage."""
    files = _unpacked(content)
    _compare_with_list(files)
    root = _xml(files, META)
    if root.tag != f"{META_NAMESPACE}application" or root.get("version") != "2.0":
        raise BadPackage(f"{META} is no description of an APS 2.0 application.")
    head = {name: _text(root, name) for name in ("id", "name", "version", "release")}
    services, schemas = _services(root, files)
    _check_types(schemas, catalogue)
    navigation = [_screen(one, files) for one in root.iter(f"{META_NAMESPACE}navigation")]
    upgrade = root.find(f"{META_NAMESPACE}upgrade")
    meta = {
        "summary": root.findtext(f"{META_NAMESPACE}presentation/{META_NAMESPACE}summary", "").strip(),
        "upgrade": "" if upgrade is None else upgrade.get("match", ""),
        "services": services,
        "navigation": navigation,
        "files": sorted(files),
    }
    return Package(head["id"], head["name"], head["version"], head["release"], meta, schemas)


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Name -> content. Names are those of files below the package, or somebody who unpacks it is in for a surprise."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                raise BadPackage(f"The package holds {len(entries)} files, and may hold {MOST_FILES}.")
            for name, count in Counter(one.filename for one in entries).items():
                if not _is_below(name):
                    raise BadPackage(f"{name} leads out of the package.")
                if count > 1:
                    raise BadPackage(f"{name} is in the package twice.")
            files = [one for one in entries if not one.is_dir()]
            if sum(one.file_size for one in files) > LARGEST:
                raise BadPackage(f"The package holds more than {LARGEST} bytes.")
            return {one.filename: archive.read(one) for one in files}
    except zipfile.BadZipFile as error:
        raise BadPackage("The file is no ZIP archive." if "not a zip" in str(error) else _unreadable(error)) from None
    except (zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise BadPackage(_unreadable(error)) from None


def _unreadable(error: Exception) -> str:
    return f"The archive cannot be read: {error}"


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not {"\\", ":"} & set(name)


def _xml(files: dict[str, bytes], name: str) -> Any:
    if name not in files:
        raise BadPackage(f"The package has no {name}.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(files[name], parser)
    except etree.XMLSyntaxError as error:
        raise BadPackage(f"{name} is no XML: {error}") from None


def _compare_with_list(files: dict[str, bytes]) -> None:
    listed: set[str] = set()
    for entry in _xml(files, LIST).iter(f"{LIST_NAMESPACE}file"):
        name, size, sha256 = (entry.get(each, "") for each in ("name", "size", "sha256"))
        if name not in files:
            raise BadPackage(f"{LIST} names {name}, which is not in the package.")
        if size != str(len(files[name])):
            raise BadPackage(f"{name} has {len(files[name])} bytes, and {size} by {LIST}.")
        if sha256.lower() != hashlib.sha256(files[name]).hexdigest():
            raise BadPackage(f"{name} is not what {LIST} says: its SHA-256 is another.")
        listed.add(name)
    for name in sorted(set(files) - listed - {LIST}):
        raise BadPackage(f"{name} is not named in {LIST}.")


def _text(root: Any, name: str) -> str:
    found = str(root.findtext(f"{META_NAMESPACE}{name}", "")).strip()
    if not found:
        raise BadPackage(f"{META} says no {name}.")
    return found


def _services(root: Any, files: dict[str, bytes]) -> tuple[dict[str, Any], dict[str, Schema]]:
    services: dict[str, Any] = {}
    schemas: dict[str, Schema] = {}
    for one in root.iterchildren(f"{META_NAMESPACE}service"):
        name = one.get("id", "")
        schema = one.find(f"{META_NAMESPACE}schema")
        path = "" if schema is None else schema.get("path", "")
        if not name or path not in files:
            raise BadPackage(f"The schema {path or '(none)'} of the service {name or '(none)'} is not in the package.")
        schemas[name] = _schema(path, files[path])
        label = one.findtext(f"{META_NAMESPACE}presentation/{META_NAMESPACE}name", name).strip()
        services[name] = {"type": schemas[name]["id"], "name": label}
    if not services:
        raise BadPackage(f"{META} declares no service.")
    return services, schemas


def _schema(path: str, content: bytes) -> Schema:
    """Lines that begin with // stand above what was made from PHP; they are passed over."""
    lines = content.decode("utf-8", "replace").splitlines()
    while lines and lines[0].lstrip().startswith("//"):
        del lines[0]
    try:
        schema = json.loads("\n".join(lines))
    except ValueError as error:
        raise BadPackage(f"{path} is no JSON: {error}") from None
    except RecursionError:
        raise BadPackage(f"{path} is no type: it is nested too deeply.") from None
    if not isinstance(schema, dict) or not {"apsVersion", "id", "name", "implements"} <= set(schema):
        raise BadPackage(f"{path} is no type: apsVersion, id, name and implements belong to it.")
    _check_parts(path, schema)
    if not TYPE_ID.fullmatch(str(schema["id"])):
        raise BadPackage(f"{path} has the id {schema['id']}, which is no id of a type.")
    return schema


def _check_parts(path: str, schema: Schema) -> None:
    if not isinstance(schema["implements"], list) or not all(isinstance(one, str) for one in schema["implements"]):
        raise BadPackage(f"{path}: implements is a list of types.")
    for part, members in PARTS.items():
        of_part = schema.get(part, {})
        if not isinstance(of_part, dict) or not all(isinstance(one, dict) for one in of_part.values()):
            raise BadPackage(f"{path}: {part} is an object of objects.")
        for name, one in of_part.items():
            if not all(isinstance(one.get(member), str) for member in members):
                raise BadPackage(f"{path}: {part}.{name} needs {' and '.join(members)}.")


def _check_types(schemas: dict[str, Schema], catalogue: Catalogue) -> None:
    """That everything a type refers to is known, and that one service is the application itself."""
    together = Catalogue({**catalogue.schemas, **{one["id"]: one for one in schemas.values()}}, {})
    roots = []
    for service, schema in schemas.items():
        for parent in schema["implements"]:
            if together.known(parent) is None:
                raise BadPackage(f"The type of {service} implements {parent}, which nobody knows.")
        for name, relation in schema.get("relations", {}).items():
            if together.known(relation.get("type", "")) is None:
                raise BadPackage(f"{service}.{name} leads to {relation.get('type')}, which nobody knows.")
        for name, definition in schema.get("properties", {}).items():
            if "type" not in definition:
                raise BadPackage(f"{service}.{name} has no type.")
        if _is_root(together, service, schema):
            roots.append(service)
    if len(roots) != 1:
        raise BadPackage(f"One service has to be the application; here it is {' and '.join(roots) or 'none'}.")


def _is_root(catalogue: Catalogue, service: str, schema: Schema) -> bool:
    try:
        return catalogue.is_root(schema["id"])
    except RecursionError:
        raise BadPackage(f"The type of {service} implements itself.") from None


def _screen(element: Any, files: dict[str, bytes]) -> dict[str, Any]:
    """A part of the navigation with all below it."""
    kind = etree.QName(element).localname
    source = element.get("src", "")
    if source and source not in files:
        raise BadPackage(f"The view {element.get('id')} is made from {source}, which is not in the package.")
    if kind == "view" and not source:
        source = f"ui/{element.get('id')}.html"

    def below(*names: str) -> list[Any]:
        return [each for each in element if isinstance(each.tag, str) and etree.QName(each).localname in names]

    return {
        "kind": kind,
        "id": element.get("id", ""),
        "label": element.get("label", ""),
        "src": source,
        "visible": element.get("visible", ""),
        "plugs": [one.get("id", "") for one in below("plugs-to")],
        "vars": [
            {
                "name": one.get("name", ""),
                "type": one.get("type-id", ""),
                "required": one.get("required", "true") != "false",
                "collection": one.get("collection", "false") == "true",
                "filter": one.get("filter", ""),
            }
            for one in below("var")
        ],
        "controls": [etree.QName(one).localname for each in below("controls") for one in each],
        "children": [_screen(one, files) for one in below(*SCREENS)],
    }


def file_of(content: bytes, path: str) -> bytes | None:
    """A file of a package that was imported; None if it has none of this name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            return archive.read(path)
        except KeyError:
            return None
