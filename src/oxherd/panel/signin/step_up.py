"""Dangerous acts ask once more who somebody is, if the last proof is too old; what was typed is not lost."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.signin import kept, proofs
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.person import administrator_of
from oxherd.panel.single_sign_on.confirming import asked_again_at, leave_to_confirm
from oxherd.signin.queries import factors_of
from oxherd.single_sign_on.faults import SignInFailed

PASSWORD, CODE, CREDENTIAL = PROOFS = ("proof_password", "proof_code", "proof_credential")
ELSEWHERE = "proof_elsewhere"  # the button that leads to the identity provider
FILES = "proof_files"  # files had been chosen, which cannot be sent on
# Dangerous pages that are files.
DOWNLOADS = frozenset({"audit_export", "tenant_audit_export", "overview_export"})
TARGET = "proof_target"  # the part of the page for which the form was meant
DIALOG = "dialog"  # the id of the page's one dialog
OURS = frozenset({*PROOFS, ELSEWHERE, FILES, TARGET})
TEMPLATE = "panel/signin/confirm.html"


def question(request: PanelRequest) -> HttpResponse | None:
    """What asks for a proof, where the last one is too old; None where the act may go on.

    The question carries what was sent, and sends it on together with the proof; files have to be chosen again.
    """
    if proofs.is_fresh(request):
        if request.method == "POST":
            kept.forget(request)
        return None
    refused = None
    if request.POST.get(ELSEWHERE):
        gone = _leave(request, kept.keep(request, _sent(request)))
        if isinstance(gone, HttpResponse):
            return gone
        refused = gone
    elif any(request.POST.get(field) for field in PROOFS):
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


@sensitive_post_parameters(*PROOFS)
@require_http_methods(["GET", "POST"])
def confirm(request: PanelRequest) -> HttpResponse:
    """Ask who somebody is before the page that `next` names; in the dialog, or as a page of its own."""
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = reverse("own_account")
    target = request.GET.get("target", DIALOG)
    refused = None
    if request.POST.get(ELSEWHERE):
        gone = _leave(request, after)
        if isinstance(gone, HttpResponse):
            return gone
        refused = gone
    elif request.method == "POST":
        refused = prove(request)
        if refused is None:
            return _go_on(request, after, target)
    action = f"{reverse('own_confirm')}?{urlencode({'next': after, 'target': target})}"
    context = {"action": action, "cancel": reverse("home") if refused else _cancel(request)}
    return _dialog(request, context, refused, status=422 if refused else 200)


def come_back(request: HttpRequest, after: str) -> HttpResponse:
    """From the identity provider, with the proof."""
    if _is_download(after):
        return render(request, "panel/signin/download.html", {"after": after})
    return HttpResponseRedirect(after or reverse("own_account"))


def _leave(request: PanelRequest, after: str) -> HttpResponse | Refused:
    row = asked_again_at(request)
    if row is None:
        return Refused("You did not sign in elsewhere.", field="elsewhere")
    try:
        return leave_to_confirm(request, row, after=after)
    except SignInFailed as fault:
        return Refused(fault.sentence, field="elsewhere")


def _ask_first(request: PanelRequest) -> HttpResponse:
    query = urlencode({"next": request.get_full_path(), "target": request.htmx.target or DIALOG})
    action = f"{reverse('own_confirm')}?{query}"
    if not request.htmx:
        return HttpResponseRedirect(action)
    return _dialog(request, {"action": action, "cancel": _cancel(request)}, None)


def _ask_with_input(request: PanelRequest, refused: Refused | None) -> HttpResponse:
    context = {
        "action": request.get_full_path(),
        "cancel": _cancel(request),
        "sent": _sent(request),
        "had_files": bool(request.FILES or request.POST.get(FILES)),
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
        "elsewhere": asked_again_at(request),
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
    return come_back(request, after)


def _is_download(address: str) -> bool:
    """A file leaves the page that stands there, which then has to be one to go on from."""
    try:
        return resolve(urlsplit(address).path).url_name in DOWNLOADS
    except Resolver404:
        return False


def _without_proof(request: PanelRequest) -> Any:
    rest = request.POST.copy()
    for field in OURS:
        rest.pop(field, None)
    return rest


def _sent(request: PanelRequest) -> list[tuple[str, str]]:
    """What the form is about, without what proves who sends it."""
    ours = OURS | {"csrfmiddlewaretoken"}
    return [(name, value) for name, values in request.POST.lists() if name not in ours for value in values]


def _cancel(request: PanelRequest) -> str:
    """Where Cancel leads without script: where somebody came from."""
    came = request.htmx.current_url_abs_path or request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(came, {request.get_host()})
    return came if own else reverse("own_account")
