"""The audit as a file, piece by piece: in constant memory, however much it is."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet, TextChoices

from oxherd import keyset
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import COLUMNS, as_row
from oxherd.spreadsheets import line

BATCH = 1000
ORDER = "-at"
Rows = Iterator[Mapping[str, Any]]


class Form(TextChoices):
    CSV = "csv", "CSV"
    JSON_LINES = "jsonl", "JSON lines"


TYPES = {Form.CSV: "text/csv; charset=utf-8", Form.JSON_LINES: "application/x-ndjson"}


def exported(found: QuerySet[AuditEntry], form: Form) -> Iterator[str]:
    """Entries as text, newest first; of an empty result, CSV has its first line."""
    return WRITERS[form](found)


def _rows(found: QuerySet[AuditEntry]) -> Iterator[list[Mapping[str, Any]]]:
    """By keyset: no transaction stays open while somebody reads slowly."""
    after, more = None, True
    while more:
        entries, more = keyset.page(found, order=ORDER, after=after, size=BATCH)
        yield [as_row(entry) for entry in entries]
        after = (entries[-1].at, entries[-1].pk) if entries else None


def _csv(found: QuerySet[AuditEntry]) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + line(COLUMNS)  # by the mark Excel knows the text for UTF-8
    for rows in _rows(found):
        yield "".join(line(map(_cell, row.values())) for row in rows)


def _json_lines(found: QuerySet[AuditEntry]) -> Iterator[str]:
    for rows in _rows(found):
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


WRITERS: Mapping[Form, Callable[[QuerySet[AuditEntry]], Iterator[str]]] = {Form.CSV: _csv, Form.JSON_LINES: _json_lines}
