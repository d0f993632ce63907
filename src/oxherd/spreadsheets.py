"""Tables for other programs: CSV (RFC 4180) whose cells no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """A value as the text of a cell; what would be taken for a formula gets an apostrophe before it."""
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def line(values: Iterable[Any]) -> str:
    """One row of a table, with its line end."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in values])
    return out.getvalue()
