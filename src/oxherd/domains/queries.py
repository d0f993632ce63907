from collections.abc import Iterable

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.domains import rules
from oxherd.domains.models import Address, Domain
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant


def for_actor(actor: Actor) -> QuerySet[Domain]:
    return Domain.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def of_tenant(tenant: Tenant) -> QuerySet[Domain]:
    return Domain.objects.filter(tenant=tenant)


def domain_of(tenant: Tenant, name: str, field: str = "domain") -> Domain:
    """The tenant's domain of this name. Raises Refused for any other, also for one of another tenant."""
    domain = of_tenant(tenant).filter(name=rules.domain_name(name, field)).first()
    if domain is None:
        raise Refused(f"{name} is not a domain of {tenant}. Choose one from the list.", field=field)
    return domain


def split(tenant: Tenant, address: str, field: str) -> tuple[str, Domain]:
    """An address typed by a person as stored local part and the tenant's domain. Raises Refused at `field`."""
    before, at, after = address.strip().rpartition("@")
    if not at:
        raise Refused(f"“{address.strip()[:100]}” is not an address: it has no @.", field=field)
    return rules.local_part(before, field), domain_of(tenant, after, field)


def owner(address: str) -> Address | None:
    """The register's entry for a stored address."""
    return Address.objects.filter(address=address).select_related("user").first()


def taken(addresses: Iterable[str], *, but_for: int | None = None) -> set[str]:
    """Which of these stored addresses somebody other than the user `but_for` has; one query."""
    held = Address.objects.filter(address__in=set(addresses))
    return set((held.exclude(user_id=but_for) if but_for else held).values_list("address", flat=True))
