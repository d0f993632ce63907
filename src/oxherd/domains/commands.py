from collections.abc import Mapping

from django.db import IntegrityError, transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains import rules
from oxherd.domains.models import Address, AddressKind, Domain, readable
from oxherd.errors import Refused
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_changes


@transaction.atomic
def add_domain(*, actor: Actor, tenant: Tenant, name: str) -> Domain:
    """Give a tenant a mail domain; the platform learns it as a login mapping of the context.

    name: in any script, any case. Raises Refused at `name`: malformed, a public suffix, or taken.
    """
    actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    takes_changes(tenant)
    stored = rules.domain_name(name, "name")
    rules.domain_can_be_owned(stored)
    rules.domain_is_free(stored)
    domain = Domain.objects.create(tenant=tenant, name=stored)
    record(actor, Action.DOMAIN_ADD, domain, place=tenant, after={"name": stored})
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    return domain


@transaction.atomic
def remove_domain(*, actor: Actor, domain: Domain) -> None:
    """Take a domain away. Raises Refused while any address is in it."""
    tenant = domain.tenant
    actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    domain = Domain.objects.select_for_update().get(pk=domain.pk)  # an address that is being added waits here
    if in_use := Address.objects.filter(domain=domain).count():
        raise Refused(f"{domain} is in use by {in_use} addresses. Move or remove them first.", field="domain")
    record(actor, Action.DOMAIN_REMOVE, domain, place=tenant, before={"name": domain.name})
    domain.delete()
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)


def register(user_id: int, wanted: Mapping[str, tuple[Domain, AddressKind]], *, fields: Mapping[str, str]) -> None:
    """Make the register hold exactly the wanted addresses for a user, in the caller's transaction.

    wanted: stored address -> its domain and kind. fields: stored address -> the form's field to blame.
    Raises Refused at that field for an address that somebody else has.
    """
    present = {row.address: row for row in Address.objects.filter(user_id=user_id)}
    gone = [row.pk for address, row in present.items() if address not in wanted]
    moved = [row for row in present.values() if row.address in wanted and row.kind != wanted[row.address][1]]
    if gone or moved:
        # Moved rows are written anew, so that the one primary address never meets its predecessor.
        Address.objects.filter(pk__in=[*gone, *(row.pk for row in moved)]).delete()
    fresh = {address: wish for address, wish in wanted.items() if address not in present}
    for address in Address.objects.filter(address__in=fresh).values_list("address", flat=True):
        _refuse(address, fields)
    fresh |= {row.address: wanted[row.address] for row in moved}
    rows = [Address(address=a, domain=domain, user_id=user_id, kind=kind) for a, (domain, kind) in fresh.items()]
    try:
        with transaction.atomic():
            Address.objects.bulk_create(rows)
    except IntegrityError:
        # Somebody else was quicker by a moment; the next attempt finds and names the address.
        raise Refused("One of the addresses has just been taken. Try again.", field="aliases") from None


def _refuse(address: str, fields: Mapping[str, str]) -> None:
    raise Refused(f"{readable(address)} is taken. Choose another address.", field=fields.get(address, "aliases"))
