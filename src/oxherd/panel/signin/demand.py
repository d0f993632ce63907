"""Where a second factor is required, whoever has none is led to add one, and gets nowhere else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from oxherd.accounts.models import Administrator
from oxherd.panel.actor import PanelRequest
from oxherd.panel.frame.sessions import framed_of
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.person import administrator_of
from oxherd.panel.single_sign_on.sessions import has_second_factor as was_checked_elsewhere
from oxherd.signin import rules
from oxherd.signin.queries import has_second_factor

# What somebody needs to add a factor, and to leave again.
OPEN = frozenset(
    {
        *("own_enrol", "own_passkey_options", "own_passkey_add", "own_app", "own_confirm", "own_confirm_options"),
        "own_confirmed",
        "account_logout",
    }
)


class SecondFactorMiddleware:
    """Deny by default: what is not open is closed, whatever asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: PanelRequest, view: Any, *_: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not isinstance(request.user, Administrator):
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if (
            name in OPEN
            or not rules.asks_for_second_factor(request.policy)
            or has_second_factor(request.user)
            or was_checked_elsewhere(request)
            or framed_of(request)  # the controller has asked for what it asks for
        ):
            return None
        enrol = reverse("own_enrol")
        if request.htmx:
            came = request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(f"{enrol}?{urlencode({'next': came})}")
        came = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{enrol}?{urlencode({'next': came})}")


@require_GET
def enrol(request: PanelRequest) -> HttpResponse:
    """The choice of what to add; whoever has a factor goes on to where they wanted to."""
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = "/"
    if has_second_factor(administrator_of(request)):
        return HttpResponseRedirect(after)
    return render(request, "panel/signin/enrol.html", {"no_passkeys": why_no_passkeys(request)})
