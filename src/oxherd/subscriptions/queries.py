"""What a subscription holds and uses, counted in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Permission
from oxherd.brands import queries as brands
from oxherd.brands.models import Brand
from oxherd.domains.models import Domain
from oxherd.domains.rules import domain_name
from oxherd.errors import Refused
from oxherd.provisioning.states import Presence
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.states import TenantState

# The limits of a subscription, with the word for what they count.
LIMITED: Mapping[str, str] = {
    "domain_limit": "domains",
    "subdomain_limit": "subdomains",
    "group_limit": "groups",
    "resource_limit": "resources",
}
IN_USE = """
SELECT (SELECT count(*) FROM oxherd_domain WHERE tenant_id = %(tenant)s AND presence <> 'removed'
                                             AND parent_id IS NULL),
       (SELECT count(*) FROM oxherd_domain WHERE tenant_id = %(tenant)s AND presence <> 'removed'
                                             AND parent_id IS NOT NULL),
       (SELECT count(*) FROM oxherd_group WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_resource WHERE tenant_id = %(tenant)s AND presence <> 'removed')
"""
MOST_COUNTED = 1000
MOST_WITH_DOMAIN = 20
FIGURES = """
SELECT tenant.id,
       (SELECT count(*) FROM (SELECT FROM oxherd_serviceuser
                               WHERE tenant_id = tenant.id AND presence <> 'removed' LIMIT %(most)s) AS counted),
       (SELECT at FROM oxherd_auditentry WHERE tenant_id = tenant.id ORDER BY id DESC LIMIT 1)
  FROM oxherd_tenant AS tenant WHERE tenant.id = ANY(%(tenants)s)
"""
STORED = """
SELECT count(*), count(mail_used_at), count(drive_used_at), sum(mail_used_mb), sum(drive_used_mb),
       least(min(mail_used_at), min(drive_used_at))
  FROM oxherd_oxaccount WHERE tenant_id = %s AND presence = 'present'
"""

IMPACT = """
SELECT (SELECT count(*) FROM oxherd_serviceuser WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_oxaccount WHERE tenant_id = %(tenant)s AND presence = 'present'),
       (SELECT count(*) FROM oxherd_group WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_resource WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_forwarder WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_domain WHERE tenant_id = %(tenant)s AND presence <> 'removed'),
       (SELECT count(*) FROM oxherd_address address JOIN oxherd_domain domain ON domain.id = address.domain_id
         WHERE domain.tenant_id = %(tenant)s AND address.kind <> 'login' AND domain.verified_at IS NOT NULL)
"""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Impact:
    """What stops with a customer. addresses: that get mail. The names are the first few."""

    users: int
    accounts: int
    groups: int
    resources: int
    forwarders: int
    domains: int
    addresses: int
    domain_names: tuple[str, ...]
    administrators: int
    administrator_names: tuple[str, ...]

    @property
    def more_domains(self) -> int:
        return self.domains - len(self.domain_names)

    @property
    def rows(self) -> list[tuple[str, int, str]]:
        """Label, number, and the names of the first few."""
        return [
            ("Users", self.users, ""),
            ("OX accounts with their mail, calendars and files", self.accounts, ""),
            ("Mail addresses", self.addresses, ""),
            ("Domains", self.domains, _named(self.domain_names, self.domains)),
            ("Groups", self.groups, ""),
            ("Resources", self.resources, ""),
            ("Forwarders", self.forwarders, ""),
            (
                "Administrators who lose access",
                self.administrators,
                _named(self.administrator_names, self.administrators),
            ),
        ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a list shows of a customer. users: up to one more than MOST_COUNTED. bought: None for unlimited."""

    users: int
    used: int
    bought: int | None
    changed_at: datetime | None

    @property
    def users_shown(self) -> str:
        return f"{MOST_COUNTED:,}+" if self.users > MOST_COUNTED else f"{self.users:,}"


@dataclass(frozen=True, slots=True)
class Stored:
    """How much mail and Drive of all accounts take, in megabytes, as far as the platform has told.

    accounts: how many there are; of so many each is known. since: the oldest answer that counts.
    """

    accounts: int
    mail_known: int
    drive_known: int
    mail: int
    drive: int
    since: datetime | None


