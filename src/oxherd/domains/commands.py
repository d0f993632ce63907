from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.abilities import Ability, can
from oxherd.domains import queries, rules
from oxherd.domains.models import Address, AddressKind, Domain, readable, sort_name
from oxherd.domains.states import FIRST_CHECK, Proof
from oxherd.errors import NotYours, Refused
from oxherd.provisioning.commands import request_sync, retry
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import held
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours, takes_changes
from oxherd.tenants.states import Mastered


@transaction.atomic
def add_domain(*, actor: Actor, tenant: Tenant, name: str, catch_all: str = "", approved: bool | None = None) -> Domain:
    """Give a tenant a mail domain, or a claim on one that waits for the proof that it is the tenant's.

    name: in any script, any case; what is below a domain of the tenant becomes its subdomain, and is verified with it.
    catch_all: the address of a user with OX who gets what is addressed to nobody. approved: take it for proved; as a
    rule so for whoever may manage customers there, and for nobody else. Raises Refused at `name` (malformed, a public
    suffix, on the list, of another customer, no room) or `catch_all`; NotAllowed for who may not approve.
    """
    actor.require(Permission.MANAGE_DOMAINS, tenant)
    return _add(actor, tenant, rules.domain_name(name, "name"), catch_all, approved)


@transaction.atomic
def add_subdomain(
    *, actor: Actor, tenant: Tenant, name: str, parent: str, catch_all: str = "", approved: bool | None = None
) -> Domain:
    """As `add_domain`, for a name below one of the tenant's domains; it is verified as soon as its parent is.

    name: such as "mail" or "mail.acme.com" below the parent "acme.com". Raises Refused at `parent` too.
    """
    actor.require(Permission.MANAGE_DOMAINS, tenant)
    above = queries.listed(tenant, parent, "parent")
    return _add(actor, tenant, rules.subdomain_name(name, above), catch_all, approved)


@transaction.atomic
def change_domain(*, actor: Actor, domain: Domain, catch_all: str) -> Domain:
    """Choose who gets what is addressed to nobody; with an empty text it is refused. Raises Refused at `catch_all`."""
    actor.require(Permission.MANAGE_DOMAINS, domain)
    domain = locked(domain)
    target = queries.catch_all_target(domain.tenant, catch_all) if catch_all.strip() else None
    if target == domain.catch_all_id:
        return domain
    before = describe(domain)
    domain.catch_all_id = target
    domain.save(update_fields=["catch_all"])
    old, new = changes(before, describe(domain))
    record(actor, Action.DOMAIN_CHANGE, domain, place=domain, before=old, after=new)
    if can(domain.tenant.brand, Ability.CATCH_ALL_ON_PLATFORM):
        request_sync(actor, SubjectKind.CATCH_ALLS, domain.tenant_id, place=domain)
    return domain


@transaction.atomic
def retry_catch_all(*, actor: Actor, domain: Domain) -> None:
    """Try again what the platform refused of a customer's catch-alls. Raises Refused where there is nothing to try."""
    actor.require(Permission.RETRY, domain)
    domain = locked(domain)
    retry(actor, SubjectKind.CATCH_ALLS, domain.tenant_id, place=domain)
    record(actor, Action.DOMAIN_RETRY, domain, place=domain)


def remove_domain(*, actor: Actor, domain: Domain) -> None:
    """Take one domain away, as `remove_domains`."""
    remove_domains(actor=actor, tenant=domain.tenant, domains=[domain])


@transaction.atomic
def remove_domains(*, actor: Actor, tenant: Tenant, domains: Sequence[Domain]) -> None:
    """Take domains away, all or none; they can be restored for OXHERD_KEEP_REMOVED_DAYS, with 0 days not at all.

    Raises Refused at `domain` while an address is in one of them, or a subdomain would be left behind.
    """
    actor.require(Permission.MANAGE_DOMAINS, tenant)
    tenant = held(tenant)
    pks = {domain.pk for domain in domains}
    # Whoever is adding an address holds the domain until the address is there to be counted.
    rows = Domain.objects.select_for_update().filter(pk__in=pks, tenant=tenant, presence=Presence.PRESENT)
    present = list(rows.order_by("pk"))
    if len(present) < len(pks):
        raise NotYours("There is no such domain.")
    if any(domain.parent_id is None for domain in present):
        is_ours(tenant, actor, Mastered.DOMAINS)
    for domain in present:
        rules.has_no_subdomains(domain, but_for=pks)
        if in_use := Address.objects.filter(domain=domain).count():
            raise Refused(f"{domain} is in use. Move or remove its addresses first ({in_use}).", field="domain")
        record(actor, Action.DOMAIN_REMOVE, domain, place=tenant, before=describe(domain))
        domain.presence, domain.removed_at, domain.removed_by = Presence.REMOVED, timezone.now(), actor.name
        domain.next_check_at = domain.checking_since = None
        domain.save()
    if any(domain.is_verified for domain in present):
        request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    if settings.KEEP_REMOVED_DAYS <= 0:
        for domain in present:
            delete_domain(actor=actor, domain=domain)


