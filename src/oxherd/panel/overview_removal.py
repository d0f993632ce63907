"""A customer is removed, restored, deleted for good; what goes along is told first, and can be taken along."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.subscription import RemoveForm
from oxherd.panel.overview_dialogs import done, managed, seen
from oxherd.subscriptions.export import begin_export
from oxherd.subscriptions.queries import impact
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant, remove_tenant, restore_tenant


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Close the customer; it can be restored for some days."""
    tenant = managed(request, tenant_id)
    days = max(settings.KEEP_REMOVED_DAYS, 0)
    sentence = f"{tenant} was removed. It can be restored for {days} day{'' if days == 1 else 's'}."
    if not days:
        sentence = f"{tenant} is being deleted."
    return _ask(request, tenant, remove_tenant, sentence, {"days": days, "for_good": not days})


@require_http_methods(["GET", "POST"])
def delete(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Delete the customer for good, removed before or not."""
    tenant = managed(request, tenant_id)
    return _ask(request, tenant, delete_tenant, f"{tenant} is being deleted for good.", {"days": 0, "for_good": True})


@require_POST
def restore(request: PanelRequest, tenant_id: int) -> HttpResponse:
    tenant = managed(request, tenant_id)
    restored = restore_tenant(actor=request.actor, tenant=tenant)
    was = "It is suspended as before." if restored.state == "suspended" else "Its users can sign in again in a moment."
    return done(request, tenant, f"{tenant} was restored. {was}")


@require_GET
def export(request: PanelRequest, tenant_id: int) -> StreamingHttpResponse:
    """All that is stored of the customer, as a ZIP of tables; made while it is sent."""
    tenant = seen(request, tenant_id)
    name = f"{tenant.context_name}-{timezone.now():%Y-%m-%d}.zip".replace("%", "_")
    parts = begin_export(actor=request.actor, tenant=tenant)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)


def _ask(request: PanelRequest, tenant: Tenant, act: Any, sentence: str, context: dict[str, Any]) -> HttpResponse:
    form = RemoveForm(tenant, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            act(actor=request.actor, tenant=tenant, reason=form.cleaned_data["reason"])
        except Refused as refused:
            show(form, refused)
        else:
            return done(request, tenant, sentence)
    context |= {"tenant": tenant, "form": form, "impact": impact(tenant), "action": request.path}
    context["back"] = reverse("overview", args=[tenant.pk])
    return answers.dialog(request, "panel/overview/remove.html", context, status=422 if form.errors else 200)
