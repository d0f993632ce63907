"""Signing in elsewhere: to the service, back from it, and in."""

import logging

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.models import Administrator
from oxherd.errors import NotYours
from oxherd.panel.single_sign_on import oidc, saml
from oxherd.panel.single_sign_on.sessions import remember
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.entry import enter
from oxherd.single_sign_on.faults import SignInFailed
from oxherd.single_sign_on.models import IdentityProvider

log = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    """The address that people keep: a page with the one button. Pressed, it leads to the service."""
    row = _enabled(key)
    if request.method == "GET":
        return render(request, "panel/single_sign_on/start.html", {"row": row, "next": safe(request.GET.get("next"))})
    return leave(request, row, after=safe(request.POST.get("next")), hint=request.POST.get("login", ""))


def leave(
    request: HttpRequest, row: IdentityProvider, *, purpose: str = "sign_in", after: str = "", hint: str = ""
) -> HttpResponse:
    """To the service.

    By a page that goes on by itself: browsers hold a form to the addresses that the page with it allows, and so the
    sign-in page need not allow any other than ours.
    """
    try:
        there = way_there(request, row, purpose=purpose, after=after, hint=hint)
    except SignInFailed as fault:
        return failed(request, row, fault)
    return render(request, "panel/single_sign_on/leave.html", {"row": row, "there": there})


def way_there(request: HttpRequest, row: IdentityProvider, *, purpose: str, after: str, hint: str) -> str:
    """The address at the service; each counts. Raises SignInFailed."""
    if not ratelimit.consume(request, app="allauth.account", action="single_sign_on"):
        raise SignInFailed("Too many attempts. Wait a few minutes, then try again.")
    begin = oidc.begin if row.is_oidc else saml.begin
    return begin(request, row, purpose=purpose, after=after, hint=hint[:254])


@login_not_required
@never_cache
@require_GET
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Back from OpenID Connect."""
    row = queries.by_key(key)
    try:
        way, claims = oidc.come_back(request, row)
    except SignInFailed as fault:
        return failed(request, row, fault)
    return arrive(request, row, way, claims)


def arrive(request: HttpRequest, row: IdentityProvider, way: oidc.Way, claims: Claims) -> HttpResponse:
    """What was begun, now that the service has said who is there."""
    from oxherd.panel.single_sign_on.confirming import confirmed
    from oxherd.panel.single_sign_on.trial import tried

    if way.purpose == "test":
        return tried(request, row, claims)
    if not row.is_enabled:
        raise NotYours("There is no such way to sign in.")
    if way.purpose == "confirm":
        return confirmed(request, row, claims, safe(way.after))
    decision = enter(provider=row, claims=claims, request_id=request.request_id)  # type: ignore[attr-defined]
    if decision.refusal or decision.administrator is None:
        return turned_away(request, row, decision.refusal)
    return _sign_in(request, row, decision.administrator, claims, safe(way.after))


def failed(request: HttpRequest, row: IdentityProvider, fault: SignInFailed) -> HttpResponse:
    """The page for a sign-in that came to nothing; the log has the reason."""
    log.warning("Sign-in through identity provider %s failed: %s (%s)", row.pk, fault.sentence, fault.detail)
    return render(request, "panel/single_sign_on/failed.html", {"row": row, "sentence": fault.sentence}, status=400)


def turned_away(request: HttpRequest, row: IdentityProvider, sentence: str) -> HttpResponse:
    """The page for somebody whom the service knows, and who may not come in."""
    return render(request, "panel/single_sign_on/refused.html", {"row": row, "sentence": sentence}, status=403)


def safe(address: str | None) -> str:
    """An address within the panel, or nothing."""
    return address if address and url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""


def _sign_in(
    request: HttpRequest, row: IdentityProvider, administrator: Administrator, claims: Claims, after: str
) -> HttpResponse:
    if request.user.is_authenticated and request.user != administrator:
        request.session.flush()
    administrator.backend = "allauth.account.auth_backends.AuthenticationBackend"
    record_authentication(
        request, administrator, "identity_provider", provider=row.pk, second_factor=claims.second_factor or None
    )
    remember(request, row, administrator, second_factor=claims.second_factor)
    request.session.set_expiry(0)
    answer: HttpResponse = perform_login(request, administrator, redirect_url=after or reverse("home"))
    return answer


def _enabled(key: str) -> IdentityProvider:
    row = queries.by_key(key)
    if not row.is_enabled:
        raise NotYours("There is no such way to sign in. Ask your administrator for the right address.")
    return row
