from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from oxherd.accounts.actor import Actor
from oxherd.domains.models import OWNERS, Address, readable
from oxherd.errors import NotYours
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.search import matching
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Shown:
    """A recipient as pages show one. user: of the customer's own. mailbox: whether mail arrives there now."""

    address: str
    user: ServiceUser | None = None
    mailbox: bool = True


def for_actor(actor: Actor) -> QuerySet[Forwarder]:
    return Forwarder.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def one(actor: Actor, tenant: Tenant, pk: int) -> Forwarder:
    """Raises NotYours for a forwarder that does not exist in this tenant or that the actor may not see."""
    forwarder = for_actor(actor).filter(pk=pk, tenant=tenant).select_related("tenant__brand").first()
    if forwarder is None:
        raise NotYours("There is no such forwarder.")
    return forwarder


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[Forwarder]:
    """The present forwarders of these ids, by address; those out of sight are left out."""
    forwarders = for_actor(actor).filter(tenant=tenant, pk__in=list(pks)).exclude(presence=Presence.REMOVED)
    return list(forwarders.select_related("tenant__brand").order_by("sort_name", "id"))


def found(actor: Actor, tenant: Tenant, *, text: str = "", status: str = "") -> QuerySet[Forwarder]:
    """The forwarders of a tenant that match: every word of `text` begins a word of its address or a recipient's."""
    forwarders = for_actor(actor).filter(tenant=tenant).exclude(presence=Presence.REMOVED)
    forwarders = matching(forwarders, tenant, text).defer("search", "search_text", "applied")
    forwarders = forwarders.select_related("tenant__brand")  # who passes mail on is a matter of the brand
    return forwarders.filter(status=status) if status in SyncStatus.values else forwarders


def leading_to(users: Iterable[ServiceUser] | QuerySet[ServiceUser]) -> QuerySet[Forwarder]:
    """The present forwarders that pass mail on to one of these users, by address."""
    named = users.order_by() if isinstance(users, QuerySet) else [user.pk for user in users]
    forwarders = Forwarder.objects.filter(recipients__user__in=named, presence=Presence.PRESENT).distinct()
    return forwarders.defer("search", "search_text", "applied").order_by("sort_name", "id")


def passing_to(tenant: Tenant, addresses: Iterable[str]) -> QuerySet[Forwarder]:
    """The tenant's present forwarders that name one of these stored addresses as such, by address."""
    named = Forwarder.objects.filter(recipients__address__in=list(addresses), tenant=tenant)
    forwarders = named.filter(presence=Presence.PRESENT).distinct().defer("search", "search_text", "applied")
    return forwarders.order_by("sort_name", "id")


def shown(forwarders: Iterable[Forwarder], most: int) -> dict[int, list[Shown]]:
    """The first so many recipients of each who are there, users first, by forwarder; two queries."""
    order = [F("user__sort_name").asc(nulls_last=True), F("address").asc()]
    number = Window(RowNumber(), partition_by="forwarder", order_by=order)
    rows = _there(forwarders).select_related("user").annotate(number=number).filter(number__lte=most)
    kept: dict[int, list[Recipient]] = defaultdict(list)
    for row in rows.order_by("forwarder", "number"):
        kept[row.forwarder_id].append(row)
    users = {row.user_id for recipients in kept.values() for row in recipients if row.user_id}
    addresses = mailboxes(users)
    return {pk: [_shown(row, addresses) for row in recipients] for pk, recipients in kept.items()}


def counted(forwarders: Iterable[Forwarder]) -> dict[int, int]:
    """How many recipients each has, but for those who were removed; one query."""
    pairs = _there(forwarders).values_list("forwarder").annotate(number=Count("pk")).order_by()
    return dict(pairs)


def mailboxes(users: Iterable[int]) -> dict[int, str]:
    """The stored primary addresses of those of the users who have OX, by user id; one query."""
    accounts = OxAccount.objects.filter(
        user__in=list(users), presence=Presence.PRESENT, user__presence=Presence.PRESENT
    )
    return dict(accounts.values_list("user", "primary_address"))


def owners(tenant: Tenant, addresses: Iterable[str]) -> dict[str, Address]:
    """The register's entries of these stored addresses, as far as they are of the tenant's domains; one query."""
    rows = Address.objects.filter(address__in=list(addresses), domain__tenant=tenant)
    return {row.address: row for row in rows.select_related(*OWNERS)}


def _there(forwarders: Iterable[Forwarder]) -> QuerySet[Recipient]:
    rows = Recipient.objects.filter(forwarder__in=[forwarder.pk for forwarder in forwarders])
    return rows.exclude(user__presence=Presence.REMOVED)


def _shown(row: Recipient, addresses: dict[int, str]) -> Shown:
    if row.user is None:
        return Shown(readable(row.address))
    address = addresses.get(row.user.pk, "")
    return Shown(readable(address or row.user.login), row.user, mailbox=bool(address))
