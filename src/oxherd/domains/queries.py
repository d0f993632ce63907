from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.domains import rules
from oxherd.domains.models import Address, AddressKind, Domain, readable
from oxherd.errors import NotYours, Refused
from oxherd.folding import folded
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant


def for_actor(actor: Actor) -> QuerySet[Domain]:
    return Domain.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def one(actor: Actor, tenant: Tenant, pk: int) -> Domain:
    """Raises NotYours for a domain that is not there, or no more, or that the actor may not see."""
    found = for_actor(actor).filter(tenant=tenant, pk=pk, presence=Presence.PRESENT)
    domain = found.select_related("tenant__brand", "parent", "catch_all").first()
    if domain is None:
        raise NotYours("There is no such domain.")
    return domain


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[Domain]:
    """The present domains of these ids, by name; those out of sight are left out."""
    found = for_actor(actor).filter(tenant=tenant, pk__in=list(pks), presence=Presence.PRESENT)
    return list(found.select_related("tenant__brand", "parent").order_by("sort_name", "pk"))


def found(actor: Actor, tenant: Tenant, *, text: str = "", state: str = "") -> QuerySet[Domain]:
    """The present domains of a tenant that match. text: a part of the name. state: "verified" or "pending"."""
    domains = for_actor(actor).filter(tenant=tenant, presence=Presence.PRESENT)
    if text := text.strip().replace("\x00", ""):
        domains = domains.filter(Q(sort_name__contains=folded(text)) | Q(name__contains=text.lower()))
    if state in {"verified", "pending"}:
        domains = domains.filter(verified_at__isnull=state == "pending")
    return domains.select_related("parent", "catch_all")


def present(tenant: Tenant) -> QuerySet[Domain]:
    """All domains that are on a tenant's list, claims among them."""
    return Domain.objects.filter(tenant=tenant, presence=Presence.PRESENT)


def of_tenant(tenant: Tenant) -> QuerySet[Domain]:
    """The domains in which a tenant may have addresses: what every drop-down offers."""
    return present(tenant).filter(verified_at__isnull=False)


def nearest_above(tenant: Tenant, name: str) -> Domain | None:
    """The tenant's domain of which a name is a subdomain."""
    above = present(tenant).filter(name__in=rules.names_above(name))
    return max(above, key=lambda domain: len(domain.name), default=None)


def domain_of(tenant: Tenant, name: str, field: str = "domain") -> Domain:
    """The tenant's verified domain of this name. Raises Refused for any other, also for one of another tenant."""
    domain = listed(tenant, name, field)
    if not domain.is_verified:
        raise Refused(
            f"{domain} is not verified yet, so it carries no mail. Set its TXT record (OX Service, Domains), "
            "or choose another domain.",
            field=field,
        )
    return domain


def listed(tenant: Tenant, name: str, field: str) -> Domain:
    """The tenant's domain of this name, verified or not. Raises Refused for any other."""
    domain = present(tenant).filter(name=rules.domain_name(name, field)).first()
    if domain is None:
        raise Refused(f"{name} is not a domain of {tenant}. Choose one from the list.", field=field)
    return domain


def split(tenant: Tenant, address: str, field: str) -> tuple[str, Domain]:
    """An address typed by a person as stored local part and the tenant's domain. Raises Refused at `field`."""
    before, at, after = address.strip().rpartition("@")
    if not at:
        raise Refused(f"“{address.strip()[:100]}” is not an address: it has no @.", field=field)
    return rules.local_part(before, field), domain_of(tenant, after, field)


def catch_all_target(tenant: Tenant, address: str, field: str = "catch_all") -> int:
    """The id of the user with OX who has this address, as typed. Raises Refused at `field` for any other address."""
    local, domain = split(tenant, address, field)
    stored = f"{local}@{domain.name}"
    with_ox = Address.objects.filter(address=stored, user__presence=Presence.PRESENT)
    user_id = with_ox.filter(user__account__presence=Presence.PRESENT).values_list("user_id", flat=True).first()
    if user_id is None:
        raise Refused(
            f"{readable(stored)} is not the address of a user with OX. Choose one from the list.", field=field
        )
    return user_id


def caught_by(user_id: int) -> QuerySet[Domain]:
    """The domains of which a user gets what is addressed to nobody, by name."""
    return Domain.objects.filter(catch_all=user_id, presence=Presence.PRESENT).order_by("sort_name", "id")


def catch_all_addresses(domains: Iterable[Domain]) -> dict[int, str]:
    """The primary addresses of the users who get what is addressed to nobody, by user id; one query.

    Who has no OX any more is left out: then nobody gets it.
    """
    users = {domain.catch_all_id for domain in domains if domain.catch_all_id}
    present = Address.objects.filter(user__in=users, kind=AddressKind.PRIMARY, user__presence=Presence.PRESENT)
    return dict(present.filter(user__account__presence=Presence.PRESENT).values_list("user_id", "address"))


MOST_COUNTED = 1000
IN_USE = """
SELECT domain.id,
       (SELECT count(*) FROM (SELECT 1 FROM oxherd_serviceuser
                               WHERE domain_id = domain.id AND presence <> 'removed' LIMIT %(most)s) AS counted),
       (SELECT count(*) FROM (SELECT 1 FROM oxherd_address WHERE domain_id = domain.id LIMIT %(most)s) AS counted)
  FROM oxherd_domain AS domain WHERE domain.id = ANY(%(domains)s)
"""


def in_use(domains: Iterable[Domain]) -> dict[int, tuple[int, int]]:
    """How many logins and how many addresses stand in each domain, by its id; one query.

    Counted up to one more than MOST_COUNTED: a list must not cost more with each user.
    """
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, {"most": MOST_COUNTED + 1, "domains": [domain.pk for domain in domains]})
        return {pk: (logins, addresses) for pk, logins, addresses in cursor.fetchall()}


def obstacle(domain: Domain) -> str:
    """Why a claim cannot be verified however it is proved; empty where nothing is in the way."""
    try:
        rules.nobody_else_has_it(domain.tenant, domain.name)
        rules.nobody_else_owns_above(domain.tenant, domain.name)
    except Refused as refused:
        return refused.sentence
    return ""


def owner(address: str) -> Address | None:
    """The register's entry for a stored address."""
    return Address.objects.filter(address=address).select_related("user").first()


def taken(addresses: Iterable[str], *, but_for: int | None = None) -> set[str]:
    """Which of these stored addresses somebody other than the user `but_for` has; one query."""
    held = Address.objects.filter(address__in=set(addresses))
    return set((held.exclude(user_id=but_for) if but_for else held).values_list("address", flat=True))
