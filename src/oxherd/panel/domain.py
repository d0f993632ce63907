"""The page of one domain: proof of ownership, DNS records, and what happened to it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.audit import queries as audit
from oxherd.dkim import queries as dkim
from oxherd.dkim.records import records_of
from oxherd.domains import queries
from oxherd.domains.commands import retry_catch_all
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import request_check
from oxherd.domains.records import OWNERSHIP, RecordState, compared, proof_is_gone
from oxherd.domains.states import Proof
from oxherd.domains.zone import zone_file
from oxherd.errors import NotYours
from oxherd.panel import answers, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import Outcome, tell
from oxherd.panel.dkim_card import card
from oxherd.panel.domains import rows_of
from oxherd.panel.looks import TAKEN, look
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

MOST_ENTRIES = 30
MOST_SUBDOMAINS = 20


@require_GET
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    tenant, domain = found(request, tenant_id, pk)
    below = list(queries.present(tenant).filter(parent=domain).order_by("sort_name", "pk")[: MOST_SUBDOMAINS + 1])
    context = {
        **_state(tenant, domain),
        "row": rows_of(request.actor, tenant, [domain])[0],
        "subdomains": below[:MOST_SUBDOMAINS],
        "more_subdomains": len(below) > MOST_SUBDOMAINS,
        "history": [story.told(entry) for entry in audit.about(request.actor, "domain", domain.pk)[:MOST_ENTRIES]],
    }
    return render(request, "panel/domains/page.html", context)


@require_GET
def status(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Ownership and records as they are now; asks again while the worker looks at them."""
    tenant = tenants.one(request.actor, tenant_id)
    try:
        domain = queries.one(request.actor, tenant, pk)
    except NotYours:
        if not request.htmx:
            raise
        return answers.done(request, reverse("domains", args=[tenant.pk]))  # removed while somebody looked on
    return _live(request, tenant, domain)


@require_POST
def check(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Check again: the worker looks, and the page waits for it."""
    tenant, domain = found(request, tenant_id, pk)
    request_check(actor=request.actor, domain=domain)
    if not request.htmx:
        messages.success(request, f"The DNS of {domain} is being looked at. Reload this page in a moment.")
        return redirect("domain", tenant_id, pk)
    tenant, domain = found(request, tenant_id, pk)
    return _live(request, tenant, domain)


@require_GET
def catch_all(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The catch-all of one domain as it is now; asks again while it is on its way."""
    tenant, domain = found(request, tenant_id, pk)
    row = rows_of(request.actor, tenant, [domain])[0]
    return render(request, "panel/domains/catch_all.html", {"tenant": tenant, "domain": domain, "row": row})


@require_POST
def retry(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Try again what OX refused, or what got stuck."""
    tenant, domain = found(request, tenant_id, pk)
    retry_catch_all(actor=request.actor, domain=domain)
    tell(request, Outcome(done=[f"the catch-all of {domain}"]), "OX is being tried again")
    return answers.back(request, tenant, reverse("domain", args=[tenant.pk, domain.pk]))


@require_GET
def zone(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The records as a file for name servers (RFC 4027 has its type)."""
    _, domain = found(request, tenant_id, pk)
    file_name = f'attachment; filename="{domain.name}.zone"'
    text = zone_file(domain, records_of(domain, dkim.of_domain(domain)))
    return HttpResponse(text, content_type="text/dns", headers={"Content-Disposition": file_name})


def found(request: PanelRequest, tenant_id: int, pk: int) -> tuple[Tenant, Domain]:
    """Raises NotYours for a tenant or a domain out of sight."""
    tenant = tenants.one(request.actor, tenant_id)
    return tenant, queries.one(request.actor, tenant, pk)


def _live(request: PanelRequest, tenant: Tenant, domain: Domain) -> HttpResponse:
    """`?verified` comes from a page that has nothing to approve any more."""
    context = _state(tenant, domain) | {"was_verified": "verified" in request.GET}
    return render(request, "panel/domains/live.html", context)


def _state(tenant: Tenant, domain: Domain) -> answers.Context:
    """What changes by itself while the worker is at it."""
    keys = dkim.of_domain(domain)
    records = compared(domain, records_of(domain, keys))
    shown = [record for record in records if record.kind != OWNERSHIP or _asks_for_proof(tenant, domain)]
    problems = {record.problem for record in records if record.name}
    obstacle = "" if domain.is_verified else queries.obstacle(domain)
    return {
        "tenant": tenant,
        "domain": domain,
        "records": shown,
        "offered": [record for record in shown if record.state != RecordState.NOT_OFFERED],
        "not_offered": [record.label for record in shown if record.state == RecordState.NOT_OFFERED],
        "trouble": problems.pop() if len(problems) == 1 else "",
        "ownership": next(record for record in records if record.kind == OWNERSHIP),
        "obstacle": obstacle,
        "look": TAKEN if obstacle else look(domain),
        "proof_is_gone": proof_is_gone(domain),
        "dkim": card(domain, keys),
        "busy": domain.is_being_checked,
    }


def _asks_for_proof(tenant: Tenant, domain: Domain) -> bool:
    """Not where its parent or the controller vouches for it; and the proof of a claim has a card of its own."""
    vouched = domain.proof == Proof.PARENT or bool(domain.proof == Proof.APPROVED and tenant.managed_by)
    return domain.is_verified and not vouched
