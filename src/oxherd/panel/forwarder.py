"""The page of one forwarder, which is the form to add or to change it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.forwarders import commands, queries, rules
from oxherd.forwarders.models import Forwarder
from oxherd.panel import nouns
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.forwarder import ForwarderForm, with_user
from oxherd.panel.forms.refusals import show as show_at
from oxherd.panel.forwarders import FORWARDERS
from oxherd.panel.options import SOURCES
from oxherd.panel.undo import history
from oxherd.provisioning.states import Presence
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

MOST_SHOWN = 100
ADD = "add"  # the value of `do` when a user was chosen, whose address becomes one more line


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Add new forwarder."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_GROUPS, tenant)
    rules.platform_forwards(tenant)
    form = _form(request, tenant, None)
    if _is_sent(request) and form.is_valid():
        try:
            forwarder = commands.add_forwarder(actor=request.actor, tenant=tenant, wish=form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            carried = tenant.brand.carries_mail
            messages.success(request, f"{forwarder} {'passes mail on now' if carried else 'is being set up in OX'}.")
            return redirect("forwarder", tenant_id, forwarder.pk)
    return _page(request, {"tenant": tenant, "form": form, "forwarder": None})


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The forwarder with its history; whoever may changes it here."""
    tenant, forwarder = nouns.present_one(request, tenant_id, pk, FORWARDERS)
    if request.method == "POST":
        request.actor.require(Permission.MANAGE_GROUPS, tenant)
        rules.is_present(forwarder)
    may_change = request.actor.may(Permission.MANAGE_GROUPS, tenant) and forwarder.presence == Presence.PRESENT
    form = _form(request, tenant, forwarder) if may_change else None
    if form and _is_sent(request) and form.is_valid():
        try:
            commands.change_forwarder(actor=request.actor, forwarder=forwarder, wish=form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, "Saved.")
            return redirect("forwarder", tenant_id, pk)
    shown, number = queries.shown([forwarder], MOST_SHOWN), queries.counted([forwarder])
    context = {
        **nouns.state(request.actor, tenant, FORWARDERS, forwarder),
        "form": form,
        "forwarder": forwarder,
        "recipients": shown.get(pk, []),
        "more_recipients": max(number.get(pk, 0) - MOST_SHOWN, 0),
        "history": history(request.actor, tenant, "forwarder", forwarder),
    }
    return _page(request, context)


def _form(request: PanelRequest, tenant: Tenant, forwarder: Forwarder | None) -> ForwarderForm:
    data = request.POST.copy() if request.method == "POST" else None
    if data and data.get("do") == ADD:
        chosen = SOURCES["mailboxes"].one(request.actor, tenant, data.get("user", ""))
        data["recipients"], data["user"] = with_user(data.get("recipients", ""), chosen), ""
    domains, complete = list(of_tenant(tenant)), _is_sent(request)
    return ForwarderForm(request.actor, tenant, domains, data, forwarder=forwarder, complete=complete)


def _is_sent(request: PanelRequest) -> bool:
    """Whether the form is to be saved; choosing a user, and the search without script, only fill it in further."""
    return request.method == "POST" and request.POST.get("do") != ADD and not is_search(request.POST)


def _page(request: PanelRequest, context: dict[str, object]) -> HttpResponse:
    form = context["form"]
    if request.htmx and request.POST.get("do") == ADD:
        return render(request, "panel/forwarders/form.html", context | {"added": True})
    wrong = isinstance(form, ForwarderForm) and form.complete and bool(form.errors)
    return render(request, "panel/forwarders/page.html", context, status=422 if wrong else 200)
