"""The ZIP archive: nothing is unpacked that is too large or would leave its folder."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from oxherd.aps.checks.findings import Findings

LARGEST = 64 * 1024 * 1024
MOST_MEMBERS = 5000
ENCRYPTED = 0x1
SYMBOLIC_LINK = 0o120000
KIND_OF_FILE = 0o170000


def read(place: Path, findings: Findings) -> dict[str, bytes] | None:
    """Name -> content of all files; None if the archive is not to be read. Raises OSError."""
    if not place.name.endswith(".app.zip"):
        findings.advice(place.name, "The name of a package ends with .app.zip. Rename it.")
    try:
        with zipfile.ZipFile(place) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if not _may_be_read(entries, place.name, findings):
                return None
            if entries and entries[0].filename != "APP-LIST.xml":
                findings.advice(entries[0].filename, "Packages begin with APP-LIST.xml. Put that first in the archive.")
            return {one.filename: archive.read(one) for one in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        findings.error(place.name, f"This is no ZIP archive, or it is damaged ({error}). Build it anew.")
    except (NotImplementedError, RuntimeError) as error:
        findings.error(place.name, f"The archive cannot be unpacked ({error}). Store or deflate its files.")
    return None


def _may_be_read(entries: Iterable[zipfile.ZipInfo], archive: str, findings: Findings) -> bool:
    before = len(findings.all)
    entries = list(entries)
    total = sum(one.file_size for one in entries)
    if total > LARGEST:
        findings.error(archive, f"The files have {total} bytes together, over {LARGEST}. Leave out what no view needs.")
    if len(entries) > MOST_MEMBERS:
        findings.error(archive, f"There are {len(entries)} files, over {MOST_MEMBERS}. Leave out what no view needs.")
    seen: set[str] = set()
    for one in entries:
        if one.filename in seen:
            findings.error(one.filename, "The archive holds this file twice. Leave one of them out.")
        seen.add(one.filename)
        _check_entry(one, findings)
    return len(findings.all) == before


def _check_entry(one: zipfile.ZipInfo, findings: Findings) -> None:
    name = one.orig_filename
    parts = name.split("/")
    if "\\" in name or ":" in parts[0] or {"", ".", ".."} & set(parts):
        findings.error(name, "The path leaves the package, or is no plain path. Use names with / below the root.")
    if one.flag_bits & ENCRYPTED:
        findings.error(name, "The file is encrypted. Store it in the clear.")
    if (one.external_attr >> 16) & KIND_OF_FILE == SYMBOLIC_LINK:
        findings.error(name, "This is a link to another file. Put the file itself here.")
