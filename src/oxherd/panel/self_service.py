"""The switch by which a customer's administrator opens the page of their own to service users."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.tenants import queries as tenants
from oxherd.tenants.commands import switch_self_service


@require_POST
def switch(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """`on`: yes or anything else. Can be switched back at any time, and so needs no question."""
    tenant = tenants.one(request.actor, tenant_id)
    tenant = switch_self_service(actor=request.actor, tenant=tenant, on=request.POST.get("on") == "yes")
    is_on = tenant.self_service
    messages.success(
        request, "Self-service is on." if is_on else "Self-service is off. Whoever was there is signed out."
    )
    return answers.done(request, reverse("overview", args=[tenant.pk]))
