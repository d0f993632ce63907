"""The way into the frame: by a form that the control panel's page sends, so that no ticket stands in an address."""

import logging

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.aps import entering
from oxherd.errors import Refused
from oxherd.panel import session_limits
from oxherd.panel.frame.prefix import is_in_frame, leads_to
from oxherd.panel.frame.sessions import closed, remember, shown_by
from oxherd.signin.addresses import address_of
from oxherd.signin.devices import device
from oxherd.walls.sight import EVERYTHING, seeing

PAGES = {
    "users": "ox_users",
    "groups": "groups",
    "resources": "resources",
    "forwarders": "forwarders",
    "domains": "domains",
    "requests": "ox_purchases",
}
TOO_MANY = "Too many attempts. Wait a minute, then open this page from your control panel again."
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
log = logging.getLogger(__name__)


@csrf_exempt  # a page of another origin sends it, with a ticket that is good once, and for a minute
@login_not_required
@sensitive_post_parameters("ticket")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Let in whom the controller has sent with a ticket, to the page that was asked for with it.

    A page around us that has tabs for each of our pages sends `tabs=no`: we show ours only where there are more.
    """
    if not is_in_frame(request):
        raise Http404
    if request.method != "POST":
        return closed(request)
    usage = ratelimit.consume(request, app="allauth.account", action="frame_entry")
    if usage is None:
        return closed(request, Refused(TOO_MANY), status=429)
    with seeing(EVERYTHING):
        try:
            return _enter(request, usage)
        except Refused as refused:
            log.warning("Nobody is let into the frame: %s", refused.sentence)
            return closed(request, refused)


def _enter(request: HttpRequest, usage: ratelimit.RateLimitUsage) -> HttpResponse:
    circumstances = entering.Circumstances(
        request.request_id,  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
        address_of(request),
        device(request.headers.get("User-Agent", "")),
    )
    entry, administrator = entering.enter(ticket=request.POST.get("ticket", ""), circumstances=circumstances)
    usage.rollback()
    leads_to(request, entry.tenant_id)  # whose cookies are replaced; other customers in other tabs stay
    login(request, administrator, backend=BACKEND)
    record_authentication(request, administrator, "controller")
    remember(request, entry.instance, entry.tenant, tabs=request.POST.get("tabs") != "no")
    request.session.set_expiry(0)
    session_limits.begin(request)
    there = HttpResponseRedirect(reverse(PAGES.get(entry.page, "ox_users"), args=[entry.tenant_id]))
    there.status_code = 303  # a GET from here on
    return shown_by(there, entry.instance.panel_hosts)
