"""The few ways in which a view answers: a page or its changed part, a dialog, or "done, go there"."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, push_url

from oxherd.panel.actor import PanelRequest

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
