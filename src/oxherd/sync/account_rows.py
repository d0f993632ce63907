"""An OX account's rows, read in one statement and settled in another.

Plain SQL, since these two run for every object: through the ORM they took four times the processor's time.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from oxherd.ox.interface import ContextAccess, Platform
from oxherd.people.states import UserStatus
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence
from oxherd.sync.platforms import access, platform

READ = """
SELECT account.id, account.user_id, account.tenant_id, account.presence, account.ox_id, account.ox_name,
       account.former_names, account.attempts, account.delete_after > now() AS is_held_back, account.applied,
       account.marker::text AS marker, tenant.marker::text AS tenant_marker,
       account.primary_address, account.sealed_password,
       person.login, person.display_name, person.given_name, person.surname, person.language, person.time_zone,
       (SELECT coalesce(array_agg(address), '{}') FROM oxherd_address
         WHERE user_id = person.id AND kind = 'alias') AS aliases,
       (SELECT digest FROM oxherd_photo WHERE user_id = person.id) AS photo_digest,
       profile.access_combination, profile.class_of_service, profile.drive_quota_mb, profile.mail_quota_mb,
       profile.documents, profile.guard,
       tenant.context_id, tenant.context_admin, tenant.sealed_context_password,
       tenant.is_provisioned AND tenant.state = 'active' AS is_ready,
       brand.platform AS kind, brand.api, brand.api_url, brand.username, brand.sealed_password AS sealed_brand_password,
       brand.username_changeable
  FROM oxherd_oxaccount account
  JOIN oxherd_serviceuser person ON person.id = account.user_id
  JOIN oxherd_profile profile ON profile.id = account.profile_id
  JOIN oxherd_tenant tenant ON tenant.id = account.tenant_id
  JOIN oxherd_brand brand ON brand.id = tenant.brand_id
"""

# The person is locked first, as commands do it: the other way round the two could wait for each other. Whoever had to
# wait for a command has not seen what it asked for, and writes nothing: the answer is True, and it is said once more.
# The password that was delivered goes; a newer one stays for its own job, and so does the status that it set. What was
# noted of the platform since the push began stays too: a repair, whose own job follows, has found it to differ.
SETTLE = """
WITH seen AS MATERIALIZED (
    SELECT xmin::text AS version FROM oxherd_serviceuser WHERE id = %(user)s
), person AS MATERIALIZED (
    SELECT id, xmin::text AS version FROM oxherd_serviceuser WHERE id = %(user)s FOR UPDATE
), changed AS MATERIALIZED (
    SELECT EXISTS (SELECT 1 FROM person, seen WHERE person.version <> seen.version) AS meanwhile
), closed AS (
    UPDATE oxherd_syncjob SET state = 'done', sentence = '', cause = '', finished_at = now(), next_try_at = NULL
     WHERE id = %(job)s AND state = 'running' AND tries = %(tries)s AND NOT (SELECT meanwhile FROM changed)
    RETURNING id
), settled AS (
    UPDATE oxherd_oxaccount account
       SET ox_id = %(ox_id)s, ox_name = %(ox_name)s, former_names = '[]',
           attempts = CASE WHEN %(ox_id)s::int IS NULL THEN attempts ELSE '[]' END,
           applied = %(applied)s::jsonb || coalesce(
               (SELECT jsonb_object_agg(key, value) FROM jsonb_each(account.applied)
                 WHERE value IS DISTINCT FROM %(before)s::jsonb -> key), '{}'),
           drive_used_mb = coalesce(%(drive_used_mb)s, drive_used_mb),
           drive_used_at = CASE WHEN %(drive_used_mb)s::int IS NULL THEN drive_used_at ELSE now() END,
           sealed_password = CASE WHEN sealed_password = %(delivered)s THEN '' ELSE sealed_password END
     WHERE id = %(account)s AND user_id = (SELECT id FROM person) AND EXISTS (SELECT 1 FROM closed) RETURNING user_id
), shown AS (
    UPDATE oxherd_serviceuser SET status = %(status)s
     WHERE id = (SELECT user_id FROM settled)
       AND NOT EXISTS (SELECT 1 FROM oxherd_syncjob WHERE subject_kind = 'account' AND subject_id = %(account)s
                          AND id > %(job)s AND state IN ('waiting', 'parked', 'running'))
)
SELECT meanwhile FROM changed
"""


@dataclass(slots=True)
class AccountNow:
    """An account as it stands now, with what its push needs of user, profile, tenant and brand."""

    id: int
    user_id: int
    tenant_id: int
    presence: str
    ox_id: int | None
    ox_name: str
    former_names: list[str]
    attempts: list[dict[str, Any]]
    is_held_back: bool | None
    applied: dict[str, Any]
    marker: str
    tenant_marker: str
    primary_address: str
    sealed_password: str = field(repr=False)
    login: str
    display_name: str
    given_name: str
    surname: str
    language: str
    time_zone: str
    aliases: list[str]
    photo_digest: str | None
    access_combination: str
    class_of_service: str
    drive_quota_mb: int | None
    mail_quota_mb: int | None
    documents: bool | None
    guard: bool | None
    context_id: int | None
    context_admin: str
    sealed_context_password: str = field(repr=False)
    is_ready: bool
    kind: str
    api: str
    api_url: str
    username: str
    sealed_brand_password: str = field(repr=False)
    username_changeable: bool
    drive_used_mb: int | None = None  # where an answer of the platform told
    known_ox_id: int | None = field(init=False)  # when the push began
    known_applied: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.applied, self.former_names = _json(self.applied), _json(self.former_names)
        self.attempts = _json(self.attempts)
        self.known_ox_id, self.known_applied = self.ox_id, self.applied

    @property
    def name(self) -> str:
        """The user's name on the platform: the login, unless there is a user whose name cannot be changed."""
        return self.ox_name if self.ox_id is not None and not self.username_changeable else self.login

    @property
    def platform(self) -> Platform:
        return platform(self.kind, self.api_url, self.username, self.sealed_brand_password, self.api)

    @property
    def access(self) -> ContextAccess:
        return access(self.context_id, self.context_admin, self.sealed_context_password)


