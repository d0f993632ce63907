"""The package which a controller imports: made from the type definitions and the files beside this module."""

import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from oxherd.aps.metadata import NAME, VERSION, app_list, app_meta
from oxherd.aps.types import TYPES

FILES = files("oxherd.aps") / "files"
LIST, META = "APP-LIST.xml", "APP-META.xml"
# The earliest moment that a ZIP archive can tell.
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE_BY_ALL = 0o100644 << 16
UNIX = 3


def build(folder: Path, release: int = 1) -> Path:
    """Write `{name}-{version}-{release}.app.zip` into the folder, which is made if it is missing.

    The same sources and release give the same bytes, whenever and wherever it is built. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{NAME}-{VERSION}-{release}.app.zip"
    contents = members(release)
    # Stored, not deflated: implementations of deflate differ in the bytes that they write.
    with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = UNIX, READABLE_BY_ALL
            archive.writestr(entry, content)
    return place


def members(release: int) -> dict[str, bytes]:
    """Name -> content, in the order of the archive: the list, the description, then all others by name."""
    others = {f"schemas/{one.service}.schema": _json(one.schema()) for one in TYPES}
    others |= {name: place.read_bytes() for name, place in _files(FILES)}
    listed = {META: app_meta(release), **dict(sorted(others.items()))}
    return {LIST: app_list(listed), **listed}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each, f"{above}{each.name}/")
        else:
            yield f"{above}{each.name}", each
