"""Names of groups and resources as the platform takes them.

Sources: CHECK_GROUP_UID_REGEXP of Group.properties and CHECK_RES_UID_REGEXP of Resource.properties, which are the same.
"""

import re
import unicodedata

from oxherd.errors import Refused
from oxherd.inputs import one_line

NAME = re.compile(r"[A-Za-z0-9$@%.+_ -]+")
LONGEST_NAME = 100
NOT_ASCII = {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}


def object_name(text: str, *, missing: str) -> str:
    """The name without stray blanks. missing: the sentence for none. Raises Refused at `name`."""
    line = one_line(text, "name", most=LONGEST_NAME, missing=missing)
    if not NAME.fullmatch(line):
        raise Refused("Use letters a-z, digits, blanks and $ @ % . + - _ only.", field="name")
    return line


def object_name_from(display_name: str) -> str:
    """A name made from a display name in any script; empty where nothing is left of it."""
    spelled = "".join(NOT_ASCII.get(sign, sign) for sign in display_name)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return " ".join("".join(NAME.findall(plain)).split())[:LONGEST_NAME].rstrip()
