"""Addresses of anybody, inside and elsewhere, as people type and paste them."""

import re

from oxherd.domains.rules import domain_name, local_part
from oxherd.errors import Refused

LONGEST_ADDRESS = 320
# Whatever stands between the addresses of a pasted list.
BETWEEN = re.compile(r"[\s,;<>\"“”()\[\]]+")


def typed(text: str) -> list[str]:
    """The addresses of a text, one a line or a list from elsewhere, each once; names beside addresses are left out."""
    found: dict[str, str] = {}
    for line in re.split(r"[\r\n;,]+", text.replace("\x00", "")):
        words = [word.removeprefix("mailto:") for word in BETWEEN.split(line) if word.strip(".-*•")]
        addresses = [word for word in words if "@" in word]
        for word in addresses or words:
            found.setdefault(word.casefold(), word)
    return list(found.values())


def any_address(text: str, field: str) -> str:
    """The stored form of any address. Raises Refused at `field` for what is none."""
    before, at, after = text.strip().rpartition("@")
    if not at or not before or not after:
        raise Refused(f"“{text.strip()[:100]}” is not an address.", field=field)
    try:
        stored = f"{local_part(before, field)}@{domain_name(after, field)}"
    except Refused as refused:
        raise Refused(f"“{text.strip()[:100]}”: {refused.sentence}", field=field) from None
    if len(stored) > LONGEST_ADDRESS:
        raise Refused(f"“{stored[:100]}” is too long for an address.", field=field)
    return stored
