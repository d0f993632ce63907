"""Dangerous acts ask once more who somebody is, if the last proof is too old; what was typed is not lost."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.signin import proofs
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.person import administrator_of
from oxherd.signin.queries import factors_of

PASSWORD, CODE, CREDENTIAL = FIELDS = ("proof_password", "proof_code", "proof_credential")
# Dangerous pages that are files.
DOWNLOADS = frozenset({"audit_export", "tenant_audit_export", "overview_export"})
TARGET = "proof_target"  # the part of the page for which the form was meant
DIALOG = "dialog"  # the id of the page's one dialog
TEMPLATE = "panel/signin/confirm.html"


def question(request: PanelRequest) -> HttpResponse | None:
    """What asks for a proof, where the last one is too old; None where the act may go on.

    The question carries what was sent, and sends it on together with the proof; files have to be chosen again.
    """
    if proofs.is_fresh(request):
        return None
    refused = None
    if any(request.POST.get(field) for field in FIELDS):
        refused = prove(request)
        if refused is None:
            request.POST = _without_proof(request)
            return None
    return _ask_with_input(request, refused) if request.method == "POST" else _ask_first(request)


def prove(request: PanelRequest) -> Refused | None:
    """Look at the proof that was sent; None if it is good."""
    administrator = administrator_of(request)
    try:
        if request.POST.get(CREDENTIAL):
            proofs.by_passkey(request, administrator, request.POST[CREDENTIAL])
        elif request.POST.get(CODE):
            proofs.by_code(request, administrator, request.POST[CODE])
        else:
            proofs.by_password(request, administrator, request.POST.get(PASSWORD, ""))
    except Refused as refused:
        return refused
    return None


@sensitive_post_parameters(*FIELDS)
@require_http_methods(["GET", "POST"])
def confirm(request: PanelRequest) -> HttpResponse:
    """Ask who somebody is before the page that `next` names; in the dialog, or as a page of its own."""
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = reverse("own_account")
    target = request.GET.get("target", DIALOG)
    refused = None
    if request.method == "POST":
        refused = prove(request)
        if refused is None:
            return _go_on(request, after, target)
    action = f"{reverse('own_confirm')}?{urlencode({'next': after, 'target': target})}"
    context = {"action": action, "cancel": "/" if refused else _cancel(request)}
    return _dialog(request, context, refused, status=422 if refused else 200)


def _ask_first(request: PanelRequest) -> HttpResponse:
    query = urlencode({"next": request.get_full_path(), "target": request.htmx.target or DIALOG})
    action = f"{reverse('own_confirm')}?{query}"
    if not request.htmx:
        return HttpResponseRedirect(action)
    return _dialog(request, {"action": action, "cancel": _cancel(request)}, None)


def _ask_with_input(request: PanelRequest, refused: Refused | None) -> HttpResponse:
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {*FIELDS, TARGET, "csrfmiddlewaretoken"}
        for value in values
    ]
    context = {
        "action": request.get_full_path(),
        "cancel": _cancel(request),
        "sent": sent,
        "had_files": bool(request.FILES),
        "target": request.POST.get(TARGET) or request.htmx.target or DIALOG,
    }
    return _dialog(request, context, refused, status=422)


def _dialog(
    request: PanelRequest, context: dict[str, Any], refused: Refused | None, *, status: int = 200
) -> HttpResponse:
    administrator = administrator_of(request)
    context |= {
        "errors": {refused.field: refused.sentence} if refused else {},
        "factors": factors_of(administrator),
        "has_password": administrator.has_usable_password(),
        "no_passkeys": why_no_passkeys(request),
        "page_title": "Confirm it is you",
    }
    response = answers.dialog(request, TEMPLATE, context, status=status)
    if request.htmx:
        response.headers["HX-Retarget"] = f"#{DIALOG}"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _go_on(request: PanelRequest, after: str, target: str) -> HttpResponse:
    if request.htmx:
        return render(request, "panel/signin/go_on.html", {"after": after, "target": target})
    if _is_download(after):
        return render(request, "panel/signin/download.html", {"after": after})
    return HttpResponseRedirect(after)


def _is_download(address: str) -> bool:
    """A file leaves the page that stands there, which then has to be one to go on from."""
    try:
        return resolve(urlsplit(address).path).url_name in DOWNLOADS
    except Resolver404:
        return False


def _without_proof(request: PanelRequest) -> Any:
    rest = request.POST.copy()
    for field in (*FIELDS, TARGET):
        rest.pop(field, None)
    return rest


def _cancel(request: PanelRequest) -> str:
    """Where Cancel leads without script: where somebody came from."""
    came = request.htmx.current_url_abs_path or request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(came, {request.get_host()})
    return came if own else reverse("own_account")
