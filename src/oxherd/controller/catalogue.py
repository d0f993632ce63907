"""What is known of types: their ancestors, and what they have from those."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from oxherd.controller.core_types import APPLICATION, CORE, TYPES, Schema
from oxherd.controller.refusals import Refusal

TYPE_ID = re.compile(r"http://[^:#?]+/(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?")


def parts(type_id: str) -> tuple[str, int, int]:
    """Base, major and minor number. Raises ValueError for what is no id of a type."""
    if not TYPE_ID.fullmatch(type_id):
        raise ValueError(f"{type_id} is no id of a type, which begins with http:// and ends with a version.")
    base, _, version = type_id.rpartition("/")
    major, _, minor = version.partition(".")
    return base, int(major), int(minor or 0)


def fits(have: str, want: str) -> bool:
    """The same type, of the same major number, as new or newer."""
    try:
        (base, major, minor), (wanted, of_major, at_least) = parts(have), parts(want)
    except ValueError:
        return have == want
    return (base, major) == (wanted, of_major) and minor >= at_least


class Catalogue:
    """schemas: by type id. services: type id -> application and service whose resources have that type."""

    def __init__(self, schemas: Mapping[str, Schema], services: Mapping[str, tuple[str, str]]) -> None:
        self.schemas = {**TYPES, **schemas}
        self.services = dict(services)
        self._ancestors: dict[str, list[str]] = {}

    @cached_property
    def by_base(self) -> dict[str, list[str]]:
        bases: dict[str, list[str]] = {}
        for id_ in self.schemas:
            bases.setdefault(parts(id_)[0], []).append(id_)
        return bases

    def known(self, type_id: str) -> str | None:
        """This type, or else the newest that fits; None if there is none."""
        if type_id in self.schemas:
            return type_id
        try:
            fitting = [one for one in self.by_base.get(parts(type_id)[0], []) if fits(one, type_id)]
        except ValueError:
            return None
        return max(fitting, key=parts, default=None)

    def get(self, type_id: str) -> Schema:
        found = self.known(type_id)
        if found is None:
            raise Refusal(400, f"Nobody knows the type {type_id}.")
        return self.schemas[found]

    def ancestors(self, type_id: str) -> list[str]:
        """The type and all that it implements, the nearest first."""
        if type_id not in self._ancestors:
            schema = self.get(type_id)
            found = [schema["id"]]
            for parent in schema.get("implements", []):
                found += [each for each in self.ancestors(parent) if each not in found]
            self._ancestors[type_id] = found
        return self._ancestors[type_id]

    def implements(self, type_id: str, wanted: str) -> bool:
        return any(fits(each, wanted) for each in self.ancestors(type_id))

    def implementing(self, wanted: str) -> set[str]:
        return {each for each in self.schemas if self.implements(each, wanted)}

    def _all(self, type_id: str, part: str) -> dict[str, Schema]:
        found: dict[str, Schema] = {}
        for each in reversed(self.ancestors(type_id)):
            found |= self.schemas[each].get(part, {})
        return found

    def properties(self, type_id: str) -> dict[str, Schema]:
        return self._all(type_id, "properties")

    def relations(self, type_id: str) -> dict[str, Schema]:
        return self._all(type_id, "relations")

    def operations(self, type_id: str) -> dict[str, Schema]:
        return self._all(type_id, "operations")

    def structure(self, type_id: str, name: str) -> Schema | None:
        """A structure that a property of this type names, here or with the id of another type."""
        owner, hash_, short = name.partition("#")
        if hash_:
            found: Schema | None = self.get(owner).get("structures", {}).get(short)
            return found
        return self._all(type_id, "structures").get(name)

    def access(self, type_id: str) -> dict[str, bool]:
        """Who may do what with a whole resource; what is nearer to the type says more."""
        found: dict[str, bool] = {}
        for each in reversed(self.ancestors(type_id)):
            found |= self.schemas[each].get("access", {})
        return found

    def reverse(self, type_id: str, relation: str, other: str) -> str | None:
        """The relation of the other end which pairs with this one; None if it has none."""
        if self.relations(type_id)[relation].get("backrel") is False:
            return None
        for name, far in self.relations(other).items():
            if far.get("backrel") is not False and self.implements(type_id, far["type"]):
                near = self.relations(type_id)[relation]["type"]
                if self.implements(other, near):
                    return name
        return None

    def is_root(self, type_id: str) -> bool:
        return self.implements(type_id, APPLICATION)

    def is_core(self, type_id: str) -> bool:
        return type_id.startswith(CORE) or type_id not in self.services


def is_counter(definition: Mapping[str, Any]) -> bool:
    return str(definition.get("type", "")).startswith(f"{CORE}/resource/1.0#")
