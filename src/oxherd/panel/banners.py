"""What is wrong around a tenant, for the top of its pages, and the answer that lets a banner go by itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import NotYours
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.states import NEEDS_A_PERSON, SubjectKind
from oxherd.tenants import commands, queries
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

FAILURES = {
    TenantState.ACTIVE: "could not be set up in OX",
    TenantState.SUSPENDED: "could not be suspended in OX",
    TenantState.REMOVED: "could not be closed in OX",
    TenantState.LEAVING: "could not be deleted in OX",
}


def about(actor: Actor, tenant: Tenant) -> dict[str, Any]:
    """Two queries: the brand's breaker, and the tenant's newest job."""
    job = provisioning.latest(actor, SubjectKind.TENANT, [tenant.pk]).get(tenant.pk)
    failed = job if job and job.state in NEEDS_A_PERSON else None
    leaving = tenant.state == TenantState.LEAVING
    is_active = tenant.state == TenantState.ACTIVE
    awaited = is_active and not tenant.is_provisioned
    found = {
        "outage": provisioning.outage(tenant.brand_id),
        "failed": failed,
        "can_retry": actor.may(Permission.RETRY, tenant),
        "suspended": tenant.state == TenantState.SUSPENDED,
        "removed": tenant.state == TenantState.REMOVED,
        "leaving": leaving and not failed,
        "arriving": awaited and not failed,
        "awaited": awaited,
        "failure": FAILURES[TenantState(tenant.state)] if awaited or not is_active else "could not be changed in OX",
    }
    return {**found, "polled": bool(found["outage"] or found["leaving"] or found["arriving"])}


@require_GET
def show(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The banners as they are now. Where the customer has gone meanwhile, its pages end."""
    try:
        tenant = queries.one(request.actor, tenant_id)
    except NotYours:
        if not request.htmx:
            raise
        return gone(request, tenant_id)
    return render(request, "panel/shell/banners.html", {"tenant": tenant, **about(request.actor, tenant)})


@require_POST
def retry(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Try the tenant's context again. A second click finds it on its way, and says nothing else."""
    tenant = queries.one(request.actor, tenant_id)
    commands.retry_tenant(actor=request.actor, tenant=tenant)
    return show_again(request, tenant) if request.htmx else redirect("users", tenant_id)


def gone(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The customer whose page is open has gone meanwhile; several parts of the page may find out at once."""
    if (request.htmx.current_url_abs_path or "").startswith(reverse("overview", args=[tenant_id])):
        return HttpResponse(status=204)  # the overview's own state tells it
    return answers.done(request, told_gone(request))


def told_gone(request: PanelRequest) -> str:
    """Say so, and return where to go on."""
    messages.success(request, "The customer is gone from OX and from here.")
    return reverse("home")


def show_again(request: PanelRequest, tenant: Tenant) -> HttpResponse:
    return render(request, "panel/shell/banners.html", {"tenant": tenant, **about(request.actor, tenant)})
