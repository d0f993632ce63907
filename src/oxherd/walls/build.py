"""Brings the walls to this version: after each migration, and only where something has changed."""

from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from oxherd.walls.crossing import LEADS_BACK, VERIFIED_ELSEWHERE
from oxherd.walls.policies import TAKEN_AWAY, WALLED

# The operator of searches: PostgreSQL asks it before a policy only where it is marked as telling nothing of hidden
# rows. It compares, and nothing else. Without the mark a search would read each of a customer's rows.
SEARCH = "pg_catalog.ts_match_vq(tsvector, tsquery)"
MAKE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# What the panel may ask beyond its sight.
QUESTIONS = ("oxherd_verified_elsewhere(text[], bigint)", "oxherd_leads_back(text[], text[])")
ROLES_ARE_SET = 160000  # the version since which a member may be kept from becoming the role
FLAWS = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = %s"


def build() -> list[str]:
    """Make the panel's role, its rights and the policies. Returns sentences on what the owner's rights did not allow.

    Raises CommandError where there is no such role and it cannot be made.
    """
    for question in (VERIFIED_ELSEWHERE, LEADS_BACK):
        connection.cursor().execute(question)
    if not settings.OXHERD_PANEL_ROLE:
        return ["OXHERD_PANEL_ROLE is empty: the panel's queries have no second wall in the database."]
    _make_role()
    statements = list(_statements())
    fingerprint = sha256("\n".join(statements).encode()).hexdigest()
    if _built() != fingerprint:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION oxherd_walls() RETURNS text LANGUAGE sql AS $$ SELECT '{fingerprint}' $$"
            )
    return _mark_search()


def tear_down() -> None:
    """Take the policies off, so that tables can be changed: a column that a policy speaks of cannot be.

    The tables stay behind row-level security, and so the panel is shown nothing of them until `build`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'oxherd_panel' AND schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP POLICY oxherd_panel ON {connection.ops.quote_name(table)}")
        cursor.execute("DROP FUNCTION IF EXISTS oxherd_walls()")


def _make_role() -> None:
    role = settings.OXHERD_PANEL_ROLE
    with connection.cursor() as cursor:
        cursor.execute(FLAWS, [role])
        found = cursor.fetchone()
        if found is None:
            _try_to_make(role)
        elif found[0]:
            raise CommandError(f"The role {role} may bypass the walls. Take SUPERUSER, BYPASSRLS and CREATEROLE away.")
        may_become = "SET" if _version() >= ROLES_ARE_SET else "MEMBER"
        cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [role, may_become])
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {connection.ops.quote_name(role)} TO CURRENT_USER")


def _version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        return int(cursor.fetchone()[0])


def _try_to_make(role: str) -> None:
    try:
        with transaction.atomic():
            connection.cursor().execute(MAKE_ROLE.format(role=connection.ops.quote_name(role)))
    except DatabaseError as error:
        raise CommandError(
            f"The database has no role {role} for the panel, and it could not be made ({error}). Have it made: "
            f'CREATE ROLE "{role}" NOLOGIN; GRANT "{role}" TO CURRENT_USER. Or set OXHERD_PANEL_ROLE to nothing, '
            "and do without."
        ) from error


def _statements() -> Iterator[str]:
    """All that makes rights and policies, the same from whatever state."""
    role = connection.ops.quote_name(settings.OXHERD_PANEL_ROLE)
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for function in QUESTIONS:  # else whoever may sign in to the database may ask them, mail servers among them
        yield f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {role}"
    present = set(connection.introspection.table_names())
    for table in sorted(present & set(TAKEN_AWAY)):
        yield f"REVOKE {TAKEN_AWAY[table]} ON {table} FROM {role}"
    for table in sorted(present & set(WALLED)):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS oxherd_panel ON {table}"
        yield f"CREATE POLICY oxherd_panel ON {table} TO {role} USING ({WALLED[table]})"
    yield f"/* {', '.join(sorted(present))} */ SELECT 1"


def _built() -> str:
    """The fingerprint of the walls that stand; empty for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('oxherd_walls()') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return ""
        cursor.execute("SELECT oxherd_walls()")
        return str(cursor.fetchone()[0])


def _mark_search() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proleakproof FROM pg_proc WHERE oid = %s::regprocedure", [SEARCH])
        if cursor.fetchone()[0]:
            return []
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            cursor.execute(f"ALTER FUNCTION {SEARCH} LEAKPROOF")
            return []
    return [f"Searches are slow in the panel until a superuser runs: ALTER FUNCTION {SEARCH} LEAKPROOF"]
