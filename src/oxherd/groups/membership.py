"""Who is in a group: written in a few statements, however many come and go. Always inside a command's transaction.

Ids travel as one array: a list of a hundred thousand values would keep the server at reading the statement.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection

from oxherd.groups import rules
from oxherd.groups.models import Group

COME = """
INSERT INTO oxherd_member (group_id, user_id) SELECT %s, id FROM unnest(%s::bigint[]) AS id ORDER BY id
ON CONFLICT DO NOTHING RETURNING user_id
"""
GO = "DELETE FROM oxherd_member WHERE group_id = %s AND user_id = ANY(%s) RETURNING user_id"
LOGINS = "SELECT login FROM oxherd_serviceuser WHERE id = ANY(%s) ORDER BY login"


def bring_in(group: Group, user_ids: Collection[int]) -> set[int]:
    """Returns who is new. Raises Refused at `members` for users who are not there."""
    if not user_ids:
        return set()
    rules.are_users_of(group.tenant, user_ids)
    return {user_id for (user_id,) in _rows(COME, [group.pk, list(set(user_ids))])}


def take_out(group: Group, user_ids: Collection[int]) -> set[int]:
    """Returns who has been a member."""
    return {user_id for (user_id,) in _rows(GO, [group.pk, list(user_ids)])} if user_ids else set()


def logins(user_ids: Iterable[int]) -> list[str]:
    """Who they are, for the audit, in order of their logins."""
    return [login for (login,) in _rows(LOGINS, [list(user_ids)])]


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
