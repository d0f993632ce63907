"""As whom Postfix and Dovecot come to the database: each may ask its own look-ups, and nothing else."""

import base64
import hmac
import time
from hashlib import sha256

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from oxherd.errors import Refused

POSTFIX_READS = (
    *("mail.domain(text)", "mail.route(text)", "mail.mailbox(text)", "mail.transport(text)"),
    *("mail.restriction(text)", "mail.sender(text)"),
)
DOVECOT_READS = ("mail.credential(text)", "mail.app_password(text, text)", "mail.box(text)")
# Several processes may do this at once, and PostgreSQL refuses the second of two that change one role.
TRIES = 5
PAUSE_SECONDS = 0.2


def roles() -> tuple[str, str]:
    """The roles of Postfix and of Dovecot."""
    return settings.OXHERD_POSTFIX_ROLE, settings.OXHERD_DOVECOT_ROLE


def make_roles() -> list[str]:
    """Make the roles, as yet without a way to sign in. Returns a sentence where the owner of the tables may not."""
    missing = [role for role in roles() if role and not _exists(role)]
    for role in missing:
        try:
            with transaction.atomic():
                connection.cursor().execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        except DatabaseError:
            if not _exists(role):  # else another process was quicker
                wanted = "; ".join(f"CREATE ROLE {name} LOGIN" for name in missing)
                return [f"Mail servers cannot read here until a superuser runs {wanted}, and `oxherd migrate` again."]
    return []


def password_of(role: str) -> str:
    """The role's password: from the encryption key, so that it is the same whenever configuration is written."""
    key = settings.OXHERD_ENCRYPTION_KEYS[0]
    digest = hmac.digest(key if isinstance(key, bytes) else key.encode(), f"mail:{role}".encode(), sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def let_in() -> None:
    """Let the roles sign in with their passwords, read only but for what Dovecot tells, and never for long.

    Raises Refused with what a superuser must do where this database's owner may not.
    """
    postfix, dovecot = roles()
    limits = {"statement_timeout": "'5s'", "idle_in_transaction_session_timeout": "'30s'"}
    for role, more in ((postfix, {"default_transaction_read_only": "on"}), (dovecot, {})):
        # As the server would store it, since statements may stand in its log.
        verifier = connection.cursor().connection.pgconn.encrypt_password(
            password_of(role).encode(), role.encode(), b"scram-sha-256"
        )
        statements = [
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
        ]
        for name, value in {**limits, **more}.items():
            statements.append(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), sql.SQL(value))
            )
        _alter(role, statements)


def _alter(role: str, statements: list[sql.Composed]) -> None:
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        except DatabaseError as error:
            if "concurrently" in str(error) and left:
                time.sleep(PAUSE_SECONDS)
                continue
            # The text of the error may quote the statement, with the password in it.
            raise Refused(
                f"The role {role} cannot be changed by the owner of the database ({type(error).__name__}). Have a "
                f"superuser grant it the right: ALTER ROLE owner CREATEROLE, and run this again."
            ) from None
        else:
            return


def _exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None
