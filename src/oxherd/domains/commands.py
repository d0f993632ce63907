from collections.abc import Iterable, Mapping

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains import rules
from oxherd.domains.models import Address, AddressKind, Domain, readable
from oxherd.errors import NotYours, Refused
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants.commands import held
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_changes


@transaction.atomic
def add_domain(*, actor: Actor, tenant: Tenant, name: str) -> Domain:
    """Give a tenant a mail domain; the platform learns it as a login mapping of the context.

    name: in any script, any case. Raises Refused at `name`: malformed, a public suffix, or taken.
    """
    actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = held(tenant)
    takes_changes(tenant)
    stored = rules.domain_name(name, "name")
    rules.domain_can_be_owned(stored)
    rules.domain_is_free(stored)
    domain = _insert(Domain(tenant=tenant, name=stored))
    record(actor, Action.DOMAIN_ADD, domain, place=tenant, after={"name": stored})
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    return domain


@transaction.atomic
def remove_domain(*, actor: Actor, domain: Domain) -> None:
    """Take a domain away. Raises Refused while any address is in it."""
    tenant = domain.tenant
    actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = held(tenant)
    # Whoever is adding an address holds the domain until the address is there to be counted.
    present = Domain.objects.select_for_update().filter(pk=domain.pk).first()
    if present is None:
        raise NotYours("There is no such domain.")
    if in_use := Address.objects.filter(domain=domain).count():
        raise Refused(f"{domain} is in use. Remove its addresses first ({in_use}).", field="domain")
    record(actor, Action.DOMAIN_REMOVE, domain, place=tenant, before={"name": domain.name})
    present.delete()
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)


def register(wanted: Mapping[str, tuple[Domain, AddressKind]], *, fields: Mapping[str, str], **owner: int) -> None:
    """Make the register hold exactly the wanted addresses for their owner, in the caller's transaction.

    wanted: stored address -> its domain and kind. fields: stored address -> the form's field to blame.
    owner: one of user_id, group_id and resource_id. Raises Refused at that field for an address that somebody else has.
    """
    _hold_domains(wanted, fields)
    present = {row.address: row for row in Address.objects.filter(**owner)}
    gone = [row.pk for address, row in present.items() if address not in wanted]
    moved = [row for row in present.values() if row.address in wanted and row.kind != wanted[row.address][1]]
    if gone or moved:
        # Moved rows are written anew, so that the one primary address never meets its predecessor.
        Address.objects.filter(pk__in=[*gone, *(row.pk for row in moved)]).delete()
    fresh = {address: wish for address, wish in wanted.items() if address not in present}
    _are_free(fresh, fields)
    fresh |= {row.address: wanted[row.address] for row in moved}
    rows = [Address(address=a, domain=domain, kind=kind, **owner) for a, (domain, kind) in fresh.items()]
    _insert_addresses(rows, fresh.keys() - present.keys(), fields)


def register_primaries(wanted: Mapping[int, str], domain: Domain, *, field: str) -> None:
    """Give each of many users a primary address in one domain, in the caller's transaction.

    wanted: the stored address by user id, of users of whom the register holds the login alone. field: to blame.
    Raises Refused there for an address that somebody else has.
    """
    fields = dict.fromkeys(wanted.values(), field)
    _hold_domains(dict.fromkeys(wanted.values(), (domain, AddressKind.PRIMARY)), fields)
    held = dict(Address.objects.filter(user__in=list(wanted)).values_list("user_id", "address"))
    moved = [user_id for user_id, address in wanted.items() if held.get(user_id) == address]
    Address.objects.filter(user__in=moved).update(kind=AddressKind.PRIMARY)
    fresh = {address: user_id for user_id, address in wanted.items() if held.get(user_id) != address}
    _are_free(fresh, fields)
    kind = AddressKind.PRIMARY
    rows = [Address(address=address, domain=domain, kind=kind, user_id=user_id) for address, user_id in fresh.items()]
    _insert_addresses(rows, fresh, fields)


def _hold_domains(wanted: Mapping[str, tuple[Domain, AddressKind]], fields: Mapping[str, str]) -> None:
    """Keep the domains from being removed until the commit. Raises Refused where one was a moment ago."""
    pks = {domain.pk for domain, _ in wanted.values()}
    with connection.cursor() as cursor:  # Django has no FOR KEY SHARE, and checks foreign keys only at the commit
        cursor.execute("SELECT id FROM oxherd_domain WHERE id = ANY(%s) FOR KEY SHARE", [list(pks)])
        present = {row[0] for row in cursor.fetchall()}
    for address, (domain, _) in wanted.items():
        if domain.pk not in present:
            raise Refused(f"The domain {domain} has just been removed.", field=fields.get(address, "aliases"))


def _are_free(addresses: Iterable[str], fields: Mapping[str, str]) -> None:
    for address in Address.objects.filter(address__in=list(addresses)).values_list("address", flat=True):
        sentence = f"{readable(address)} is taken. Choose another address."
        raise Refused(sentence, field=fields.get(address, "aliases"))


def _insert_addresses(rows: list[Address], fresh: Iterable[str], fields: Mapping[str, str]) -> None:
    """fresh: those of the rows that nobody had a moment ago."""
    try:
        with transaction.atomic():
            Address.objects.bulk_create(sorted(rows, key=lambda row: row.address), batch_size=1000)
    except (IntegrityError, OperationalError) as error:
        # Somebody else was quicker by a moment, or each held what the other wanted and we were told to give way.
        if isinstance(error, OperationalError) and not isinstance(error.__cause__, DeadlockDetected):
            raise
        _are_free(fresh, fields)
        raise Refused("One of the addresses is just being taken. Try again.", field="aliases") from None


def _insert(domain: Domain) -> Domain:
    try:
        with transaction.atomic():
            domain.save(force_insert=True)
    except IntegrityError:  # somebody else was quicker by a moment
        rules.domain_is_free(domain.name)
        raise
    return domain
