"""Pages and scripts below ui/: what they load has to be there."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree, html

from oxherd.aps.checks.findings import Findings

DEFINED = re.compile(r"\bdefine\(\s*\[([^\]]*)\]")
QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


def check_views(files: Mapping[str, bytes], findings: Findings) -> None:
    """Every relative address in pages, and every relative module of scripts."""
    for path, content in files.items():
        if not path.startswith("ui/") or not path.endswith((".html", ".js")):
            continue
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            findings.error(path, "The file is not in UTF-8. Save it so.")
            continue
        wanted = _of_page(content) if path.endswith(".html") else _of_script(text)
        for address in wanted:
            # A module that is named with .js is sought from the page that has loaded the script, which stands in ui/.
            places = [posixpath.normpath(posixpath.join(folder, address)) for folder in (posixpath.dirname(path), "ui")]
            if not any(place in files for place in places):
                findings.error(
                    path, f"It loads {address}, which is not in the package. Add it, or correct the address."
                )


def _of_page(content: bytes) -> Iterator[str]:
    try:
        page: Any = html.document_fromstring(content)
    except etree.ParserError:  # nothing but comments, or nothing at all
        return
    for element, _, address, _ in page.iterlinks():
        is_loaded = element.tag in ("script", "link", "img", "iframe")
        if is_loaded and address and not re.match(r"[a-zA-Z][a-zA-Z0-9+.\-]*:|/|#", address):
            yield address.partition("?")[0].partition("#")[0]


def _of_script(text: str) -> Iterator[str]:
    for modules in DEFINED.findall(text):
        for module in QUOTED.findall(modules):
            if module.startswith("."):
                yield module if module.endswith(".js") else f"{module}.js"
