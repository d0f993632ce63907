"""The repairs of a context as a whole, which reach into several rooms. Called inside the repair's transaction."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.ownership_commands import approve_domain
from oxherd.domains.queries import of_tenant, present
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.repair_commands import forget_forwarders
from oxherd.groups.models import Group
from oxherd.groups.repair_commands import forget_groups
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.repair_commands import forget_users
from oxherd.people.states import UserStatus
from oxherd.provisioning.commands import follow_up
from oxherd.provisioning.states import Presence, SubjectKind, SyncStatus
from oxherd.resources.models import Resource
from oxherd.resources.repair_commands import forget_resources
from oxherd.tenants.commands import change_tenant, resume_tenant, suspend_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.repair_commands import change_context_name, make_context_again, send_context_again

BATCH = 2000
# In the order in which one needs the other.
MADE_AGAIN: tuple[tuple[SubjectKind, type[Model]], ...] = (
    (SubjectKind.ACCOUNT, OxAccount),
    (SubjectKind.GROUP, Group),
    (SubjectKind.RESOURCE, Resource),
    (SubjectKind.FORWARDER, Forwarder),
)


def make_all_again(*, actor: Actor, tenant: Tenant) -> None:
    """A context that is gone took all with it: make it again, and then whatever was in it."""
    tenant = make_context_again(actor=actor, tenant=tenant)
    forget_users(tenant)
    forget_groups(tenant)
    forget_resources(tenant)
    forget_forwarders(tenant)
    wanted = {"tenant": tenant, "presence": Presence.PRESENT}
    ServiceUser.objects.filter(tenant=tenant, account__presence=Presence.PRESENT).update(status=UserStatus.IN_PROGRESS)
    for kind, model in MADE_AGAIN:
        for pks in _in_batches(model, wanted):
            follow_up(actor, kind, pks, place=tenant)
    for model in (Group, Resource, Forwarder):
        model.objects.filter(**wanted).update(status=SyncStatus.IN_PROGRESS)


def take_context_over(*, actor: Actor, tenant: Tenant, holds: Mapping[str, Any]) -> None:
    """The platform is right: take over the settings of its context that differ.

    A login mapping is a domain, and nobody's but the tenant's while OX holds it. Raises Refused at context_name, name
    (of a domain), domain or quota_mb.
    """
    actor.require(Permission.MANAGE_TENANTS, tenant)
    send_context_again(actor=actor, tenant=tenant, holds=holds)
    if "name" in holds:
        change_context_name(actor=actor, tenant=tenant, name=holds["name"])
    if "quota_mb" in holds:
        change_tenant(actor=actor, tenant=tenant, quota_mb=holds["quota_mb"])
    if "login_mappings" in holds:
        _take_domains(actor, tenant, set(holds["login_mappings"]))
    if "enabled" in holds:
        (resume_tenant if holds["enabled"] else suspend_tenant)(actor=actor, tenant=tenant)


def _take_domains(actor: Actor, tenant: Tenant, mappings: set[str]) -> None:
    ours = {domain.name: domain for domain in of_tenant(tenant)}
    claims = {domain.name: domain for domain in present(tenant) if not domain.is_verified}
    for name in sorted(mappings - ours.keys()):
        if name in claims:
            approve_domain(actor=actor, domain=claims[name])
        else:
            add_domain(actor=actor, tenant=tenant, name=name)
    for name in sorted(ours.keys() - mappings - {tenant.context_name.lower()}):
        remove_domain(actor=actor, domain=ours[name])


def _in_batches(model: type[Model], which: dict[str, Any]) -> Iterator[list[int]]:
    last = 0
    rows = model._default_manager.filter(**which).order_by("pk")  # noqa: SLF001 - Django's documented interface
    while pks := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield pks
        last = pks[-1]
