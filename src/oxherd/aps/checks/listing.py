"""APP-LIST.xml: names each other file, with its size and SHA-256."""

import hashlib
from collections.abc import Mapping

from lxml import etree

from oxherd.aps.checks.findings import Findings

LIST = "APP-LIST.xml"
NAMESPACE = "http://apstandard.com/ns/1"


def parsed(files: Mapping[str, bytes], name: str, findings: Findings) -> etree._Element | None:
    """The file's root. Nothing outside the file is fetched, and no entity is replaced."""
    if name not in files:
        findings.is_missing(name, "The file is missing. Every package has it at its root.")
        return None
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(files[name], parser)
    except etree.XMLSyntaxError as error:
        findings.error(name, f"This is no well-formed XML ({name}, line {error.lineno}: {error.msg}). Mend it there.")
        return None
    if not _is_utf_8(root, files[name]):
        findings.error(name, "The file is not in UTF-8, which the standard wants. Save it so.")
        return None
    if b"<!DOCTYPE" in files[name]:
        findings.error(name, "The file has a DOCTYPE, which may name files outside. Take it out.")
        return None
    return root


def _is_utf_8(root: etree._Element, content: bytes) -> bool:
    told = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return told in ("UTF-8", "US-ASCII", "ASCII")


def check_list(files: Mapping[str, bytes], findings: Findings) -> None:
    """That the list and the files agree."""
    root = parsed(files, LIST, findings)
    if root is None:
        return
    if root.tag != f"{{{NAMESPACE}}}files":
        findings.error(LIST, f"The root is {root.tag}. It has to be files, of the namespace {NAMESPACE}.")
        return
    listed: set[str] = set()
    for entry in root.iterfind(f"{{{NAMESPACE}}}file"):
        name = entry.get("name", "")
        if name in listed:
            findings.error(LIST, f"{name} is listed twice. Keep one entry.")
        listed.add(name)
        _check_entry(name, entry.get("size", ""), entry.get("sha256", ""), files, findings)
    for name in sorted(files.keys() - listed - {LIST}):
        findings.error(name, f"The file is not in {LIST}. List it, or leave it out of the archive.")


def _check_entry(name: str, size: str, sha256: str, files: Mapping[str, bytes], findings: Findings) -> None:
    if name == LIST:
        findings.error(LIST, "It lists itself. Take that entry out.")
    elif name not in files:
        told = name or "a file without a name"
        findings.is_missing(LIST, f"It lists {told}, which is not in the archive. Add the file, or take the entry out.")
    elif size != str(len(files[name])):
        findings.error(name, f"The file has {len(files[name])} bytes, and {size or 'none'} by {LIST}. List it anew.")
    elif sha256 != hashlib.sha256(files[name]).hexdigest():
        findings.error(name, f"The SHA-256 is another than in {LIST} (lower-case hex digits). List it anew.")
