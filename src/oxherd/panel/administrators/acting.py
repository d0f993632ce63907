"""Acting for a customer's administrator: it begins with a reason, shows on every page, and ends by itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from oxherd.accounts.queries import forbids_acting_for
from oxherd.accounts.states import Permission
from oxherd.administrators import acting, queries
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import ACTING, PanelRequest
from oxherd.panel.forms.administrators import ReasonForm
from oxherd.panel.forms.refusals import show as show_at
from oxherd.tenants import queries as tenants


@require_http_methods(["GET", "POST"])
def begin(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.ACT_FOR, tenant)
    person = queries.administrator(request.actor, tenant, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = acting.begin(
                actor=request.actor, administrator=person, tenant=tenant, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            show_at(form, refused)
        else:
            request.session[ACTING] = row.pk
            return answers.done(request, reverse("users", args=[tenant.pk]))
    context = {
        "tenant": tenant,
        "person": person,
        "form": form,
        "forbidden": forbids_acting_for(tenant.pk),
        "minutes": acting.minutes(),
        "back": reverse("tenant_administrator", args=[tenant.pk, pk]),
    }
    template = "panel/administrators/act.html"
    return answers.dialog(request, template, context, status=422 if form.errors else 200)


@require_GET
def banner(request: PanelRequest) -> HttpResponse:
    """The banner as it is now; when it is over, the page goes where the operator came from."""
    if request.acting is None:
        return HttpResponseClientRedirect(reverse("home")) if request.htmx else redirect("home")
    return render(request, "panel/shell/acting.html", {"acting": request.acting})


@require_POST
def stop(request: PanelRequest) -> HttpResponse:
    """A second click finds nothing to end."""
    row = request.acting
    request.session.pop(ACTING, None)
    if row is None:
        return redirect("home")
    acting.end(row, why="Stopped.", request_id=request.request_id)
    messages.success(request, f"You do not act for {row.administrator} any more.")
    return redirect("tenant_administrators", row.tenant_id)
