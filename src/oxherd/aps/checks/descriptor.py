"""APP-META.xml: what the package says of itself, its services and its places in the panels."""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from oxherd.aps.checks.findings import Findings
from oxherd.aps.checks.listing import parsed
from oxherd.aps.checks.navigation import check_navigation
from oxherd.aps.checks.schemas import Types

META = "APP-META.xml"
NAMESPACE = "http://aps-standard.org/ns/2"
IN = f"{{{NAMESPACE}}}"
NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)*")
ID = re.compile(r"[a-zA-Z_\-][a-zA-Z_0-9\-]*")
LANGUAGE = re.compile(r"[a-z]{2,3}")
MATCH = re.compile(r"\s*(version|release)\s*=(eq|ne|gt|ge|lt|le)=\s*[0-9]+(\.[0-9]+)*\s*")
ONCE = ("id", "name", "version", "release", "presentation")
OF_PRESENTATION = ("summary", "description", "icon")
FILES = {"icon": "path", "screenshot": "path", "schema": "path", "code": "path"}
TEXTS = ("summary", "description")


def check_descriptor(files: Mapping[str, bytes], types: Types, findings: Findings) -> set[str]:
    """Answers the texts that people read, which the catalogues have to translate."""
    root = parsed(files, META, findings)
    if root is None:
        return set()
    if root.tag != f"{IN}application" or root.get("version") != "2.0":
        findings.error(META, f"The root has to be application, version 2.0, of the namespace {NAMESPACE}.")
        return set()
    _check_head(root, findings)
    _check_presentation(root, findings)
    _check_files(root, files, findings)
    _check_services(root, types, findings)
    for one in root.iterfind(f"{IN}presentation/{IN}navigation"):
        check_navigation(one, files, types.all, findings)
    _check_duplicates(root, findings)
    return set(_texts(root))


def _text(root: etree._Element, name: str) -> str:
    return (root.findtext(f"{IN}{name}") or "").strip()


def _quoted(value: str) -> str:
    return f"“{value}”" if value else "empty"


def _check_head(root: etree._Element, findings: Findings) -> None:
    for name in ONCE:
        count = len(root.findall(f"{IN}{name}"))
        if count != 1:
            findings.error(META, f"There are {count} elements {name}. Every package has one.")
    if not re.fullmatch(r"(https?://|urn:)\S+", _text(root, "id")):
        findings.error(META, f"The id is {_quoted(_text(root, 'id'))}. Use an address that you own.")
    if not _text(root, "name"):
        findings.error(META, "The name is empty. Fill it in.")
    for name in ("version", "release"):
        if not NUMBERS.fullmatch(_text(root, name)):
            findings.error(META, f"The {name} is {_quoted(_text(root, name))}. Use numbers, joined by dots.")
    if "." in _text(root, "version"):
        findings.advice(META, "The Connect command line tool takes whole numbers as version only. Use one.")
    for upgrade in root.iterfind(f"{IN}upgrade"):
        if not all(MATCH.fullmatch(part) for part in upgrade.get("match", "").split(",")):
            told = _quoted(upgrade.get("match", ""))
            findings.error(META, f"match of upgrade is {told}. Write it as version=ge=1,release=ge=0.")


def _check_presentation(root: etree._Element, findings: Findings) -> None:
    for name in OF_PRESENTATION:
        if root.find(f"{IN}presentation/{IN}{name}") is None:
            findings.advice(META, f"presentation has no {name}. Add it.")
    for language in root.iterfind(f"{IN}presentation/{IN}languages/{IN}language"):
        if not LANGUAGE.fullmatch(language.text or ""):
            findings.error(META, f"“{language.text or ''}” is no code of a language. Use two or three small letters.")


def _check_files(root: etree._Element, files: Mapping[str, bytes], findings: Findings) -> None:
    for one in root.iter():
        name = etree.QName(one).localname
        path = one.get(FILES[name], "") if name in FILES else (one.text or "").strip() if name == "file" else None
        if path is not None and path not in files and "://" not in path:
            findings.is_missing(META, f"{name} names the file {path or '(none)'}, which is not in the package. Add it.")


def _check_services(root: etree._Element, types: Types, findings: Findings) -> None:
    services = root.findall(f"{IN}service")
    if not services:
        findings.error(META, "There is no service. A package has at least one, its root.")
    used: set[str] = set()
    applications = []
    for one in services:
        id_ = one.get("id", "")
        if not ID.fullmatch(id_):
            findings.error(META, f"“{id_}” is no id of a service. Use letters, digits, _ and -.")
        paths = [each.get("path", "") for each in one.iterfind(f"{IN}schema")]
        if len(paths) != 1:
            findings.error(META, f"The service {id_} has {len(paths)} schemas. Give it one.")
        used.update(paths)
        applications += [id_ for path in paths if types.is_application(path)]
    for path in sorted(types.own.keys() - used):
        findings.advice(path, "No service has this type. Add one, or leave the schema out.")
    if services and len(applications) != 1:
        named = ", ".join(applications) or "none"
        findings.error(META, f"One service has to implement application/1.0; here it is {named}. Correct implements.")


def _check_duplicates(root: etree._Element, findings: Findings) -> None:
    for what, found in (
        ("service", [one.get("id", "") for one in root.iterfind(f"{IN}service")]),
        ("navigation", [one.get("id", "") for one in root.iter(f"{IN}navigation")]),
        ("view", [one.get("id", "") for one in root.iter(f"{IN}view", f"{IN}popup")]),
        ("placeholder", [one.get("id", "") for one in root.iter(f"{IN}placeholder")]),
    ):
        for id_ in sorted({one for one in found if found.count(one) > 1}):
            findings.error(META, f"There is more than one {what} {id_}. Give each its own id.")


def _texts(root: etree._Element) -> Iterable[str]:
    for one in root.iter():
        if label := one.get("label"):
            yield label
        if etree.QName(one).localname in TEXTS and (one.text or "").strip():
            yield (one.text or "").strip()
    for name in root.iterfind(f"{IN}service/{IN}presentation/{IN}name"):
        yield (name.text or "").strip()
