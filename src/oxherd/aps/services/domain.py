"""A mail domain: the controller vouches that it is the customer's. What is below one of them is a subdomain."""

from typing import Any

from oxherd.aps.models import ApsResource
from oxherd.aps.releasing import leaving
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.services import tenant
from oxherd.aps.types import DOMAIN
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains import commands, rules
from oxherd.domains.models import Domain
from oxherd.domains.queries import catch_all_addresses
from oxherd.errors import NotYours, Refused
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import retry_tenant


def of(row: ApsResource) -> Domain:
    """Raises NotYours for one that was removed here."""
    rows = Domain.objects.select_related("tenant__brand")
    domain = rows.filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if domain is None:
        raise NotYours("There is no such domain any more.")
    return domain


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    row.tenant = tenant.above(call)
    if (back := leaving(row.tenant).filter(name=rules.domain_name(wishes["name"])).first()) is not None:
        row.object_id = back.pk
        if "catchAll" in wishes:
            commands.change_domain(actor=call.actor(back), domain=back, catch_all=wishes["catchAll"])
        return
    domain = commands.add_domain(
        actor=call.actor(row.tenant),
        tenant=row.tenant,
        name=wishes["name"],
        approved=True,
    )
    row.object_id = domain.pk
    if wishes.get("catchAll"):  # who may have an address in this very domain
        commands.change_domain(actor=call.actor(domain), domain=domain, catch_all=wishes["catchAll"])


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    if "catchAll" in asked:
        domain = of(row)
        commands.change_domain(actor=call.actor(domain), domain=domain, catch_all=asked["catchAll"])


def _remove(call: Call, row: ApsResource) -> Subject | None:
    domain = Domain.objects.select_related("tenant__brand").filter(pk=row.object_pk).first()
    if domain is None:
        return None
    if domain.presence == Presence.PRESENT and not _goes(call, domain):
        return None
    return SubjectKind.TENANT, domain.tenant_id


def _goes(call: Call, domain: Domain) -> bool:
    """Whether it goes now; one that is in use goes later (`releasing`)."""
    actor = call.actor(domain)
    try:
        commands.remove_domain(actor=actor, domain=domain)
    except Refused as refused:
        record(actor, Action.DOMAIN_LEAVE, domain, place=domain, after={"reason": refused.sentence})
        return False
    return True


def _tell(row: ApsResource) -> dict[str, Any]:
    domain = of(row)
    catch_all = catch_all_addresses([domain]).get(domain.catch_all_id or 0, "")
    state = "verified" if domain.is_verified else "pending"
    return {"name": domain.display_name, "catchAll": catch_all, "state": state}


def _subject(row: ApsResource) -> Subject | None:
    """The context maps its domains."""
    return (SubjectKind.TENANT, row.tenant_id) if row.tenant_id else None


def _retry(call: Call, row: ApsResource) -> None:
    customer = of(row).tenant
    retry_tenant(actor=call.actor(customer), tenant=customer)


SERVICE = Service(
    one=DOMAIN,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    making="Bringing the domain to the platform",
    changing="Bringing the change to the domain",
    removing="Taking the domain from the platform",
)
