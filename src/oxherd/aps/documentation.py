"""The types of the package as Markdown, for those who read before they import."""

from collections.abc import Iterator

from oxherd.aps.definitions import CORE, Operation, Property, Relation, Type
from oxherd.aps.types import TYPES

HEAD = """\
# The types of the APS package

Written by `oxherd aps types > docs/aps-types.md` from the declarations in `src/oxherd/aps/types.py`, of which the
package's schemas and the endpoint's routes are made too. *Controller* may set a property and change it later,
*controller, once* only when it makes the resource, and *oxherd* tells it. A counter has a limit, which the controller
tells, and a usage, which oxherd tells.
"""


def markdown() -> str:
    """All types: their properties (type, who sets it, meaning), relations and operations."""
    return "\n".join([HEAD, *(line for one in TYPES for line in _type(one))])


def _type(one: Type) -> Iterator[str]:
    implements = ", ".join(f"`{each.removeprefix(CORE).strip('/')}`" for each in one.implements)
    yield f"## {one.service}: {one.title}\n"
    yield f"{one.summary}. Type `{one.id}`, which implements {implements}.\n"
    yield "| property | type | set by | meaning |\n|---|---|---|---|"
    for name, each in one.properties.items():
        yield f"| `{name}` | {_kind(each)} | {_set_by(each)} | {_meaning(each)} |"
    yield "\n| linked with | type | how many |\n|---|---|---|"
    for name, link in one.relations.items():
        yield f"| `{name}` | `{link.type}` | {_how_many(link)} |"
    if one.operations:
        yield "\n| operation | call | for |\n|---|---|---|"
        for name, operation in one.operations.items():
            yield f"| `{name}` | `{operation.verb} {operation.path}` | {_for(operation)} |"
    yield ""


def _kind(one: Property) -> str:
    if one.is_counter:
        return f"counter, in {one.unit}"
    if one.type == "array":
        return f"list of {one.more['items']['type']}s"
    if "format" in one.more:
        return f"{one.type}, {one.more['format']}"
    return f"{one.type}, sealed" if one.encrypted else one.type


def _set_by(one: Property) -> str:
    if one.is_counter:
        return "both"
    if one.readonly:
        return "oxherd"
    return ("controller, once" if one.final else "controller") + (", required" if one.required else "")


def _meaning(one: Property) -> str:
    words = f"{one.title}. {one.description}" if one.description else one.title
    if "enum" in one.more:
        words += ": " + ", ".join(f"`{each}`" for each in one.more["enum"])
    return f"{words} (`{str(one.more['default']).lower()}` if absent)" if "default" in one.more else words


def _how_many(link: Relation) -> str:
    if link.collection:
        return "any number"
    return "one" if link.required else "one or none"


def _for(operation: Operation) -> str:
    names = {"owner": "customers", "referrer": "those linked with it", "admin": "providers"}
    return ", ".join(name for role, name in names.items() if operation.access.get(role))
