"""Type definitions: each by itself, and what they say of each other."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oxherd.aps.checks.findings import Findings
from oxherd.aps.checks.known import APPLICATION, KNOWN, RESOURCE, TYPE_ID, Known, ancestors, find, split
from oxherd.aps.checks.operations import check_operation
from oxherd.aps.checks.place import Place
from oxherd.aps.checks.properties import check_access, check_property

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
PARTS = ("properties", "relations", "operations", "structures")
HEAD = {"apsVersion": str, "name": str, "id": str, "implements": list}
ATTRIBUTES_OF_RELATIONS = {"type", "required", "collection", "backrel", "assign", "access", "title", "description"}


@dataclass(frozen=True, slots=True)
class Types:
    """own: by the path of the schema. all: own types and those that every controller knows, by id."""

    own: Mapping[str, Known]
    all: dict[str, Known]

    def is_application(self, path: str) -> bool:
        return path in self.own and APPLICATION in ancestors(self.own[path].id, self.all)


def check_schemas(files: Mapping[str, bytes], findings: Findings) -> Types:
    """All files below schemas/."""
    read = {
        path: strict_json(path, content, findings)
        for path, content in files.items()
        if path.startswith("schemas/") and path.endswith((".schema", ".json", ".schema.gen"))
    }
    sound = {path: schema for path, schema in read.items() if _head(path, schema, findings)}
    own = {path: _known(schema) for path, schema in sound.items()}
    by_id: dict[str, str] = {}
    for path, one in own.items():
        if one.id in by_id:
            findings.error(path, f"The id {one.id} is that of {by_id[one.id]} too. Give each type its own.")
        by_id[one.id] = path
    types = Types(own, {**KNOWN, **{one.id: one for one in own.values()}})
    for path, schema in sound.items():
        _check_type(Place(path, own[path], types.all, findings), schema)
    return types


def strict_json(path: str, content: bytes, findings: Findings) -> Any:
    """What the file says, or None: strict JSON in UTF-8, without comments, and no key twice."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        for name in sorted({name for name in names if names.count(name) > 1}):
            findings.error(path, f"The key {name} stands twice in one object. Keep one of them.")
        return dict(found)

    def constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    try:
        text = content.decode("utf-8")
        if path.endswith(".schema.gen") and text.startswith("//"):
            findings.advice(path, "Comments stand above the JSON, which not every reader takes. Leave them out.")
            text = re.sub(r"\A(//[^\n]*\n)+", "", text)
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        findings.error(path, f"This is no strict JSON ({error}). Mend it; comments are not allowed.")
        return None


def _head(path: str, schema: Any, findings: Findings) -> bool:
    if schema is None:
        return False
    if not isinstance(schema, dict):
        findings.error(path, "A type definition is one JSON object. Put it in braces.")
        return False
    wrong = [name for name, kind in HEAD.items() if not isinstance(schema.get(name), kind)]
    for name in wrong:
        findings.error(path, f"{name} is missing, or of the wrong kind. Every type says it.")
    for part in PARTS:
        if not isinstance(schema.get(part, {}), dict):
            findings.error(path, f"{part} is no object with names as keys. Make it one.")
            wrong.append(part)
    if not wrong and not TYPE_ID.fullmatch(schema["id"]):
        findings.error(path, f"“{schema['id']}” is no id of a type. Use http://name/major.minor, without a port.")
        wrong.append("id")
    return not wrong


def _known(schema: Mapping[str, Any]) -> Known:
    relations, operations, structures = (
        frozenset(schema.get(part, {})) for part in ("relations", "operations", "structures")
    )
    properties = {
        name: str(one.get("type")) for name, one in schema.get("properties", {}).items() if isinstance(one, dict)
    }
    return Known(schema["id"], tuple(map(str, schema["implements"])), relations, operations, structures, properties)


