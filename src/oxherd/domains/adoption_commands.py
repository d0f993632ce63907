"""The verb by which a domain of an adopted context becomes ours. The platform hears nothing of it."""

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains import rules
from oxherd.domains.commands import insert_domain
from oxherd.domains.models import Domain
from oxherd.tenants.models import Tenant


@transaction.atomic
def adopt_domain(*, actor: Actor, tenant: Tenant, name: str) -> Domain:
    """Give a tenant a domain that its context has mail in already: so it counts as approved.

    Raises Refused at `name` for what is no domain, a public suffix, or another customer's.
    """
    actor.require(Permission.MANAGE_TENANTS, tenant)
    return insert_domain(actor, tenant, rules.domain_name(name, "name"), "", approved=True)
