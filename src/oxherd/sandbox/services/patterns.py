"""Search patterns: `*` any text, `_` any one character, `\\_` a literal underscore; and the pages of a list."""

import re
from typing import Any

_TOKENS = re.compile(r"\\_|\\\\|.", re.DOTALL)


def as_like(pattern: str) -> str:
    """For `LIKE ... ESCAPE '\\'` on a folded column."""
    words = {"*": "%", "_": "_", r"\_": r"\_", "%": r"\%", "\\": r"\\", r"\\": r"\\"}
    return "".join(words.get(token, token) for token in _TOKENS.findall(pattern))


def as_glob(pattern: str) -> str:
    """For GLOB, which minds upper and lower case."""
    words = {"*": "*", "_": "?", r"\_": "_", "?": "[?]", "[": "[[]", r"\\": "\\"}
    return "".join(words.get(token, token) for token in _TOKENS.findall(pattern))


def limits(length: Any, offset: Any) -> tuple[int, int]:
    """For `LIMIT ? OFFSET ?`; without a length everything."""
    return (length if length is not None and length >= 0 else -1, max(offset or 0, 0))
