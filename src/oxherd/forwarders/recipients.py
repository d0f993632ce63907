"""Who is meant by the addresses that somebody typed, and how a forwarder keeps them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from oxherd.domains.anywhere import any_address
from oxherd.domains.models import Address, AddressKind, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.forwarders.queries import mailboxes, owners
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Recipients:
    """users: ids of users of the customer. others: stored addresses, of forwarders and of elsewhere."""

    users: frozenset[int] = frozenset()
    others: frozenset[str] = frozenset()


def recipients_of(forwarder: Forwarder) -> Recipients:
    """All that are kept, those who were removed and can be restored among them."""
    rows = list(Recipient.objects.filter(forwarder=forwarder).values_list("user", "address"))
    return Recipients(frozenset(user for user, _ in rows if user), frozenset(each for _, each in rows if each))


def typed_of(forwarder: Forwarder) -> list[str]:
    """As a person would type them, sorted; who was removed has no address now and is left out."""
    kept = recipients_of(forwarder)
    users = ServiceUser.objects.filter(pk__in=kept.users, presence=Presence.PRESENT)
    addresses = {**dict(users.values_list("pk", "login")), **mailboxes(kept.users)}
    return sorted(readable(address) for address in (*addresses.values(), *kept.others))


def unseen(users: Collection[int]) -> frozenset[int]:
    """Those of the users who were removed and can be restored: they have no address to be typed."""
    removed = ServiceUser.objects.filter(pk__in=users, presence=Presence.REMOVED)
    return frozenset(removed.values_list("pk", flat=True))


def meant(
    tenant: Tenant, typed: Sequence[str], *, kept: Collection[int] = (), strict: bool = True, own: str = ""
) -> tuple[Recipients, list[str]]:
    """Whom these addresses mean, and a sentence for each that is not to be had; three queries.

    kept: ids of users who are recipients already, with or without OX. strict: addresses of the customer's own domains
    have to be somebody's who gets mail; else what is no user's stays as it is. own: the forwarder's stored address, of
    which it is told elsewhere that it leads back to itself.
    """
    problems: list[str] = []
    stored: list[str] = []
    for each in typed:
        try:
            stored.append(any_address(each, "recipients"))
        except Refused as refused:
            problems.append(refused.sentence)
    ours = set(of_tenant(tenant).values_list("name", flat=True))
    held = owners(tenant, stored)
    users = {row.user_id: row for row in held.values() if row.user_id}
    others = {address for address in stored if address not in held or not held[address].user_id}
    if strict:
        inside = [address for address in sorted(others) if address.rpartition("@")[2] in ours and address != own]
        problems += [sentence for address in inside if (sentence := _of_nobody(address, held.get(address)))]
        fresh = users.keys() - set(kept)
        problems += [_without_ox(users[pk]) for pk in sorted(fresh - mailboxes(fresh).keys())]
    return Recipients(frozenset(users), frozenset(others)), problems


def resolved(
    tenant: Tenant, typed: Sequence[str], *, kept: Collection[int] = (), strict: bool = True, own: str = ""
) -> Recipients:
    """As `meant`. Raises Refused at `recipients` for any address that is not to be had."""
    recipients, problems = meant(tenant, typed, kept=kept, strict=strict, own=own)
    if problems:
        more = len(problems) - MOST_TOLD
        told = problems[:MOST_TOLD] + ([f"And {more} more."] if more > 0 else [])
        raise Refused(" ".join(told), field="recipients")
    return recipients


def hold_users(tenant: Tenant, users: Iterable[int]) -> None:
    """Keep the users from being deleted until the commit. Raises Refused at `recipients` for one who is gone."""
    wanted = set(users)
    with connection.cursor() as cursor:  # Django has no FOR KEY SHARE, and checks foreign keys only at the commit
        cursor.execute(
            "SELECT id FROM oxherd_serviceuser WHERE id = ANY(%s) AND tenant_id = %s AND presence <> 'leaving' "
            "ORDER BY id FOR KEY SHARE",
            [list(wanted), tenant.pk],
        )
        missing = len(wanted) - len(cursor.fetchall())
    if missing:
        raise Refused("One of the users has been deleted meanwhile. Look at the recipients again.", field="recipients")


def inside(tenant: Tenant, others: Collection[str]) -> int:
    """How many of these stored addresses are of the tenant's own domains."""
    ours = set(of_tenant(tenant).values_list("name", flat=True))
    return sum(address.rpartition("@")[2] in ours for address in others)


def _of_nobody(address: str, row: Address | None) -> str:
    if row is None:
        return f"{readable(address)} is nobody's address. Correct it, or add the user first."
    if row.kind == AddressKind.FORWARDER:
        return ""
    return f"{readable(address)} is the address of {row.owner}, which has no mailbox. Name its users."


def _without_ox(row: Address) -> str:
    return f"OX is not enabled for {row.user}, who could not get this mail."
