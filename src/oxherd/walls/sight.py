"""What the database shows to the request at hand."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.db import connection

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission


@dataclass(frozen=True, slots=True)
class Sight:
    """all: every row. brands, tenants: those in which a role is held. administrator_id: who looks."""

    all: bool = False
    brands: frozenset[int] = frozenset()
    tenants: frozenset[int] = frozenset()
    administrator_id: int | None = None


# The brands of the tenants that are seen, of which their administrators know the look and the profiles.
BESIDE = """
SELECT set_config('oxherd.brands_beside', coalesce(array_agg(DISTINCT brand_id), '{}')::text, false)
FROM oxherd_tenant WHERE id = ANY (%s)
"""
NOTHING = Sight()
EVERYTHING = Sight(all=True)
_current: ContextVar[Sight | None] = ContextVar("sight", default=None)


def sight_of(actor: Actor) -> Sight:
    """As far as the actor's roles reach: what `Actor.sees` filters by."""
    grants = [grant for grant in actor.grants if Permission.VIEW in grant.permissions]
    return Sight(
        all=any(grant.brand_id is None and grant.tenant_id is None for grant in grants),
        brands=frozenset(grant.brand_id for grant in grants if grant.brand_id is not None),
        tenants=frozenset(grant.tenant_id for grant in grants if grant.tenant_id is not None),
        administrator_id=actor.administrator_id,
    )


@contextmanager
def seeing(sight: Sight) -> Iterator[Callable[[Sight], None]]:
    """What runs inside is shown only this by the database; what was shown before is shown again afterwards.

    Yields a function that goes over to another sight, for who finds out only inside who is there.
    """
    if not settings.OXHERD_PANEL_ROLE:
        yield lambda _: None
        return
    before = _current.get()
    try:
        _show(sight)  # without a database it fails, and must not stay for who comes next
        yield _show
    finally:
        _show(before)


def kept(sight: Sight, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an answer that is made while it is sent, each made with this sight."""
    source = iter(pieces)
    while True:
        with seeing(sight):
            piece = next(source, None)
        if piece is None:
            return
        yield piece


def _show(sight: Sight | None) -> None:
    """Past Django, since this is no query of anybody; a few short statements a request.

    Being the first ones, they also do what Django does before a request's first query: a connection that has died since
    the last request is replaced. Raises Django's OperationalError or InterfaceError where there is no database.
    """
    _current.set(sight)
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors, suppress(psycopg.errors.InFailedSqlTransaction):
        # In a transaction that has failed already the rollback takes the sight back, too.
        raw.execute(_statement(sight))
        if sight and sight.tenants:
            raw.execute(BESIDE, [sorted(sight.tenants)])


def _statement(sight: Sight | None) -> str:
    role = settings.OXHERD_PANEL_ROLE if sight else _role_outside()
    sight = sight or NOTHING
    values = {
        "role": role,
        "oxherd.sight": "all" if sight.all else "",
        "oxherd.brands": _array(sight.brands),
        "oxherd.tenants": _array(sight.tenants),
        "oxherd.brands_beside": "{}",
        "oxherd.administrator": str(sight.administrator_id or ""),
    }
    return "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in values.items())


def _role_outside() -> str:
    """Web processes have the role from the beginning of each connection; workers and commands never do."""
    return str(settings.DATABASES["default"]["OPTIONS"].get("assume_role", "none"))


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(str(int(number)) for number in sorted(numbers)) + "}"
