"""The question that reaches over the walls, as narrow as can be: answered by the owner of the tables.

A verified domain is unique over all customers. To say so before the unique index does, the panel must learn that
somebody has it; it learns nothing else, and only of names that it asks for.
"""

from collections.abc import Iterable

from django.db import connection

VERIFIED_ELSEWHERE = """
CREATE OR REPLACE FUNCTION oxherd_verified_elsewhere(text[], bigint) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ SELECT name FROM oxherd_domain WHERE name = ANY ($1) AND verified_at IS NOT NULL
   AND presence <> 'removed' AND tenant_id <> $2 $$
"""


def verified_elsewhere(names: Iterable[str], tenant_id: int) -> set[str]:
    """Which of these domain names (stored form) another tenant has proved to own; one query, none for none."""
    asked = list(names)
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM oxherd_verified_elsewhere(%s, %s)", [asked, tenant_id])
        return {name for (name,) in cursor.fetchall()}
