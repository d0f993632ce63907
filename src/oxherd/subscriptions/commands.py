"""What takes more than the tenant's own row: a customer made in one go, and limits that are held against their use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Role
from oxherd.administrators.invitations import invite
from oxherd.brands.models import Brand
from oxherd.domains.commands import add_domain
from oxherd.domains.rules import domain_name
from oxherd.errors import Refused
from oxherd.profiles.models import Profile
from oxherd.subscriptions.queries import LIMITED, holder_of, in_use
from oxherd.tenants.commands import add_tenant, change_tenant, managed
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import limit_covers_use


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as a provider asks for one; every text as it was typed.

    domain: the first one, taken for verified; empty for none yet. administrator_email, administrator_name: who is
    invited as its first administrator; empty for nobody yet. seats: by profile, None for unlimited. limits: any
    of the tenant's LIMITS, None for none.
    """

    brand: Brand
    name: str
    domain: str = ""
    seats: Mapping[Profile, int | None] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)
    context_name: str = ""
    quota_mb: int | None = None
    administrator_email: str = ""
    administrator_name: str = ""


@transaction.atomic
def add_customer(*, actor: Actor, new: NewCustomer) -> Tenant:
    """Add a customer with the first domain and an invitation for the first administrator, all or nothing.

    Raises Refused at `domain`, `administrator_email` and `administrator_name` besides the fields of `add_tenant`.
    """
    tenant = add_tenant(
        actor=actor,
        brand=new.brand,
        name=new.name,
        context_name=new.context_name,
        quota_mb=new.quota_mb,
        seats=new.seats,
        **new.limits,
    )
    if new.domain.strip():
        _add_first_domain(actor, tenant, new.domain)
    if new.administrator_email.strip() or new.administrator_name.strip():
        _invite_first_administrator(actor, tenant, new)
    return tenant


def rehearse(*, actor: Actor, new: NewCustomer) -> None:
    """Raise Refused where `add_customer` would, and leave nothing behind."""
    with transaction.atomic():
        add_customer(actor=actor, new=new)
        transaction.set_rollback(True)


@transaction.atomic
def change_subscription(
    *,
    actor: Actor,
    tenant: Tenant,
    seats: Mapping[Profile, int | None] | None = None,
    without: Collection[Profile] = (),
    **settings: Any,
) -> Tenant:
    """As `change_tenant`, and raises Refused at the limit that would fall below what is in use."""
    tenant = managed(actor, tenant)
    used = in_use(tenant)
    for limit, what in LIMITED.items():
        if limit in settings and settings[limit] != getattr(tenant, limit):
            limit_covers_use(settings[limit], used[limit], limit, what)
    return change_tenant(actor=actor, tenant=tenant, seats=seats, without=without, **settings)


def _add_first_domain(actor: Actor, tenant: Tenant, typed: str) -> None:
    try:
        add_domain(actor=actor, tenant=tenant, name=typed, approved=True)
    except Refused as refused:
        holder = holder_of(actor, domain_name(typed)) if refused.field == "name" else None
        sentence = f"{typed.strip()} belongs to {holder} already." if holder else refused.sentence
        raise Refused(sentence, field="domain") from None


def _invite_first_administrator(actor: Actor, tenant: Tenant, new: NewCustomer) -> None:
    email, name = new.administrator_email.strip(), new.administrator_name
    if not email:
        raise Refused("Give the mail address that the invitation goes to.", field="administrator_email")
    try:
        invite(actor=actor, email=email, name=name, role=Role.CUSTOMER_ADMINISTRATOR, tenant=tenant)
    except Refused as refused:
        field = "administrator_name" if refused.field == "name" else "administrator_email"
        raise Refused(refused.sentence, field=field) from None
