"""What is done to domains, each in a dialog; without script each is a page."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.domains import commands, queries
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import approve_domain
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.domain import found
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.domain import CatchAllForm, DomainForm, EditForm, SubdomainForm
from oxherd.panel.forms.refusals import show
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Add domain."""
    tenant = _tenant(request, tenant_id)
    is_ours(tenant, request.actor, Mastered.DOMAINS)
    data = request.POST if request.method == "POST" else None
    form = DomainForm(request.actor, tenant, data, complete=not is_search(request.POST))
    if _is_sent(request) and form.is_valid():
        try:
            domain = commands.add_domain(
                actor=request.actor,
                tenant=tenant,
                name=form.cleaned_data["name"],
                catch_all=form.catch_all_address,
                approved=form.is_approved,
            )
        except Refused as refused:
            show(form, refused)
        else:
            return _added(request, domain)
    return _dialog(request, tenant, "add", form)


@require_http_methods(["GET", "POST"])
def add_subdomain(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Add subdomain. `?parent=` chooses the domain beforehand."""
    tenant = _tenant(request, tenant_id)
    data = request.POST if request.method == "POST" else None
    domains = list(queries.present(tenant).order_by("sort_name", "pk"))
    complete, parent = not is_search(request.POST), request.GET.get("parent", "")
    form = SubdomainForm(request.actor, tenant, domains, data, complete=complete, parent=parent)
    if _is_sent(request) and form.is_valid():
        try:
            domain = commands.add_subdomain(
                actor=request.actor,
                tenant=tenant,
                name=form.cleaned_data["name"],
                parent=form.cleaned_data["parent"],
                catch_all=form.catch_all_address,
            )
        except Refused as refused:
            show(form, refused)
        else:
            return _added(request, domain)
    return _dialog(request, tenant, "add_subdomain", form)


@require_http_methods(["GET", "POST"])
def edit(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The pencil: who gets what is addressed to nobody."""
    tenant, domain = found(request, tenant_id, pk)
    request.actor.require(Permission.MANAGE_DOMAINS, tenant)
    data = request.POST if request.method == "POST" else None
    form = EditForm(request.actor, domain, data, complete=not is_search(request.POST))
    if _is_sent(request) and form.is_valid():
        try:
            commands.change_domain(actor=request.actor, domain=domain, catch_all=form.catch_all_address)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Saved.")
            return _back(request, tenant, reverse("domain", args=[tenant.pk, domain.pk]))
    return _dialog(request, tenant, "edit", form, domain)


@require_http_methods(["GET", "POST"])
def approve(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The provider takes a claim for proved, after the effect was named."""
    tenant, domain = found(request, tenant_id, pk)
    request.actor.require(Permission.MANAGE_TENANTS, tenant)
    page = reverse("domain", args=[tenant.pk, domain.pk])
    obstacle = queries.obstacle(domain)
    if request.method == "POST":
        approve_domain(actor=request.actor, domain=domain)
        messages.success(request, f"{domain} is verified and carries mail.")
        return answers.done(request, page)
    context = {"tenant": tenant, "domain": domain, "obstacle": obstacle, "back": page, "page_title": str(domain)}
    return answers.dialog(request, "panel/domains/approve.html", context)


def _tenant(request: PanelRequest, tenant_id: int) -> Tenant:
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_DOMAINS, tenant)
    return tenant


def _is_sent(request: PanelRequest) -> bool:
    """Whether the form is to be saved; the Search button, which is there without script, only looks for a user."""
    return request.method == "POST" and not is_search(request.POST)


def _added(request: PanelRequest, domain: Domain) -> HttpResponse:
    """To the domain's page, which tells what is to be done next."""
    if domain.is_verified:
        messages.success(request, f"{domain} was added and carries mail.")
    else:
        messages.success(request, f"{domain} was added. Prove that it is yours, and it carries mail.")
    return answers.done(request, reverse("domain", args=[domain.tenant_id, domain.pk]))


def _back(request: PanelRequest, tenant: Tenant, instead: str) -> HttpResponse:
    """To the page on which the dialog stood."""
    came = request.htmx.current_url_abs_path or ""
    return answers.done(request, came if came.startswith(reverse("tenant", args=[tenant.pk])) else instead)


def _dialog(
    request: PanelRequest, tenant: Tenant, name: str, form: CatchAllForm, domain: Domain | None = None
) -> HttpResponse:
    context = {
        "tenant": tenant,
        "form": form,
        "domain": domain,
        "back": reverse("domain", args=[tenant.pk, domain.pk]) if domain else reverse("domains", args=[tenant.pk]),
        "page_title": str(domain or "Domains"),
    }
    wrong = _is_sent(request) and bool(form.errors)
    return answers.dialog(request, f"panel/domains/{name}.html", context, status=422 if wrong else 200)