def brands_of(actor: Actor) -> list[Brand]:
    """The brands in which the actor may manage customers, by name."""
    seen = brands.for_actor(actor).order_by("name", "pk")
    return [brand for brand in seen if actor.may(Permission.MANAGE_TENANTS, brand)]


def found(actor: Actor, *, text: str = "", state: str = "", brand: str = "") -> QuerySet[Tenant]:
    """The customers that match: by parts of their names, or by a whole domain. brand: an id."""
    rows = tenants.found(actor, text)
    if "." in text and (pks := with_domain(actor, text)):
        rows = rows | tenants.found(actor).filter(pk__in=pks)
    if state in TenantState.values:
        rows = rows.filter(state=state)
    return rows.filter(brand=int(brand)) if brand else rows


def in_use(tenant: Tenant) -> dict[str, int]:
    """How much there is of what the limits count; by limit. One query."""
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, {"tenant": tenant.pk})
        return dict(zip(LIMITED, cursor.fetchone() or (0,) * len(LIMITED), strict=True))


def figures(rows: Iterable[Tenant]) -> dict[int, Figures]:
    """What a list shows of these customers, by id; two queries, however many users they have."""
    pks = [tenant.pk for tenant in rows]
    used: dict[int, int] = dict.fromkeys(pks, 0)
    bought: dict[int, int | None] = dict.fromkeys(pks, 0)
    for tenant_id, number, taken in Seats.objects.filter(tenant__in=pks).values_list("tenant_id", "number", "used"):
        used[tenant_id] += taken
        so_far = bought[tenant_id]
        bought[tenant_id] = None if number is None or so_far is None else so_far + number
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"most": MOST_COUNTED + 1, "tenants": pks})
        return {pk: Figures(users, used[pk], bought[pk], at) for pk, users, at in cursor.fetchall()}


def stored(tenant: Tenant) -> Stored:
    """What the accounts of a customer take in all. One look at each of them: ask when somebody wants to see it."""
    with connection.cursor() as cursor:
        cursor.execute(STORED, [tenant.pk])
        accounts, mail_known, drive_known, mail, drive, since = cursor.fetchone() or (0, 0, 0, 0, 0, None)
    return Stored(accounts, mail_known, drive_known, int(mail or 0), int(drive or 0), since)


def holder_of(actor: Actor, name: str) -> str:
    """Who has a verified domain, or one above it, in words for who may know; empty for others."""
    labels = name.split(".")
    names = [".".join(labels[number:]) for number in range(len(labels) - 1)]
    verified = Domain.objects.filter(name__in=names, verified_at__isnull=False).exclude(presence=Presence.REMOVED)
    seen = tenants.for_actor(actor).filter(domains__in=verified).first()
    if seen is None:
        return ""
    return f"{seen} ({seen.get_state_display().lower()})" if seen.state != "active" else str(seen)


def with_domain(actor: Actor, text: str) -> Sequence[int]:
    """The ids of the customers who have exactly this domain, or have claimed it; for searches by a domain's name."""
    try:
        name = domain_name(text)
    except Refused:
        return ()
    found = Domain.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"), name=name)
    return list(found.exclude(presence=Presence.REMOVED).values_list("tenant_id", flat=True)[:MOST_WITH_DOMAIN])


def impact(tenant: Tenant) -> Impact:
    """What a removal of the customer would stop; three queries, which look at all that is counted."""
    with connection.cursor() as cursor:
        cursor.execute(IMPACT, {"tenant": tenant.pk})
        users, accounts, groups, resources, forwarders, number, addresses = cursor.fetchone() or (0,) * 7
    domains = Domain.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED).order_by("sort_name", "pk")
    people = Administrator.objects.filter(memberships__tenant=tenant).distinct().order_by("name", "pk")
    names = [str(each) for each in people]
    shown = tuple(str(domain) for domain in domains[:MOST_NAMED])
    return Impact(
        *(users, accounts, groups, resources, forwarders, number, addresses),
        domain_names=shown,
        administrators=len(names),
        administrator_names=tuple(names[:MOST_NAMED]),
    )


def _named(names: Sequence[str], number: int) -> str:
    more = number - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")
