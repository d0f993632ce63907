"""The few ways in which a view answers: a page or its changed part, a dialog, or "done, go there"."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, push_url

from oxherd.panel.actor import PanelRequest
from oxherd.tenants.models import Tenant

Context = dict[str, Any]


def page(request: PanelRequest, whole: str, part: str, context: Context, *, address: str = "") -> HttpResponse:
    """The whole page, or for htmx the part that changes. address: what the browser then shows as its address."""
    if not request.htmx:
        return render(request, whole, context)
    answer = render(request, part, context)
    return push_url(answer, address) if address else answer


def dialog(request: PanelRequest, template: str, context: Context, *, status: int = 200) -> HttpResponse:
    """What stands in the dialog; without script the same as a page. 422 for a form that comes back with errors."""
    if request.htmx:
        return render(request, template, context, status=status)
    return render(request, "panel/dialog_page.html", {**context, "dialog": template}, status=status)


def done(request: PanelRequest, url: str) -> HttpResponse:
    """The act is done: go there, where messages are shown."""
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)


def back(request: PanelRequest, tenant: Tenant, instead: str) -> HttpResponse:
    """To the page on which the dialog or button stood, with its search and place, if it is one of the tenant's."""
    came = request.htmx.current_url_abs_path or ""
    within = came.startswith(reverse("tenant", args=[tenant.pk]))
    return done(request, came if within else instead)
