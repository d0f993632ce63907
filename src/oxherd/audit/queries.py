from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import SIGN_INS
from oxherd.audit.words import matching

MOST_ACTORS = 200
# Of an export.
COLUMNS = (
    *("id", "at", "action", "what", "actor", "administrator_id", "acting_for_id", "door", "token", "ip_address"),
    *("request_id", "brand_id", "tenant_id", "subject_kind", "subject_id", "subject_name", "before", "after", "undoes"),
)
# Each name once, by as many steps through an index as there are names: reading all entries would cost with each.
ACTORS = """
WITH RECURSIVE name AS (
    (SELECT actor FROM oxherd_auditentry WHERE {place} ORDER BY actor LIMIT 1)
    UNION ALL
    SELECT (SELECT actor FROM oxherd_auditentry WHERE {place} AND actor > name.actor ORDER BY actor LIMIT 1)
      FROM name WHERE name.actor IS NOT NULL)
SELECT actor FROM name WHERE actor IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What of the audit is asked for. Days are UTC, and both are included."""

    text: str = ""
    who: str = ""
    action: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    def described(self) -> dict[str, str]:
        """For the entry that tells of an export."""
        return {each.name: str(value) for each in fields(self) if (value := getattr(self, each.name))}


def for_actor(actor: Actor) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(actor.sees(brand="brand_id", tenant="tenant_id"))


def for_auditor(actor: Actor) -> QuerySet[AuditEntry]:
    """The entries of those places where the actor may look at the audit; not all who see an object may."""
    return AuditEntry.objects.filter(audited_places(actor))


def audited_places(actor: Actor) -> Q:
    return actor.sees(brand="brand_id", tenant="tenant_id", permission=Permission.VIEW_AUDIT)


def found(rows: QuerySet[AuditEntry], search: Search, *, tenant_id: int | None = None) -> QuerySet[AuditEntry]:
    """Those of the rows that are asked for. tenant_id: where all of them are one tenant's."""
    asked: dict[str, Any] = {"actor": search.who, "action": search.action, "subject_kind": search.kind}
    if search.since:
        asked["at__gte"] = _midnight(search.since)
    if search.until and search.until < date.max:
        asked["at__lt"] = _midnight(search.until + timedelta(days=1))
    rows = rows.filter(**{look_up: value for look_up, value in asked.items() if value})
    return matching(rows, search.text, tenant_id=tenant_id)


def actors(actor: Actor, *, tenant_id: int | None = None) -> list[str]:
    """Who has done anything: to a tenant, or, for those who see the whole provider's audit, at all."""
    if tenant_id is None and audited_places(actor):
        return []
    place, values = ("tenant_id = %s", [tenant_id]) if tenant_id is not None else ("true", [])
    with connection.cursor() as cursor:
        cursor.execute(ACTORS.format(place=place), [*values, *values, MOST_ACTORS])
        return [name for (name,) in cursor.fetchall()]


def of_act(actor: Actor, tenant_id: int, request_id: str) -> QuerySet[AuditEntry]:
    """What one request did to a tenant, the last first."""
    return for_actor(actor).filter(tenant_id=tenant_id, request_id=request_id).order_by("-id")


def undone(entries: Iterable[AuditEntry]) -> set[int]:
    """The ids of those entries that were taken back."""
    pks = [entry.pk for entry in entries]
    return {pk for pk in AuditEntry.objects.filter(undoes__in=pks).values_list("undoes", flat=True) if pk is not None}


def about(actor: Actor, subject_kind: str, subject_id: int) -> QuerySet[AuditEntry]:
    """What was done to one object, newest first. That a service user has signed in changes nothing, and is left out."""
    rows = for_actor(actor).filter(subject_kind=subject_kind, subject_id=subject_id)
    return rows.exclude(action__in=SIGN_INS).order_by("-id")


def as_row(entry: AuditEntry) -> dict[str, Any]:
    """All that an export tells of an entry, by column."""
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {name: getattr(entry, name) for name in COLUMNS} | {"at": at}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