@transaction.atomic
def restore_domain(*, actor: Actor, domain: Domain) -> Domain:
    """Bring a removed domain back as it was: verified, or a claim that is checked anew.

    Raises Refused where it cannot come back: another customer has it now, it was added anew, its parent is not there,
    or the subscription has no room for it.
    """
    actor.require(Permission.MANAGE_DOMAINS, domain)
    tenant = held(domain.tenant)
    takes_changes(tenant)
    fresh = held_domain(domain)
    if fresh.presence != Presence.REMOVED:
        raise Refused(f"{domain} is not among what was removed.")
    if fresh.parent_id is None:
        is_ours(tenant, actor, Mastered.DOMAINS)
    _may_come_back(tenant, fresh)
    fresh.presence, fresh.removed_at, fresh.removed_by = Presence.PRESENT, None, ""
    begin_checks(fresh)
    _save(tenant, fresh)
    record(actor, Action.DOMAIN_RESTORE, fresh, place=tenant, after=describe(fresh))
    if fresh.is_verified:
        request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)
    return fresh


@transaction.atomic
def delete_domain(*, actor: Actor, domain: Domain) -> None:
    """Delete a removed domain for good, and its removed subdomains with it.

    Raises Refused while it is not removed, or while users who were removed with a login in it can still be restored.
    """
    actor.require(Permission.MANAGE_DOMAINS, domain)
    fresh = held_domain(domain)
    if fresh.parent_id is None:
        is_ours(fresh.tenant, actor, Mastered.DOMAINS)
    if fresh.presence != Presence.REMOVED:
        raise Refused(f"{fresh} is not among what was removed.")
    if users := fresh.users.count():
        raise Refused(f"{users} removed {'user' if users == 1 else 'users'} can still be restored to {fresh}.")
    for below in fresh.subdomains.all():
        delete_domain(actor=actor, domain=below)
    record(actor, Action.DOMAIN_DELETE, fresh, place=fresh, before=describe(fresh))
    fresh.delete()


def register(wanted: Mapping[str, tuple[Domain, AddressKind]], *, fields: Mapping[str, str], **owner: int) -> None:
    """Make the register hold exactly the wanted addresses for their owner, in the caller's transaction.

    wanted: stored address -> its domain and kind. fields: stored address -> the form's field to blame.
    owner: one of user_id, group_id, resource_id and forwarder_id. Raises Refused at that field for an address that
    somebody else has, or that may not be made any more.
    """
    hold_domains(wanted, fields)
    present = {row.address: row for row in Address.objects.filter(**owner)}
    gone = [row.pk for address, row in present.items() if address not in wanted]
    moved = [row for row in present.values() if row.address in wanted and row.kind != wanted[row.address][1]]
    if gone or moved:
        # Moved rows are written anew, so that the one primary address never meets its predecessor.
        Address.objects.filter(pk__in=[*gone, *(row.pk for row in moved)]).delete()
    fresh = {address: wish for address, wish in wanted.items() if address not in present}
    _are_no_tags({address: domain for address, (domain, _) in fresh.items()}, fields)
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
    hold_domains(dict.fromkeys(wanted.values(), (domain, AddressKind.PRIMARY)), fields)
    held = dict(Address.objects.filter(user__in=list(wanted)).values_list("user_id", "address"))
    moved = [user_id for user_id, address in wanted.items() if held.get(user_id) == address]
    Address.objects.filter(user__in=moved).update(kind=AddressKind.PRIMARY)
    fresh = {address: user_id for user_id, address in wanted.items() if held.get(user_id) != address}
    _are_no_tags(dict.fromkeys(fresh, domain), fields)
    _are_free(fresh, fields)
    kind = AddressKind.PRIMARY
    rows = [Address(address=address, domain=domain, kind=kind, user_id=user_id) for address, user_id in fresh.items()]
    _insert_addresses(rows, fresh, fields)


