"""What depends on domains, and what stands in the way of moving it to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from oxherd.domains.models import OWNERS, Address, AddressKind, Domain, readable
from oxherd.domains.queries import present
from oxherd.tenants.models import Tenant

MOST_CONFLICTS = 50


@dataclass(frozen=True, slots=True)
class Dependants:
    """How many addresses of each kind there are. A primary address that is the login too counts as primary."""

    logins: int = 0
    primaries: int = 0
    aliases: int = 0
    groups: int = 0
    resources: int = 0
    forwarders: int = 0

    @property
    def total(self) -> int:
        return self.logins + self.primaries + self.aliases + self.groups + self.resources + self.forwarders

    @property
    def summary(self) -> str:
        """Such as "2 logins, 1 primary address and 12 aliases"."""
        words = (
            (self.logins, "login", "logins"),
            (self.primaries, "primary address", "primary addresses"),
            (self.aliases, "alias", "aliases"),
            (self.groups, "group", "groups"),
            (self.resources, "resource", "resources"),
            (self.forwarders, "forwarder", "forwarders"),
        )
        told = [f"{number:,} {one if number == 1 else many}" for number, one, many in words if number]
        return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


@dataclass(frozen=True, slots=True)
class Conflict:
    address: str  # that cannot be moved
    sentence: str


CONFLICTS = """
WITH moving AS (
    SELECT address.*, split_part(address.address, '@', 1) || '@' || %(to)s AS wanted,
           coalesce('user' || user_id, 'group' || group_id, 'resource' || resource_id, 'forwarder' || forwarder_id)
               AS owner
      FROM oxherd_address address WHERE address.domain_id = ANY(%(domains)s)
), beside AS (
    SELECT address, owner, lead(address) OVER same AS next_address, lead(owner) OVER same AS next_owner
      FROM moving WINDOW same AS (PARTITION BY wanted ORDER BY address)
)
SELECT moving.address, 'taken', moving.wanted
  FROM moving JOIN oxherd_address held ON held.address = moving.wanted
 WHERE (held.user_id, held.group_id, held.resource_id, held.forwarder_id)
       IS DISTINCT FROM (moving.user_id, moving.group_id, moving.resource_id, moving.forwarder_id)
 UNION ALL
SELECT address, 'both', next_address FROM beside WHERE next_owner <> owner
 UNION ALL
SELECT moving.address, 'leaving', person.display_name
  FROM moving JOIN oxherd_serviceuser person ON person.id = moving.user_id WHERE person.presence <> 'present'
 UNION ALL
SELECT moving.address, 'removed', former.display_name
  FROM moving JOIN oxherd_serviceuser person ON person.id = moving.user_id AND person.login = moving.address
  JOIN oxherd_serviceuser former ON former.login = moving.wanted AND former.tenant_id = person.tenant_id
 WHERE former.presence = 'removed'
 UNION ALL
SELECT moving.address, 'name', holder.display_name
  FROM moving JOIN oxherd_serviceuser person ON person.id = moving.user_id AND person.login = moving.address
  -- By name, and never through all accounts of the tenant, whatever the statistics say.
  JOIN oxherd_oxaccount account ON account.ox_name = moving.wanted AND account.tenant_id + 0 = person.tenant_id
  JOIN oxherd_serviceuser holder ON holder.id = account.user_id
 WHERE holder.id <> person.id AND (holder.presence <> 'removed' OR holder.login <> moving.wanted)
 ORDER BY 1 LIMIT %(most)s
"""
SENTENCES = {
    "taken": "{wanted} is taken already.",
    "both": "{other} would become the same address.",
    "leaving": "{other} is being deleted. Wait until OX has let go.",
    "removed": "{other} had the login {wanted} and was removed recently. Restore or delete {other} for good first.",
    "name": "In OX, {other} has the name {wanted} still.",
}


def dependants(domains: Sequence[Domain]) -> QuerySet[Address]:
    """All addresses in these domains, with whose they are."""
    rows = Address.objects.filter(domain__in=[domain.pk for domain in domains])
    return rows.select_related(*OWNERS)


def counted(domains: Sequence[Domain]) -> Dependants:
    """One query."""
    rows = Address.objects.filter(domain__in=[domain.pk for domain in domains])
    counts = dict(rows.values_list("kind").annotate(number=Count("pk")).order_by())
    return Dependants(
        logins=counts.get(AddressKind.LOGIN, 0),
        primaries=counts.get(AddressKind.PRIMARY, 0),
        aliases=counts.get(AddressKind.ALIAS, 0),
        groups=counts.get(AddressKind.GROUP, 0),
        resources=counts.get(AddressKind.RESOURCE, 0),
        forwarders=counts.get(AddressKind.FORWARDER, 0),
    )


def left_behind(tenant: Tenant, domains: Sequence[Domain]) -> QuerySet[Domain]:
    """The subdomains of these domains that are not among them."""
    pks = [domain.pk for domain in domains]
    return present(tenant).filter(parent__in=pks).exclude(pk__in=pks).order_by("sort_name", "pk")


def with_subdomains(tenant: Tenant, domains: Sequence[Domain]) -> list[Domain]:
    """These domains and all that is below them, by name."""
    found = {domain.pk: domain for domain in domains}
    while more := {domain.pk: domain for domain in left_behind(tenant, list(found.values()))}:
        found |= more
    return sorted(found.values(), key=lambda domain: (domain.sort_name, domain.pk))


def conflicts(domains: Sequence[Domain], to: Domain) -> tuple[list[Conflict], bool]:
    """What cannot be moved there, by address, and whether there is more of it than is listed."""
    values: dict[str, Any] = {"domains": [domain.pk for domain in domains], "to": to.name, "most": MOST_CONFLICTS + 1}
    with connection.cursor() as cursor:
        cursor.execute(CONFLICTS, values)
        rows = cursor.fetchall()
    found = [_conflict(address, kind, other, to) for address, kind, other in rows[:MOST_CONFLICTS]]
    return found, len(rows) > MOST_CONFLICTS


def _conflict(address: str, kind: str, other: str, to: Domain) -> Conflict:
    wanted = readable(f"{address.rpartition('@')[0]}@{to.name}")
    told = readable(other) if kind == "both" else other
    return Conflict(readable(address), SENTENCES[kind].format(wanted=wanted, other=told))
