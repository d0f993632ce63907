"""Catalogues of translations: flat, complete, and with the same places for names.

What has no translation is shown as it stands, so that only a catalogue that cannot be read is an error.
"""

import re
from collections.abc import Iterator, Mapping

from oxherd.aps.checks.findings import Findings
from oxherd.aps.checks.schemas import strict_json

LOCALE = re.compile(r"i18n/[a-z]{2,3}_[A-Z]{2}\.json")
SAID = re.compile(r"\b_\(\s*\"((?:[^\"\\]|\\.)*)\"|\b_\(\s*'((?:[^'\\]|\\.)*)'")
PLACE = re.compile(r"__[A-Z]+__")


def check_texts(files: Mapping[str, bytes], described: set[str], findings: Findings) -> None:
    """described: texts of APP-META.xml. A package without catalogues has nothing to complete."""
    catalogues = {}
    for path, content in files.items():
        if path.startswith("i18n/") and path.endswith(".json"):
            if not LOCALE.fullmatch(path):
                findings.advice(path, "The name is none of a locale. Call it by language and country, as de_DE.json.")
            catalogue = _catalogue(path, content, findings)
            if catalogue is not None:
                catalogues[path] = catalogue
    wanted = described | set(_said(files)) if catalogues else set()
    everywhere = wanted.union(*catalogues.values())
    for path, catalogue in catalogues.items():
        for text in sorted(everywhere - catalogue.keys()):
            findings.advice(path, f"There is no translation of “{text}”. Add it.")
        for text, translation in catalogue.items():
            if sorted(PLACE.findall(text)) != sorted(PLACE.findall(translation)):
                findings.advice(path, f"The translation of “{text}” has other __NAMES__ than the text. Use the same.")


def _catalogue(path: str, content: bytes, findings: Findings) -> dict[str, str] | None:
    found = strict_json(path, content, findings)
    if found is None:
        return None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        findings.error(path, "A catalogue is one flat object: text to translation. Make it so.")
        return None
    for text in sorted(text for text, translation in found.items() if not translation.strip()):
        findings.advice(path, f"The translation of “{text}” is empty. Fill it in.")
    return found


def _said(files: Mapping[str, bytes]) -> Iterator[str]:
    for path, content in files.items():
        if path.startswith("ui/") and path.endswith((".js", ".html")):
            for doubled, single in SAID.findall(content.decode("utf-8", "replace")):
                yield re.sub(r"\\(.)", r"\1", doubled or single)
