"""The page of one resource, which is the form to add or to change it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.panel import nouns
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.refusals import show as show_at
from oxherd.panel.forms.resource import ResourceForm
from oxherd.panel.resources import RESOURCES
from oxherd.panel.undo import history
from oxherd.provisioning.states import Presence
from oxherd.resources import commands, rules
from oxherd.resources.models import Resource
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Add new resource."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_GROUPS, tenant)
    form = _form(request, tenant, None)
    if _is_sent(request) and form.is_valid():
        try:
            resource = commands.add_resource(actor=request.actor, tenant=tenant, wish=form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, f"{resource} is being set up in OX.")
            return redirect("resource", tenant_id, resource.pk)
    return _page(request, {"tenant": tenant, "form": form, "resource": None})


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The resource with its history; whoever may changes it here."""
    tenant, resource = nouns.present_one(request, tenant_id, pk, RESOURCES)
    if request.method == "POST":
        request.actor.require(Permission.MANAGE_GROUPS, tenant)
        rules.is_present(resource)
    form = _form(request, tenant, resource)
    if _is_sent(request) and form.is_valid():
        try:
            commands.change_resource(actor=request.actor, resource=resource, wish=form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("resource", tenant_id, pk)
    may_change = request.actor.may(Permission.MANAGE_GROUPS, tenant) and resource.presence == Presence.PRESENT
    context = {
        **nouns.state(request.actor, tenant, RESOURCES, resource),
        "form": form if may_change else None,
        "resource": resource,
        "history": history(request.actor, tenant, "resource", resource),
    }
    return _page(request, context)


def _form(request: PanelRequest, tenant: Tenant, resource: Resource | None) -> ResourceForm:
    data = request.POST if request.method == "POST" else None
    domains = list(of_tenant(tenant))
    return ResourceForm(request.actor, tenant, domains, data, resource=resource, complete=not is_search(request.POST))


def _is_sent(request: PanelRequest) -> bool:
    """Whether the form is to be saved; the Search button, which is there without script, only looks for a manager."""
    return request.method == "POST" and not is_search(request.POST)


def _page(request: PanelRequest, context: dict[str, object]) -> HttpResponse:
    form = context["form"]
    wrong = isinstance(form, ResourceForm) and bool(form.errors)
    return render(request, "panel/resources/page.html", context, status=422 if wrong else 200)