def hold_domains(wanted: Mapping[str, tuple[Domain, AddressKind]], fields: Mapping[str, str]) -> None:
    """Keep the domains from being removed until the commit. Raises Refused where one was a moment ago."""
    pks = {domain.pk for domain, _ in wanted.values()}
    with connection.cursor() as cursor:  # Django has no FOR KEY SHARE, and checks foreign keys only at the commit
        cursor.execute(
            "SELECT id FROM oxherd_domain WHERE id = ANY(%s) AND presence = 'present' FOR KEY SHARE", [list(pks)]
        )
        present = {row[0] for row in cursor.fetchall()}
    for address, (domain, _) in wanted.items():
        if domain.pk not in present:
            raise Refused(f"The domain {domain} has just been removed.", field=fields.get(address, "aliases"))


def _are_no_tags(fresh: Mapping[str, Domain], fields: Mapping[str, str]) -> None:
    for address, domain in fresh.items():
        if rules.TAG in address:  # seldom: else each address would ask for its customer and brand
            rules.is_no_tag(address, domain.tenant, fields.get(address, "aliases"))


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


def locked(domain: Domain) -> Domain:
    """The domain as it is now, locked against other commands. Raises Refused for one that is gone."""
    rows = Domain.objects.select_for_update(of=("self",), no_key=True).select_related("tenant__brand")
    fresh = rows.filter(pk=domain.pk).first()
    if fresh is None:
        raise Refused(f"{domain} has been removed meanwhile.")
    rules.is_present(fresh)
    return fresh


def held_domain(domain: Domain) -> Domain:
    """As `locked`, whether removed or not, and against new addresses too. Raises NotYours for one that is gone."""
    rows = Domain.objects.select_for_update(of=("self",)).select_related("tenant__brand", "parent")
    fresh = rows.filter(pk=domain.pk).first()
    if fresh is None:
        raise NotYours("There is no such domain.")
    return fresh


def begin_checks(domain: Domain) -> None:
    """Let the worker look at a domain from now on: at a claim when its owner had a minute, at another at once."""
    domain.checks_since = timezone.now()
    domain.next_check_at = domain.checks_since if domain.is_verified else domain.checks_since + FIRST_CHECK


def describe(domain: Domain) -> dict[str, Any]:
    """What the audit keeps of a domain."""
    target = queries.catch_all_addresses([domain]).get(domain.catch_all_id or 0, "")
    return {"domain": domain.name, "catch_all": target, "proof": domain.proof}


def _add(actor: Actor, tenant: Tenant, name: str, catch_all: str, approved: bool | None) -> Domain:  # noqa: FBT001 - as asked
    domain = insert_domain(actor, tenant, name, catch_all, approved)
    if domain.is_verified:
        request_sync(actor, SubjectKind.TENANT, domain.tenant_id, place=domain)
    return domain


def insert_domain(actor: Actor, tenant: Tenant, name: str, catch_all: str, approved: bool | None) -> Domain:  # noqa: FBT001 - as asked
    """As `add_domain`, for a name in its stored form, and the platform hears nothing of it."""
    if approved:
        actor.require(Permission.MANAGE_TENANTS, tenant)
    tenant = held(tenant)
    takes_changes(tenant)
    parent = queries.nearest_above(tenant, name)
    if parent is None:
        is_ours(tenant, actor, Mastered.DOMAINS)
    rules.domain_can_be_owned(name)
    rules.not_on_the_list(tenant, name)
    rules.nobody_else_has_it(tenant, name)
    rules.nobody_else_owns_above(tenant, name)
    rules.there_is_room(tenant, parent)
    target = queries.catch_all_target(tenant, catch_all) if catch_all.strip() else None
    domain = Domain(tenant=tenant, name=name, sort_name=sort_name(name), parent=parent, catch_all_id=target)
    if parent is not None and parent.is_verified:
        domain.verified_at, domain.proof = timezone.now(), Proof.PARENT
    elif approved or (approved is None and actor.may(Permission.MANAGE_TENANTS, tenant)):
        domain.verified_at, domain.proof, domain.approved_by = timezone.now(), Proof.APPROVED, actor.name
    begin_checks(domain)
    _save(tenant, domain)
    record(actor, Action.DOMAIN_ADD, domain, place=tenant, after=describe(domain))
    return domain


def _may_come_back(tenant: Tenant, domain: Domain) -> None:
    rules.not_on_the_list(tenant, domain.name)
    rules.nobody_else_has_it(tenant, domain.name)
    rules.nobody_else_owns_above(tenant, domain.name)
    if domain.parent is not None and domain.parent.presence != Presence.PRESENT:
        raise Refused(f"Restore {domain.parent} first: {domain} is its subdomain.")
    rules.there_is_room(tenant, domain.parent)


def _save(tenant: Tenant, domain: Domain) -> None:
    try:
        with transaction.atomic():
            domain.save()
    except IntegrityError:  # somebody else was quicker by a moment
        rules.not_on_the_list(tenant, domain.name)
        rules.nobody_else_has_it(tenant, domain.name)
        raise
