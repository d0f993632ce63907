"""Which address of the endpoint means what: made from the types alone (APS 2.0, endpoint protocol)."""

from dataclasses import dataclass
from uuid import UUID

from oxherd.aps.bodies import uuid_of
from oxherd.aps.definitions import CORE, Type
from oxherd.aps.faults import Fault
from oxherd.aps.types import BY_SERVICE

# What the core types give: verb and name of the operation.
INHERITED = {
    f"{CORE}/application/1.0": {("POST", "upgrade")},
    f"{CORE}/suspendable/1.0": {("PUT", "enable"), ("PUT", "disable")},
}
# And the relations, which lead to what is no resource of ours.
INHERITED_RELATIONS = {
    f"{CORE}/subscription/service/1.0": {"account", "subscription"},
    f"{CORE}/user/service/1.0": {"user"},
}
VERBS = {"GET": "retrieve", "PUT": "configure", "DELETE": "unprovision"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a call means. act: provision, retrieve, configure, unprovision, link, unlink, or call for an operation.

    aps_id: of the resource, None for one to be provisioned. name: of the operation or the relation. other: what the
    resource is linked with, where the address says it.
    """

    one: Type
    act: str
    aps_id: UUID | None = None
    name: str = ""
    other: UUID | None = None

    @property
    def target(self) -> UUID:
        """The id of the resource that the address names. Raises Fault for an address that names none."""
        if self.aps_id is None:
            raise Fault(404)
        return self.aps_id


def route(method: str, path: str) -> Route:
    """What an address below the endpoint means; slashes at the end or doubled do not matter. Raises Fault."""
    parts = [part for part in path.split("/") if part]
    one = BY_SERVICE.get(parts[0]) if parts else None
    if one is None:
        raise Fault(404, "There is no such service.")
    if len(parts) == 1:
        if method != "POST":
            raise Fault(405)
        return Route(one, "provision")
    aps_id = uuid_of(parts[1])
    if len(parts) == 2:  # noqa: PLR2004 - service and id
        if method not in VERBS:
            raise Fault(405)
        return Route(one, VERBS[method], aps_id)
    return _below(method, one, aps_id, parts[2:])


def _below(method: str, one: Type, aps_id: UUID, parts: list[str]) -> Route:
    name = parts[0]
    if len(parts) == 1 and (verbs := _operations(one).get(name)):
        if method not in verbs:
            raise Fault(405)
        return Route(one, "call", aps_id, name)
    if name not in _relations(one) or len(parts) > 2:  # noqa: PLR2004 - relation and id
        raise Fault(404, f"{one.service} has no operation and no relation {name[:60]}.")
    act = {"POST": "link", "DELETE": "unlink"}.get(method)
    other = uuid_of(parts[1]) if len(parts) == 2 else None  # noqa: PLR2004 - as above
    if act is None or (act == "unlink" and other is None):
        raise Fault(405)
    return Route(one, act, aps_id, name, other)


def _relations(one: Type) -> set[str]:
    return set(one.relations).union(*(INHERITED_RELATIONS.get(kind, set()) for kind in one.implements))


def _operations(one: Type) -> dict[str, set[str]]:
    """Verbs by the name in the path."""
    found: dict[str, set[str]] = {}
    pairs = {(each.verb, each.path.strip("/")) for each in one.operations.values()}
    for verb, name in pairs.union(*(INHERITED.get(kind, set()) for kind in one.implements)):
        found.setdefault(name, set()).add(verb)
    return found
