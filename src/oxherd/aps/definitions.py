"""What an APS type is made of. One declaration gives the JSON schema, the routes of the endpoint and the documentation.

The vocabulary is that of the APS 2.0 type definition: types, properties, relations, operations, access by role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CORE = "http://aps-standard.org/types/core"
RESOURCE = f"{CORE}/resource/1.0"
COUNTER = f"{RESOURCE}#Counter"
NOTIFICATION = f"{RESOURCE}#Notification"

# Who may do it, as APS calls them: whose resource it is, who is linked with it, the vendor above.
Access = Mapping[str, bool]
FOR_PROVIDERS: Access = {"owner": False, "referrer": False, "admin": True}
FOR_CUSTOMERS: Access = {"owner": True, "referrer": False, "admin": True}


@dataclass(frozen=True, slots=True)
class Property:
    """One value of a resource.

    type: an APS type, such as string or COUNTER. readonly: told by us, never set by the controller. final: set at
    creation only. encrypted: kept sealed, never told back. unit: of counters. more: further restrictions.
    """

    type: str
    title: str
    description: str = ""
    required: bool = False
    readonly: bool = False
    final: bool = False
    encrypted: bool = False
    unit: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_counter(self) -> bool:
        return self.type == COUNTER

    def schema(self) -> dict[str, Any]:
        """As it stands in the type's JSON."""
        marks = {mark: True for mark in ("required", "readonly", "final", "encrypted") if getattr(self, mark)}
        told = {name: value for name in ("description", "unit") if (value := getattr(self, name))}
        return {"type": self.type, "title": self.title, **told, **marks, **self.more}


@dataclass(frozen=True, slots=True)
class Relation:
    """That resources are linked. type: the id of the other end's type. required: the other has to be there first."""

    type: str
    required: bool = False
    collection: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def schema(self) -> dict[str, Any]:
        """As it stands in the type's JSON."""
        return {"type": self.type, "required": self.required, "collection": self.collection, **self.more}


@dataclass(frozen=True, slots=True)
class Operation:
    """A verb beyond the life cycle, at `path` below the resource. parameters: name -> kind, type, required."""

    verb: str
    path: str
    access: Access
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)

    def schema(self) -> dict[str, Any]:
        """As it stands in the type's JSON."""
        told = {name: dict(value) for name in ("parameters", "response") if (value := getattr(self, name))}
        return {"verb": self.verb, "path": self.path, "access": dict(self.access), **told}


@dataclass(frozen=True, slots=True)
class Type:
    """A type of resources; `service` is its word in addresses of the endpoint, and its file in the package."""

    service: str
    id: str
    title: str
    summary: str
    implements: tuple[str, ...]
    properties: Mapping[str, Property]
    relations: Mapping[str, Relation]
    operations: Mapping[str, Operation] = field(default_factory=dict)
    access: Access | None = None

    @property
    def counters(self) -> dict[str, Property]:
        return {name: one for name, one in self.properties.items() if one.is_counter}

    def schema(self) -> dict[str, Any]:
        """The type definition, as `schemas/{service}.schema` holds it."""
        parts = {
            name: {key: one.schema() for key, one in getattr(self, name).items()}
            for name in ("properties", "relations", "operations")
            if getattr(self, name)
        }
        access = {"access": dict(self.access)} if self.access else {}
        head = {"apsVersion": "2.0", "name": self.service, "id": self.id, "implements": list(self.implements)}
        return {**head, **access, **parts}
