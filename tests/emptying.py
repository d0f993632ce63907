"""Empties the tables after a test that commits, much quicker than Django does.

Django truncates every table, which gives each of its indexes a new file, and then announces a migration. Most tables
were never touched: here only those with rows are emptied, and what migrations have put there stays.
"""

from functools import cache

from django.db import connection
from django.test import TransactionTestCase

# Filled by migrations, and by no test.
LASTING = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})
# Beyond so many rows it is cheaper to truncate.
MANY = 2000
EMPTY = """
DO $$
DECLARE
    name text;
    number bigint;
BEGIN
    FOREACH name IN ARRAY ARRAY[{tables}] LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %I LIMIT {many}) AS first', name) INTO number;
        IF number = {many} THEN
            EXECUTE format('TRUNCATE %I CASCADE', name);
        ELSIF number > 0 AND name IN ('oxherd_auditentry', 'oxherd_auditseal') THEN
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name);
            EXECUTE format('DELETE FROM %I', name);
            EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', name);
        ELSIF number > 0 THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
END $$
"""


def empty_quickly() -> None:
    """Let every test that commits be followed by this."""
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]


def empty(*_: object) -> None:
    """In one transaction: foreign keys are looked at when it ends."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())


@cache
def _statement() -> str:
    """Every table that is there: what counts attempts and what waits in the queue is in none of Django's own."""
    tables = set(connection.introspection.table_names()) - LASTING
    return EMPTY.format(tables=", ".join(f"'{name}'" for name in sorted(tables)), many=MANY)
