"""Who owns the tables can do what the product never does: change the audit."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TABLES = ("oxherd_auditentry", "oxherd_auditseal")


@contextmanager
def tampering() -> Iterator[None]:
    """What runs inside may change and delete entries and seals."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def tamper(statement: str, *values: object) -> None:
    """One statement of SQL with the triggers off."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute(statement, values)