def _check_type(at: Place, schema: Mapping[str, Any]) -> None:
    if schema["apsVersion"] != "2.0":
        at.error(f"apsVersion is “{schema['apsVersion']}”. Write 2.0.")
    for unknown in sorted(schema.keys() - {*HEAD, *PARTS, "access"}):
        at.advice(f"The standard knows no {unknown} of types. Take it out.")
    _check_names(at, schema)
    _check_implements(at)
    check_access(at, "the type", schema.get("access"))
    checks: dict[str, Callable[..., None]] = {
        "properties": check_property,
        "relations": _check_relation,
        "operations": check_operation,
        "structures": _check_structure,
    }
    for part, check in checks.items():
        for name, one in schema.get(part, {}).items():
            if isinstance(one, dict):
                check(at, name, one)
            else:
                at.error(f"{name} in {part} is no object. Describe it in braces.")
    _check_calls(at, schema)


def _check_names(at: Place, schema: Mapping[str, Any]) -> None:
    for name in [schema["name"], *(name for part in PARTS for name in schema.get(part, {}))]:
        if not NAME.fullmatch(name):
            at.error(f"“{name}” is no name. Use letters, digits and _, and no digit first.")
    for name in sorted(schema.get("properties", {}).keys() & schema.get("relations", {}).keys()):
        at.error(f"{name} is a property and a relation. Rename one of them.")
    for name in sorted({"aps"} & {*schema.get("properties", {}), *schema.get("relations", {})}):
        at.error(f"The name {name} belongs to the controller. Rename yours.")


def _check_implements(at: Place) -> None:
    own = at.own
    for parent in own.implements:
        if find(parent, at.known) is None:
            at.error(f"It implements {parent}, which is not in this package, nor a type of the standard. Correct it.")
    above = set().union(*(ancestors(parent, at.known) for parent in own.implements)) if own.implements else set()
    if own.id in above:
        at.error("It implements itself, through others. Take one of them out of implements.")
    if RESOURCE not in above:
        at.error(f"It does not implement {RESOURCE}, so nothing can be made of it. Add that to implements.")
    base, major, minor = split(own.id)
    for id_ in at.known:
        if id_ != own.id and split(id_) == (base, major, minor):
            at.error(f"{own.id} and {id_} are the same version. Keep one of them.")


def _check_relation(at: Place, name: str, one: Mapping[str, Any]) -> None:
    type_ = one.get("type")
    if not isinstance(type_, str):
        inherited = any(name in at.known[each].relations for each in ancestors(at.own.id, at.known) - {at.own.id})
        why = " What is inherited is lost where a relation is declared anew." if inherited else ""
        at.error(f"The relation {name} has no type. Say which type is at its other end.{why}")
    elif find(type_, at.known) is None:
        at.error(f"The relation {name} leads to {type_}, which is not in this package, nor known. Correct the type.")
    for mark in ("required", "collection"):
        if not isinstance(one.get(mark, False), bool):
            at.error(f"{mark} of the relation {name} is neither true nor false. Write one of them.")
    if one.get("required") is True and one.get("collection") is True:
        at.advice(f"The relation {name} is a collection and required. Drop one of them.")
    for unknown in sorted(one.keys() - ATTRIBUTES_OF_RELATIONS):
        at.error(f"The relation {name} has {unknown}, which relations do not know. Take it out.")
    assigned = one.get("assign", {}).get("access") if isinstance(one.get("assign", {}), dict) else None
    check_access(at, f"assign of the relation {name}", assigned)
    if isinstance(assigned, dict) and sum(value is True for value in assigned.values()) > 1:
        at.error(f"assign of the relation {name} gives more than one role. Keep one.")
    check_access(at, f"the relation {name}", one.get("access"))


def _check_structure(at: Place, name: str, one: Mapping[str, Any]) -> None:
    if one.get("type") != "object" or not isinstance(one.get("properties"), dict):
        at.error(f"The structure {name} is no object with properties. Give it both.")
        return
    for inner, definition in one["properties"].items():
        if isinstance(definition, dict):
            check_property(at, f"{name}.{inner}", definition)
        else:
            at.error(f"{name}.{inner} is no object. Describe it in braces.")


def _check_calls(at: Place, schema: Mapping[str, Any]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, one in schema.get("operations", {}).items():
        if not isinstance(one, dict):
            continue
        call = (str(one.get("verb")), re.sub(r"\{[^}]*\}", "{}", str(one.get("path"))))
        if call in seen:
            at.error(f"{name} and {seen[call]} are the same call, {call[0]} {one['path']}. Change one path.")
        seen[call] = name
