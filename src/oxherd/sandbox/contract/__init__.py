"""The wire contract as data: what a service is called, takes and answers.

Everything else here is driven by it. A further service is one more `NAME.json` beside the others, plus its types in
`types.json`; codec and WSDL need no change. In the files a field is nillable, optional and single unless it says
otherwise. A service that is the `twinOf` another has that one's operations: all but `without`, each with the types
`instead` and `alsoFaults`; its own `operations` name what else differs.

OXaaSService is closed: operations, order and meaning are what public callers show, while its namespace, the names of
most parameters, its types and faults are ours. A client should read the WSDL, as the real one's is not known.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Field:
    """An element: a field of a type, a parameter, or what an operation returns."""

    name: str
    type: str
    nillable: bool = True
    min: int = 0
    many: bool = False

    @property
    def is_simple(self) -> bool:
        return self.type.startswith("xs:")


@dataclass(frozen=True)
class Type:
    """`namespace` None stands for the target namespace of whichever service uses the type."""

    namespace: str | None
    name: str
    fields: tuple[Field, ...]
    extends: str | None = None


@dataclass(frozen=True)
class Result:
    """`bare`: the answer is the element itself, not a `return` inside `OPERATIONResponse`; no field: it is empty."""

    field: Field | None
    bare: bool


@dataclass(frozen=True)
class Operation:
    name: str
    parameters: tuple[Field, ...]
    result: Result | None
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    name: str
    namespace: str
    port_type: str
    binding: str
    port: str
    types: dict[str, Type]
    operations: dict[str, Operation]

    def fault_type(self, fault: str) -> str:
        """InterruptedException has no type of its own on the wire."""
        return fault if fault in self.types else "xs:anyType"

    def namespace_of(self, type_name: str) -> str:
        return self.types[type_name].namespace or self.namespace

    def fields_of(self, type_name: str) -> list[tuple[str, Field]]:
        """Every field in wire order with the namespace of the type that declares it; inherited fields come first."""
        kind = self.types[type_name]
        inherited = self.fields_of(kind.extends) if kind.extends else []
        return inherited + [(self.namespace_of(type_name), field) for field in kind.fields]


@dataclass(frozen=True)
class Access:
    """Module access flags in wire order, those that are false when left out, and the named combinations."""

    flags: tuple[str, ...]
    false_when_omitted: frozenset[str]
    combinations: dict[str, frozenset[str]]


@cache
def service_names() -> tuple[str, ...]:
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.startswith("OX")))


@cache
def service(name: str) -> Service:
    """Raises KeyError for a service that has no contract file."""
    if name not in service_names():
        raise KeyError(name)
    data = _read(name)
    operations = {key: _operation(key, value) for key, value in _operations(data).items()}
    return Service(
        name=name,
        namespace=data["targetNamespace"],
        port_type=data["portType"],
        binding=data["binding"],
        port=data["port"],
        types=_reached(_types(data["variants"]), operations),
        operations=operations,
    )


@cache
def access() -> Access:
    data = _read("access")
    named = data["combinations"] | data["cloudCombinations"]
    combinations = {name: frozenset(flags) for name, flags in named.items()}
    return Access(tuple(data["flags"]), frozenset(data["falseWhenOmitted"]), combinations)


def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def _operations(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """As the file has them, or as its twin with the differences."""
    own: dict[str, dict[str, Any]] = data["operations"]
    if "twinOf" not in data:
        return own
    twins = _read(data["twinOf"])["operations"]
    kept = (name for name in twins if name not in data["without"])
    return {name: _like_twin(twins[name], data) | own.get(name, {}) for name in kept}


def _like_twin(operation: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    def replaced(field: dict[str, Any]) -> dict[str, Any]:
        return {**field, "type": data["instead"].get(field["type"], field["type"])}

    return {
        "parameters": [replaced(parameter) for parameter in operation["parameters"]],
        "returns": operation["returns"] and replaced(operation["returns"]),
        "faults": sorted({*operation["faults"], *data["alsoFaults"]}),
    }


def _types(variants: dict[str, dict[str, list[str]]]) -> dict[str, Type]:
    data = _read("types")
    types = {key: _type(value, data["namespaces"]) for key, value in data["types"].items()}
    for key, variant in variants.items():
        types[key] = _variant(types[key], variant)
    return types


def _type(data: dict[str, Any], namespaces: dict[str, str]) -> Type:
    namespace = namespaces[data["namespace"]] if data["namespace"] else None
    return Type(namespace, data["name"], tuple(Field(**field) for field in data["fields"]), data.get("extends"))


def _variant(kind: Type, variant: dict[str, list[str]]) -> Type:
    absent = variant.get("absent", [])
    only = variant.get("only")
    kept = (field for field in kind.fields if field.name not in absent and (only is None or field.name in only))
    return replace(kind, fields=tuple(kept))


def _operation(name: str, data: dict[str, Any]) -> Operation:
    parameters = tuple(Field(**field) for field in data["parameters"])
    return Operation(name, parameters, _result(data["returns"]), tuple(data["faults"]))


def _result(data: dict[str, Any] | None) -> Result | None:
    if data is None:
        return None
    if data["type"] is None:
        return Result(None, bare=False)
    field = Field(
        data.get("element", "return"), data["type"], nillable=data.get("nillable", True), many=data.get("many", False)
    )
    return Result(field, bare=data.get("bare", False))


def _reached(types: dict[str, Type], operations: dict[str, Operation]) -> dict[str, Type]:
    """Only the types that the operations can bring onto the wire: a WSDL names no others."""
    reached: dict[str, Type] = {}
    waiting = [fault for operation in operations.values() for fault in operation.faults if fault in types]
    for operation in operations.values():
        waiting += [parameter.type for parameter in operation.parameters]
        waiting += [operation.result.field.type] if operation.result and operation.result.field else []
    while waiting:
        name = waiting.pop()
        if name in reached or name.startswith("xs:"):
            continue
        reached[name] = types[name]
        waiting += [field.type for field in types[name].fields]
        waiting += [parent] if (parent := types[name].extends) else []
    return dict(sorted(reached.items()))
