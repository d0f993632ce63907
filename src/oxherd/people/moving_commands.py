"""The verb that takes users along to another domain: all that they have in one, of many in few statements."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction

from oxherd.accounts.actor import Actor
from oxherd.audit.commands import Told, changes, record_all
from oxherd.audit.states import Action
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.errors import Refused
from oxherd.people.bulk_records import locked_all, push_all, require_all
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import words
from oxherd.provisioning.states import Presence
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered

# Of two addresses of a user that become one, the row with the higher kind stays.
RANKS = (AddressKind.ALIAS, AddressKind.LOGIN, AddressKind.PRIMARY)
USERS = """
UPDATE oxherd_serviceuser person
   SET login = fresh.login, domain_id = fresh.domain, search_text = fresh.words, changed_at = now()
  FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS fresh (id, login, domain, words)
 WHERE person.id = fresh.id
"""
ACCOUNTS = """
UPDATE oxherd_oxaccount account SET primary_address = fresh.address, former_names = fresh.names::jsonb
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS fresh (id, address, names) WHERE account.id = fresh.id
"""


@dataclass(slots=True)
class Mover:
    """One user on the way: what was, and what is to be. addresses: stored address -> kind."""

    user: ServiceUser
    account: OxAccount | None
    rows: list[Address] = field(default_factory=list)
    addresses: dict[str, AddressKind] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        aliases = [address for address, kind in self.addresses.items() if kind == AddressKind.ALIAS]
        primary = {"primary_address": self.account.primary_address} if self.account else {}
        return {"login": self.user.login, **primary, "aliases": sorted(aliases)}


@transaction.atomic
def move_users(*, actor: Actor, users: Sequence[ServiceUser], old: Collection[Domain], to: Domain) -> int:
    """Give users in one domain what they have in others, with the same local parts; returns how many.

    An address that a user has in both is one afterwards. The caller holds the tenant, so that the domain stays. Raises
    Refused at `to` where somebody has taken an address meanwhile, and for users who are not present.
    """
    require_all(actor, users)
    movers = _movers(locked_all(users))
    acts = [(mover, mover.describe()) for mover in movers]
    names = {domain.name for domain in old}
    for mover in movers:
        _plan(mover, names, to)
    for mover, before in acts:
        if mover.user.login != before["login"]:
            is_ours(mover.user.tenant, actor, Mastered.USERS)
    try:
        with transaction.atomic():
            _write(movers, to, {domain.pk for domain in old})
    except IntegrityError:  # somebody was quicker by a moment
        raise Refused(
            f"One of the addresses in {to} has just been taken. Look at the list again.", field="to"
        ) from None
    _record(actor, acts)
    push_all(actor, [m.account for m in movers if m.account and m.account.presence == Presence.PRESENT])
    return len(movers)


def _movers(users: Sequence[ServiceUser]) -> list[Mover]:
    pks = [user.pk for user in users]
    accounts = {account.user_id: account for account in OxAccount.objects.filter(user__in=pks)}
    movers = {user.pk: Mover(user, accounts.get(user.pk)) for user in users}
    for row in Address.objects.filter(user__in=pks).order_by("pk"):
        mover = movers[row.user_id or 0]
        mover.rows.append(row)
        mover.addresses[row.address] = AddressKind(row.kind)
    for mover in movers.values():
        if mover.account:
            mover.account.user, mover.account.tenant = mover.user, mover.user.tenant
    return list(movers.values())


def _plan(mover: Mover, names: set[str], to: Domain) -> None:
    """Everything as it will be, in memory."""

    def moved(address: str) -> str:
        local, _, name = address.rpartition("@")
        return f"{local}@{to.name}" if name in names else address

    addresses: dict[str, AddressKind] = {}
    for address, kind in mover.addresses.items():
        new = moved(address)
        addresses[new] = max(kind, addresses.get(new, kind), key=RANKS.index)
    mover.addresses = addresses
    user, account, login = mover.user, mover.account, moved(mover.user.login)
    if account:
        account.primary_address = moved(account.primary_address)
        if login != user.login and account.ox_id is None:
            # Under the old login a job that was broken off may have made the user; the next one looks there too.
            others = [name for name in account.former_names if name not in {user.login, login}]
            account.former_names = [*others, user.login]
    if login != user.login:
        user.login, user.domain = login, to


def _write(movers: list[Mover], to: Domain, old: set[int]) -> None:
    """The register first: what was in the old domains goes, and so does what became one with it."""
    gone = [row.pk for mover in movers for row in mover.rows if row.domain_id in old or _is_new(row, mover)]
    fresh = [row for mover in movers for row in _fresh(mover, to, old)]
    Address.objects.filter(pk__in=gone).delete()
    Address.objects.bulk_create(sorted(fresh, key=lambda row: row.address), batch_size=1000)
    users = [mover.user for mover in movers]
    texts = [words(mover.user, [mover.user.login, *mover.addresses]) for mover in movers]
    accounts = [mover.account for mover in movers if mover.account]
    with connection.cursor() as cursor:
        logins = [user.login for user in users]
        cursor.execute(USERS, [[user.pk for user in users], logins, [user.domain_id for user in users], texts])
        addresses = [account.primary_address for account in accounts]
        former = [json.dumps(account.former_names) for account in accounts]
        cursor.execute(ACCOUNTS, [[account.pk for account in accounts], addresses, former])


def _is_new(row: Address, mover: Mover) -> bool:
    """Whether a row that stays where it is becomes of another kind."""
    return mover.addresses.get(row.address, row.kind) != row.kind


def _fresh(mover: Mover, to: Domain, old: set[int]) -> Iterable[Address]:
    stay = {row.address for row in mover.rows if row.domain_id not in old and not _is_new(row, mover)}
    for address, kind in mover.addresses.items():
        if address not in stay:
            yield Address(address=address, domain=to, kind=kind, user_id=mover.user.pk)


def _record(actor: Actor, acts: list[tuple[Mover, dict[str, Any]]]) -> None:
    """Names and aliases apart, as when they are changed one by one: each can be undone."""
    told: dict[Action, list[Told]] = {Action.USER_RENAME: [], Action.OX_ALIASES: []}
    for mover, before in acts:
        old, new = changes(before, mover.describe())
        for action, keys in ((Action.USER_RENAME, ("login", "primary_address")), (Action.OX_ALIASES, ("aliases",))):
            if own := {key: new[key] for key in keys if key in new}:
                told[action].append(Told(mover.user, {key: old[key] for key in own}, own))
    for action, entries in told.items():
        record_all(actor, action, entries)
