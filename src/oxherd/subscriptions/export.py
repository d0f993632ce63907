"""All that is stored of a customer, as a ZIP of tables, made while it is sent: memory stays the same for any number."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit import queries as audit
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains.models import Address, AddressKind, Domain, readable
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.groups.models import Group, Member, OutsideMember
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource
from oxherd.spreadsheets import line
from oxherd.subscriptions.queries import LIMITED, in_use
from oxherd.tenants.models import Tenant
from oxherd.tenants.queries import seats_of

BATCH = 500
PIECE = 64 * 1024  # bytes sent at once: each piece costs the web server something
README = """What oxherd has stored of this customer.

customer.json    the subscription: state, seats per profile, limits
*.csv            one table each; UTF-8, the first line names the columns. A cell that a spreadsheet would take for a
                 formula begins with an apostrophe.
audit.jsonl      who changed what, one JSON object in each line, the oldest first

Passwords are not in here, nor are mail, calendars, contacts and files, which are in OX.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """rows: of a tenant. cells: of one row, one for each column."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Tenant], QuerySet[Any]]
    cells: Callable[[Any], Iterable[Any]]


class Sink(io.RawIOBase):
    """What zipfile writes into, and what was written since the last look. It cannot go back, and zipfile knows how."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def take(self) -> bytes:
        taken, self.parts, self.size = b"".join(self.parts), [], 0
        return taken


def begin_export(*, actor: Actor, tenant: Tenant) -> Iterator[bytes]:
    """Note that the data are taken along, and return the parts of the ZIP.

    The audit log is in it where the actor may see it. Raises NotAllowed for who may not manage the customer.
    """
    actor.require(Permission.MANAGE_TENANTS, tenant)
    record(actor, Action.TENANT_EXPORT, tenant, place=tenant)
    return _parts(actor, tenant)


def _parts(actor: Actor, tenant: Tenant) -> Iterator[bytes]:
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("customer.json", json.dumps(_customer(tenant), indent=2, ensure_ascii=False))
        for table in TABLES:
            yield from _written(archive, sink, f"{table.name}.csv", _table(table, tenant))
        if actor.may(Permission.VIEW_AUDIT, tenant):
            yield from _written(archive, sink, "audit.jsonl", _audit(actor, tenant))
    yield sink.take()


def _written(archive: zipfile.ZipFile, sink: Sink, name: str, lines: Iterable[str]) -> Iterator[bytes]:
    with archive.open(name, "w", force_zip64=True) as file:
        for text in lines:
            file.write(text.encode())
            if sink.size >= PIECE:
                yield sink.take()
    yield sink.take()


def _table(table: Table, tenant: Tenant) -> Iterator[str]:
    yield line(table.columns)
    for row in table.rows(tenant).iterator(chunk_size=BATCH):
        yield line(table.cells(row))


def _audit(actor: Actor, tenant: Tenant) -> Iterator[str]:
    entries = audit.for_actor(actor).filter(tenant_id=tenant.pk).order_by("id")
    for entry in entries.iterator(chunk_size=BATCH):
        told = {
            "at": entry.at.isoformat(),
            "action": entry.action,
            "actor": entry.actor,
            "door": entry.door,
            "request_id": entry.request_id,
            "object": {"kind": entry.subject_kind, "name": entry.subject_name},
            "before": entry.before,
            "after": entry.after,
        }
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _customer(tenant: Tenant) -> dict[str, Any]:
    used = in_use(tenant)
    return {
        "name": tenant.name,
        "brand": str(tenant.brand),
        "state": tenant.state,
        "context": {"id": tenant.context_id, "name": tenant.context_name, "quota_mb": tenant.quota_mb},
        "created_at": tenant.created_at.isoformat(),
        "seats": [{"profile": str(row.profile), "bought": row.number, "used": row.used} for row in seats_of(tenant)],
        "limits": {word: {"limit": getattr(tenant, limit), "used": used[limit]} for limit, word in LIMITED.items()},
    }


def _users(tenant: Tenant) -> QuerySet[ServiceUser]:
    users = ServiceUser.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED)
    users = users.select_related("account__profile").prefetch_related("addresses")
    return users.defer("search", "search_text", "password_hash").order_by("pk")


def _user(user: ServiceUser) -> Iterable[Any]:
    account = getattr(user, "account", None)
    named = (user.display_name, user.given_name, user.surname, user.login_name, user.language, user.time_zone)
    ox = (account.profile, account, " ".join(map(readable, account.aliases))) if account else ("", "", "")
    return (*named, user.get_status_display(), *ox, user.created_at)


def _of(model: Any) -> Callable[[Tenant], QuerySet[Any]]:
    """The present rows of a tenant."""
    return lambda tenant: model.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED).order_by("pk")


TABLES = (
    Table(
        "users",
        (
            *("display_name", "given_name", "surname", "login", "language", "time_zone"),
            *("status", "profile", "primary_address", "aliases", "created_at"),
        ),
        _users,
        _user,
    ),
    Table(
        "aliases",
        ("login", "alias"),
        lambda tenant: (
            Address.objects.filter(user__tenant=tenant, kind=AddressKind.ALIAS).select_related("user").order_by("pk")
        ),
        lambda row: (row.user.login_name, row),
    ),
    Table(
        "groups",
        ("name", "display_name", "address", "senders", "created_at"),
        lambda tenant: _of(Group)(tenant).prefetch_related("addresses"),
        lambda row: (row.name, row.display_name, next(iter(row.addresses.all()), ""), row.senders, row.created_at),
    ),
    Table(
        "group_members",
        ("group", "login"),
        lambda tenant: (
            Member.objects.filter(group__in=_of(Group)(tenant)).select_related("group", "user").order_by("pk")
        ),
        lambda row: (row.group.name, row.user.login_name),
    ),
    Table(
        "group_outside_addresses",
        ("group", "address"),
        lambda tenant: (
            OutsideMember.objects.filter(group__in=_of(Group)(tenant)).select_related("group").order_by("pk")
        ),
        lambda row: (row.group.name, row),
    ),
    Table(
        "resources",
        ("name", "display_name", "description", "address", "manager", "created_at"),
        lambda tenant: _of(Resource)(tenant).select_related("manager"),
        lambda row: (
            *(row.name, row.display_name, row.description, row.readable_address),
            *(row.manager.login_name if row.manager else "", row.created_at),
        ),
    ),
    Table(
        "domains",
        ("domain", "parent", "verified", "verified_at", "catch_all", "created_at"),
        lambda tenant: _of(Domain)(tenant).select_related("parent", "catch_all"),
        lambda row: (
            *(row, row.parent or "", row.get_proof_display() if row.proof else "no", row.verified_at),
            *(row.catch_all.login_name if row.catch_all else "", row.created_at),
        ),
    ),
    Table(
        "forwarders",
        ("address", "created_at"),
        _of(Forwarder),
        lambda row: (row, row.created_at),
    ),
    Table(
        "forwarder_recipients",
        ("address", "recipient"),
        lambda tenant: (
            Recipient.objects.filter(forwarder__in=_of(Forwarder)(tenant))
            .select_related("forwarder", "user")
            .order_by("pk")
        ),
        lambda row: (row.forwarder, row.user.login_name if row.user else readable(row.address)),
    ),
)
