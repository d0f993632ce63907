"""The switch by which a customer's administrator opens the page of their own to service users."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.tenants import queries as tenants
from oxherd.tenants.commands import switch_self_service


@require_http_methods(["GET", "POST"])
def switch(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """GET names what it does for the users; `on`: yes or anything else."""
    tenant = tenants.one(request.actor, tenant_id)
    back = reverse("overview", args=[tenant.pk])
    if request.method == "GET":
        request.actor.require(Permission.MANAGE_ADMINISTRATORS, tenant)
        return answers.dialog(request, "panel/overview/self_service_switch.html", {"tenant": tenant, "back": back})
    tenant = switch_self_service(actor=request.actor, tenant=tenant, on=request.POST.get("on") == "yes")
    is_on = tenant.self_service
    messages.success(
        request, "Self-service is on." if is_on else "Self-service is off. Whoever was there is signed out."
    )
    return answers.done(request, back)
