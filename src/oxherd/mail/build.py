"""Brings the schema that the mail servers read to this version: after each migration, where something has changed."""

from hashlib import sha256
from importlib.resources import files

from django.conf import settings
from django.db import connection, transaction

from oxherd.mail.roles import DOVECOT_READS, POSTFIX_READS, make_roles, roles

SCHEMA = files("oxherd.mail").joinpath("schema.sql")


def build() -> list[str]:
    """Make schema `mail` and the rights of the servers' roles. Returns sentences on what the owner may not do."""
    statements = SCHEMA.read_text()
    complaints = make_roles()
    fingerprint = sha256(f"{statements}{POSTFIX_READS}{DOVECOT_READS}{_present_roles()}".encode()).hexdigest()
    if _built() == fingerprint:
        return complaints
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS mail CASCADE")
        cursor.execute(statements)
        cursor.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mail FROM PUBLIC")
        for role in _present_roles():
            for right in _rights(role):
                cursor.execute(right)
        cursor.execute("COMMENT ON SCHEMA mail IS %s", [fingerprint])
    return complaints


def tear_down() -> None:
    """Take the schema away, so that the tables below it can be changed; servers put mail off until `build`."""
    connection.cursor().execute("DROP SCHEMA IF EXISTS mail CASCADE")


def _rights(role: str) -> list[str]:
    name = connection.ops.quote_name(role)
    reads = POSTFIX_READS if role == settings.OXHERD_POSTFIX_ROLE else DOVECOT_READS
    rights = [f"GRANT USAGE ON SCHEMA mail TO {name}", f"GRANT EXECUTE ON FUNCTION {', '.join(reads)} TO {name}"]
    if role == settings.OXHERD_DOVECOT_ROLE:
        rights.append(f"GRANT SELECT ON mail.mailboxes TO {name}")  # for commands that go through all mailboxes
        rights.append(f"GRANT SELECT, INSERT, UPDATE ON mail.used TO {name}")
    return rights


def _present_roles() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(roles())])
        return sorted(name for (name,) in cursor.fetchall())


def _built() -> str:
    """The fingerprint of the schema that is there; empty for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace('mail'), 'pg_namespace')")
        return cursor.fetchone()[0] or ""
