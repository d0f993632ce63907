"""From a claim to a domain: approved by hand, or proved by a TXT record that the worker has found."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door, Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains import checks, queries, rules
from oxherd.domains.commands import describe, locked
from oxherd.domains.models import Domain
from oxherd.domains.records import OWNERSHIP
from oxherd.domains.states import Proof, next_check
from oxherd.errors import Refused
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import held
from oxherd.tenants.rules import takes_changes

CHECKER = "Check of domains"


@transaction.atomic
def approve_domain(*, actor: Actor, domain: Domain) -> Domain:
    """Take a claim for proved. Raises Refused where another customer has the domain, or one above it."""
    actor.require(Permission.MANAGE_TENANTS, domain)
    takes_changes(held(domain.tenant))
    domain = locked(domain)
    if domain.is_verified:
        return domain
    domain.proof, domain.approved_by = Proof.APPROVED, actor.name
    _verify(actor, domain, Action.DOMAIN_APPROVE)
    return domain


@transaction.atomic
def request_check(*, actor: Actor, domain: Domain) -> None:
    """Have the worker look at the DNS soon. A claim that was given up is looked at for another month from now on.

    A second click while the first is on its way changes nothing.
    """
    actor.require(Permission.RETRY, domain)
    domain = locked(domain)
    if domain.is_being_checked:
        return
    now = timezone.now()
    if domain.checks_ended:
        domain.checks_since = now
        domain.next_check_at = next_check(now, now, verified=False)
    domain.checking_since = now
    domain.save(update_fields=["checks_since", "next_check_at", "checking_since"])
    record(actor, Action.DOMAIN_CHECK, domain, place=domain)
    checks.enqueue([domain.pk])


@transaction.atomic
def request_due_checks(most: int) -> int:
    """Have the worker look at domains whose time has come, at most so many; returns how many."""
    now = timezone.now()
    due = Domain.objects.select_for_update(skip_locked=True, no_key=True).order_by("next_check_at")
    domains = list(due.filter(presence=Presence.PRESENT, next_check_at__lte=now)[:most])
    for domain in domains:
        domain.checking_since = now
        domain.next_check_at = next_check(now, domain.checks_since, verified=domain.is_verified)
    Domain.objects.bulk_update(domains, ["checking_since", "next_check_at"])
    checks.enqueue([domain.pk for domain in domains], priority=checks.BY_AND_BY)
    return len(domains)


def note_check(domain_id: int, found: Mapping[str, Any]) -> None:
    """Write down what the DNS holds, and verify a claim whose proof was among it.

    found: kind of record -> {"values": [...], "problem": sentence}. A domain that is gone is left alone.
    """
    with transaction.atomic():
        domain = Domain.objects.select_for_update(no_key=True).filter(pk=domain_id, presence=Presence.PRESENT).first()
        if domain is None:
            return
        now = timezone.now()
        domain.found, domain.checked_at, domain.checking_since = dict(found), now, None
        domain.next_check_at = next_check(now, domain.checks_since, verified=domain.is_verified)
        domain.save(update_fields=["found", "checked_at", "checking_since", "next_check_at"])
    if not domain.is_verified and domain.proof_value in found.get(OWNERSHIP, {}).get("values", ()):
        verify_domain(domain)


def verify_domain(domain: Domain) -> bool:
    """Verify a claim whose TXT record was found; False where another customer has the domain, or one above it."""
    try:
        with transaction.atomic():
            # As commands do it: the tenant before its domains.
            takes_changes(held(domain.tenant))
            domain = locked(domain)
            if not domain.is_verified:
                domain.proof = Proof.TXT
                _verify(system(CHECKER, Door.WORKER), domain, Action.DOMAIN_VERIFY)
    except Refused:
        return False
    return True


def _verify(actor: Actor, domain: Domain, action: Action) -> None:
    """Raises Refused where another customer was first. What is below the domain is verified with it."""
    tenant = domain.tenant
    rules.nobody_else_has_it(tenant, domain.name)
    rules.nobody_else_owns_above(tenant, domain.name)
    if not _saved_as_verified(domain):
        rules.nobody_else_has_it(tenant, domain.name)
        raise Refused(f"{domain} is just being verified by another customer.", field="name")
    record(actor, action, domain, place=tenant, after=describe(domain))
    _verify_below(actor, domain)
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)


def _verify_below(actor: Actor, domain: Domain) -> None:
    """Verify the claims below a domain; one that another customer has verified before stays a claim."""
    below = Domain.objects.select_for_update(of=("self",), no_key=True).filter(parent=domain)
    for claim in below.filter(presence=Presence.PRESENT, verified_at=None).order_by("pk"):
        claim.proof = Proof.PARENT
        if not queries.obstacle(claim) and _saved_as_verified(claim):
            record(actor, Action.DOMAIN_VERIFY, claim, place=domain, after=describe(claim))
            _verify_below(actor, claim)


def _saved_as_verified(domain: Domain) -> bool:
    domain.verified_at = domain.next_check_at = timezone.now()  # what else it needs is looked for at once
    try:
        with transaction.atomic():
            domain.save(update_fields=["verified_at", "proof", "approved_by", "next_check_at"])
    except IntegrityError:  # somebody else was quicker by a moment
        return False
    return True
