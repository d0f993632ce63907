"""How much of Drive users have in use, as far as an answer of the platform has told."""

from collections.abc import Mapping

from django.db import connection

# Whoever holds an account just now is left out: this must not wait for commands, nor they for this.
NOTE = """
WITH seen AS MATERIALIZED (
    SELECT account.id, fresh.used
      FROM oxherd_oxaccount account JOIN unnest(%s::bigint[], %s::int[]) AS fresh (id, used) ON fresh.id = account.id
     WHERE account.drive_used_mb IS DISTINCT FROM fresh.used OR account.drive_used_at < now() - interval '1 day'
     ORDER BY account.id FOR UPDATE OF account SKIP LOCKED
)
UPDATE oxherd_oxaccount account SET drive_used_mb = seen.used, drive_used_at = now()
  FROM seen WHERE seen.id = account.id
"""


def note_drive_use(used: Mapping[int, int]) -> None:
    """Write down megabytes by the account's id; what is known since less than a day is not written again."""
    if used:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [list(used), list(used.values())])