def read(account_id: int) -> AccountNow | None:
    return next(iter(_read("account.id = %s", account_id)), None)


def read_in_ox(tenant_id: int, ox_ids: Collection[int]) -> list[AccountNow]:
    """The accounts of a tenant that stand for these users of the platform."""
    return _read("account.tenant_id = %s AND account.ox_id = ANY(%s)", tenant_id, list(ox_ids))


def read_marked(tenant_id: int, markers: Collection[str]) -> list[AccountNow]:
    """The accounts of a tenant that carry these marks."""
    return _read("account.tenant_id = %s AND account.marker = ANY(%s::uuid[])", tenant_id, list(markers))


def read_named(tenant_id: int, names: Collection[str]) -> list[AccountNow]:
    """The accounts of a tenant whose users have, or would have, these names on the platform."""
    in_ox = _read("account.tenant_id = %s AND account.ox_name = ANY(%s)", tenant_id, list(names))
    awaited = _read(
        "account.tenant_id = %s AND account.ox_id IS NULL AND person.login = ANY(%s)", tenant_id, list(names)
    )
    return [*in_ox, *awaited]


def read_attempted(tenant_id: int, names: Collection[str]) -> list[AccountNow]:
    """The accounts of a tenant for which users of these names may have been made, and nobody knows."""
    attempted = "EXISTS (SELECT 1 FROM jsonb_array_elements(account.attempts) each WHERE each ->> 'name' = ANY(%s))"
    return _read(f"account.tenant_id = %s AND account.ox_id IS NULL AND {attempted}", tenant_id, list(names))


def _read(where: str, *values: Any) -> list[AccountNow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{READ} WHERE {where}", values)
        rows = cursor.fetchall()
    return [AccountNow(*row) for row in rows]


def settle(now: AccountNow, applied: dict[str, Any], job: SyncJob) -> None:
    """Write down in one statement what the platform holds now, and close the job; nothing if it is ours no more."""
    values = {
        "ox_id": now.ox_id,
        "ox_name": now.name if now.ox_id else "",
        "drive_used_mb": now.drive_used_mb,
        "status": UserStatus.ENABLED if now.presence == Presence.PRESENT else UserStatus.DISABLED,
        "applied": json.dumps(applied),
        "before": json.dumps(now.known_applied),
        "delivered": now.sealed_password,
        "account": now.id,
        "user": now.user_id,
        "job": job.pk,
        "tries": job.tries,
    }
    meanwhile = True
    with connection.cursor() as cursor:
        while meanwhile:
            cursor.execute(SETTLE, values)
            (meanwhile,) = cursor.fetchone() or (False,)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
