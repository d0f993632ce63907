"""Packages of tests: the one that is built, taken apart and put together again with something changed."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oxherd.aps.checks import Finding, check
from oxherd.aps.package import members

LIST, META = "APP-LIST.xml", "APP-META.xml"
Files = dict[str, bytes]
Change = Callable[[Files], object]


def listed(files: Files) -> bytes:
    """APP-LIST.xml in words of our own, so that nothing is taken from the builder."""
    entries = "".join(
        f'<file name="{name}" size="{len(content)}" sha256="{hashlib.sha256(content).hexdigest()}"/>'
        for name, content in files.items()
        if name != LIST
    )
    return f'<files xmlns="http://apstandard.com/ns/1">{entries}</files>'.encode()


def packed(files: Files) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def changed(*changes: Change) -> Files:
    """The built package with these changes, and a list that fits them."""
    files = members(1)
    for change in changes:
        change(files)
    files[LIST] = listed(files)
    return files


def findings(folder: Path, content: bytes, name: str = "made.app.zip") -> list[Finding]:
    place = folder / name
    place.write_bytes(content)
    return check(place)


def errors(folder: Path, *changes: Change) -> list[str]:
    return [str(one) for one in findings(folder, packed(changed(*changes))) if one.is_error]


def advice(folder: Path, *changes: Change) -> list[str]:
    return [str(one) for one in findings(folder, packed(changed(*changes))) if not one.is_error]


def replaced(file: str, old: str, new: str) -> Change:
    """A change: in this file, the one text for the other; it has to be there."""

    def change(files: Files) -> None:
        text = files[file].decode()
        assert old in text
        files[file] = text.replace(old, new, 1).encode()

    return change


def schema(service: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """A change of a type, given as its JSON."""

    def applied(files: Files) -> None:
        path = f"schemas/{service}.schema"
        found = json.loads(files[path])
        change(found)
        files[path] = json.dumps(found).encode()

    return applied


def without(file: str) -> Change:
    return lambda files: files.pop(file)


def with_file(file: str, content: str) -> Change:
    return lambda files: files.update({file: content.encode()})
