"""Reads what the stand-in shall hold from a YAML file, and says which line to mend."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TEXT, NUMBER, TEXTS, TEXT_OF, TEXTS_OF = (
    "a text",
    "a number",
    "a list of texts",
    "texts by name",
    "lists of texts by name",
)


@dataclass(frozen=True)
class Kind:
    """`fields` and `lists` by name: a field has one of the types above, a list holds objects of another kind."""

    word: str
    fields: dict[str, str]
    required: tuple[str, ...]
    lists: dict[str, "Kind"]


ADMIN = Kind("an admin", {"name": TEXT, "password": TEXT, "address": TEXT}, required=("name", "password"), lists={})
USER = Kind(
    "a user",
    {
        **dict.fromkeys(("name", "password", "given_name", "sur_name", "display_name", "address"), TEXT),
        **dict.fromkeys(("language", "timezone", "combination", "spam_level"), TEXT),
        **dict.fromkeys(("aliases", "class_of_service"), TEXTS),
        **dict.fromkeys(("quota", "mail_quota", "mail_kib", "files_mb"), NUMBER),
    },
    required=("name", "password", "given_name", "sur_name"),
    lists={},
)
GROUP = Kind("a group", {"name": TEXT, "display_name": TEXT, "members": TEXTS}, required=("name",), lists={})
RESOURCE = Kind(
    "a resource",
    dict.fromkeys(("name", "display_name", "address", "description"), TEXT),
    required=("name", "address"),
    lists={},
)
CONTEXT = Kind(
    "a context",
    {
        **dict.fromkeys(("name", "brand", "combination"), TEXT),
        **dict.fromkeys(("id", "quota", "max_users"), NUMBER),
        "login_mappings": TEXTS,
        "catchalls": TEXT_OF,
        "forwards": TEXTS_OF,
    },
    required=("name",),
    lists={"admin": ADMIN, "users": USER, "groups": GROUP, "resources": RESOURCE},
)
BRAND = Kind(
    "a brand",
    {
        **dict.fromkeys(("name", "password", "display_name", "below"), TEXT),
        "limits": TEXT_OF,
        "shared_domains": TEXTS,
    },
    required=("name", "password"),
    lists={},
)
SEED = Kind("the file", {}, required=(), lists={"brands": BRAND, "contexts": CONTEXT})


class SeedError(Exception):
    """`sentence` tells what is wrong at `line`, the first of which is 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


class Item(dict[str, Any]):
    """What one object says; `lines` tells where each of its fields stands."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def items_of(self, name: str) -> list["Item"]:
        found: list[Item] = self.get(name, [])
        return found


def read(path: Path) -> Item:
    """Raises SeedError."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise SeedError(1, "the file is not UTF-8 text.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SeedError(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise SeedError(1, f"this is not YAML: {error}.") from error
    return _item(root, SEED) if root is not None else Item(1)


def _item(node: yaml.Node, kind: Kind) -> Item:
    item = Item(_line(node))
    for key, value in _pairs(node, kind.word):
        if key not in kind.fields and key not in kind.lists:
            known = ", ".join([*kind.fields, *kind.lists])
            raise SeedError(_line(value), f"{kind.word} has no {key}; it may have {known}.")
        if key in item:
            raise SeedError(_line(value), f"{kind.word} has {key} twice.")
        item.lines[key] = _line(value)
        item[key] = _objects(value, key, kind.lists[key]) if key in kind.lists else _value(value, key, kind.fields[key])
    for name in kind.required:
        if not item.get(name):
            raise SeedError(item.line, f"{kind.word} needs {name}.")
    return item


def _objects(node: yaml.Node, name: str, kind: Kind) -> list[Item]:
    """An admin is one, and stands without a list."""
    if kind is ADMIN:
        return [_item(node, kind)]
    return [_item(each, kind) for each in _sequence(node, f"{name} is a list")]


def _value(node: yaml.Node, name: str, wanted: str) -> Any:
    if wanted == TEXTS:
        return [_text(each, name) for each in _sequence(node, f"{name} is {TEXTS}")]
    if wanted == TEXT_OF:
        return {key: _text(value, key) for key, value in _pairs(node, name)}
    if wanted == TEXTS_OF:
        return {key: _value(value, key, TEXTS) for key, value in _pairs(node, name)}
    text = _text(node, name)
    if wanted == TEXT:
        return text
    if not text.removeprefix("-").isdecimal() or len(text) > 9:  # noqa: PLR2004 - fits into 32 bits
        raise SeedError(_line(node), f"{name} is {NUMBER}.")
    return int(text)


def _text(node: yaml.Node, name: str) -> str:
    """As it is written, so that a number or a date may be a name as well."""
    if not isinstance(node, yaml.ScalarNode):
        raise SeedError(_line(node), f"{name} is {TEXT}.")
    return str(node.value)


def _sequence(node: yaml.Node, what: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise SeedError(_line(node), f"{what}.")
    return list(node.value)


def _pairs(node: yaml.Node, what: str) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise SeedError(_line(node), f"{what} is made of lines like name: value.")
    return [(_text(key, "a name"), value) for key, value in node.value]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
