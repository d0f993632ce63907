"""What is changed of a subscription: name, seats, limits; suspended and resumed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.subscription import LimitsDialog, NameForm, ReasonForm, SeatsDialog
from oxherd.profiles.queries import of_brand
from oxherd.subscriptions.commands import change_subscription
from oxherd.subscriptions.queries import impact
from oxherd.tenants import queries as tenants
from oxherd.tenants.commands import resume_tenant, suspend_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


@require_http_methods(["GET", "POST"])
def seats(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Which profiles the customer's users may have, and how many each."""
    tenant = managed(request, tenant_id)
    held = list(tenants.seats_of(tenant))
    form = SeatsDialog(list(of_brand(tenant.brand)), held, _data(request))
    if form.is_valid():
        try:
            change_subscription(actor=request.actor, tenant=tenant, seats=form.seats, without=form.without)
        except Refused as refused:
            show(form, refused)
        else:
            return done(request, tenant, f"The seats of {tenant} were changed.")
    return _dialog(request, tenant, "seats", form)


@require_http_methods(["GET", "POST"])
def limits(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """How much of the rest there may be."""
    tenant = managed(request, tenant_id)
    form = LimitsDialog(tenant, _data(request))
    if form.is_valid():
        try:
            wished: dict[str, Any] = {"quota_mb": form.quota_mb, **form.limits}
            change_subscription(actor=request.actor, tenant=tenant, **wished)
        except Refused as refused:
            show(form, refused)
        else:
            return done(request, tenant, f"The limits of {tenant} were changed.")
    return _dialog(request, tenant, "limits", form)


@require_http_methods(["GET", "POST"])
def name(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Another name for the customer; the context keeps its own."""
    tenant = managed(request, tenant_id)
    form = NameForm(tenant, _data(request))
    if form.is_valid():
        try:
            changed = change_subscription(actor=request.actor, tenant=tenant, name=form.cleaned_data["name"])
        except Refused as refused:
            show(form, refused)
        else:
            return done(request, tenant, f"The customer is called {changed} now.")
    return _dialog(request, tenant, "name", form)


@require_http_methods(["GET", "POST"])
def suspend(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Close the context for its users, after it was said who is concerned."""
    tenant = managed(request, tenant_id)
    form = ReasonForm(_data(request))
    if form.is_valid():
        try:
            suspend_tenant(actor=request.actor, tenant=tenant, reason=form.cleaned_data["reason"])
        except Refused as refused:
            show(form, refused)
        else:
            return done(request, tenant, f"{tenant} is being suspended.")
    return _dialog(request, tenant, "suspend", form)


@require_POST
def resume(request: PanelRequest, tenant_id: int) -> HttpResponse:
    tenant = managed(request, tenant_id)
    resume_tenant(actor=request.actor, tenant=tenant)
    return done(request, tenant, f"{tenant} is being resumed. Its users can sign in again in a moment.")


def managed(request: PanelRequest, tenant_id: int) -> Tenant:
    """As `seen`. Raises Refused for one that is managed elsewhere."""
    tenant = seen(request, tenant_id)
    is_ours(tenant, request.actor, Mastered.CUSTOMER)
    return tenant


def seen(request: PanelRequest, tenant_id: int) -> Tenant:
    """Raises NotYours for one out of sight, NotAllowed for who may only look at it."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_TENANTS, tenant)
    return tenant


def done(request: PanelRequest, tenant: Tenant, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return answers.done(request, reverse("overview", args=[tenant.pk]))


def _data(request: PanelRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _dialog(request: PanelRequest, tenant: Tenant, template: str, form: forms.Form) -> HttpResponse:
    context = {"tenant": tenant, "form": form, "back": reverse("overview", args=[tenant.pk])}
    if template == "suspend":
        context["impact"] = impact(tenant)
    return answers.dialog(request, f"panel/overview/{template}.html", context, status=422 if form.errors else 200)
