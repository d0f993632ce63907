"""The cast, made by the commands once in a run, and put back as it was for each test: rows, times and all.

The commands take a fifth of a second for it, and that before most tests.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone
from tests.emptying import LASTING, empty

if TYPE_CHECKING:
    from tests.cast import Cast

# Triggers fill these when the rows that they are about come back.
FILLED_BY_TRIGGERS = frozenset({"oxherd_auditunsealed", "procrastinate_events"})


@dataclass(frozen=True, slots=True)
class Kept:
    cast: "Cast"
    at: datetime
    insert: str  # brings all rows back, with all times as long ago as they were then


def keep(schema: str, cast: "Cast") -> Kept:
    """Move all rows that there are into tables of another schema. cast: what the tests know of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        inserts = [_keep_table(cursor, schema, name) for name in sorted(_filled(cursor))]
    empty()
    return Kept(cast, timezone.now(), "; ".join(inserts))


def put_back(kept: Kept) -> "Cast":
    """All of it again, as objects that no other test has had."""
    age = timezone.now() - kept.at
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(kept.insert.replace("AGE", f"interval '{age.total_seconds():f} seconds'"))
    cast = deepcopy(kept.cast)
    seen: set[int] = set()
    for name in cast.__slots__:
        _make_younger(getattr(cast, name), age, seen)
    return cast


def _filled(cursor: Any) -> list[str]:
    names = set(connection.introspection.table_names(cursor)) - LASTING - FILLED_BY_TRIGGERS
    cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names))
    return [name for (name,) in cursor.fetchall()]


def _keep_table(cursor: Any, schema: str, name: str) -> str:
    """Copy the rows; returns the statement that copies them back."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [name],
    )
    columns = cursor.fetchall()
    cursor.execute(f"CREATE TABLE {schema}.{name} AS TABLE {name}")
    names = ", ".join(f'"{column}"' for column, _ in columns)
    values = ", ".join(f'"{column}"' + (" + AGE" if "time zone" in kind else "") for column, kind in columns)
    return f"INSERT INTO {name} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {schema}.{name}"


def _make_younger(row: models.Model, age: timedelta, seen: set[int]) -> None:
    """As the rows are now: of this object, and of those that it knows already."""
    if id(row) in seen:
        return
    seen.add(id(row))
    for field in row._meta.concrete_fields:
        if isinstance(value := row.__dict__.get(field.attname), datetime):
            setattr(row, field.attname, value + age)
    for other in row._state.fields_cache.values():
        if isinstance(other, models.Model):
            _make_younger(other, age, seen)
