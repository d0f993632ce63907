#!/usr/bin/env python3
"""Fail on files over 400 lines and functions over 40, unless they are listed here with a reason."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "tools", "bench")
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 40

# "path" or "path:function" -> why it may be longer.
MAY_BE_LONGER: dict[str, str] = {}


def too_long(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield (name, lines, limit) for the file and each of its functions that is over the limit."""
    name = str(path.relative_to(ROOT))
    text = path.read_text()
    if text.count("\n") > LINES_OF_A_FILE:
        yield name, text.count("\n"), LINES_OF_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{name}:{node.name}", lines, LINES_OF_A_FUNCTION


def main() -> int:
    paths = sorted(
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )
    found = {name: (lines, limit) for path in paths for name, lines, limit in too_long(path)}
    for name, (lines, limit) in found.items():
        if name not in MAY_BE_LONGER:
            print(f"{name} has {lines} lines, over {limit}: cut it, or list it in tools/check_sizes.py with a reason.")
    for name in MAY_BE_LONGER.keys() - found.keys():
        print(f"{name} is short enough now: take it off the list in tools/check_sizes.py.")
    return 1 if found.keys() ^ MAY_BE_LONGER.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
