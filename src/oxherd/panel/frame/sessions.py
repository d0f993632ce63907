"""Who is in the frame, for how long, and which pages there are."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from csp.constants import NONE
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh

from oxherd.accounts.models import Administrator
from oxherd.accounts.policies import Policy
from oxherd.accounts.queries import Standing, policy_at
from oxherd.accounts.states import Role
from oxherd.aps import entering
from oxherd.aps.models import ApsInstance
from oxherd.errors import Refused
from oxherd.panel import session_limits
from oxherd.panel.frame.prefix import is_in_frame
from oxherd.signin.addresses import address_of
from oxherd.tenants.models import Tenant
from oxherd.walls.sight import EVERYTHING, seeing

KEPT = "entered"  # in the session: the ids of the instance and of the tenant; tickets are soon forgotten
LONGEST = timedelta(hours=8)
ENTRANCE = "/enter/"
SUSPENDED = "Open-Xchange is suspended"
# Below the customer's address, what is managed in the frame. All else belongs to the panel as a whole.
PAGES = re.compile(r"t/<int:tenant_id>/(?:banners/|retry/|options/|users/|ox/(?!differences/)|removed/|undo/|$)")
LEADS_ON = frozenset({"home", "tenant", "users"})
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Framed:
    """What was entered. origins: of the control panel that shows the frame. tabs: it has none of its own."""

    instance: ApsInstance
    tenant: Tenant
    origins: tuple[str, ...]
    standing: Standing
    tabs: bool = True


class FrameSessionMiddleware:
    """Inside the frame nobody is but by a ticket, and a session that a ticket has begun opens nothing outside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_in_frame(request):
            if KEPT in request.session:  # carried here by hand
                logout(request)
            return self.get_response(request)
        if request.path_info == ENTRANCE:
            return self.get_response(request)
        with seeing(EVERYTHING):
            framed = _framed(request)
        if not isinstance(framed, Framed):
            return closed(request, framed)
        request.framed = framed  # type: ignore[attr-defined]  # `framed_of` reads it
        return shown_by(self.get_response(request), framed.origins)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Deny by default: what is not listed is not there. The list of users is that of OX Service."""
        match, framed = request.resolver_match, framed_of(request)
        if framed is None or match is None:
            return None
        own = match.kwargs.get("tenant_id") == framed.tenant.pk
        if match.url_name != "home" and not (own and PAGES.match(match.route)):
            raise Http404
        return redirect("ox_users", framed.tenant.pk) if match.url_name in LEADS_ON else None


def remember(request: HttpRequest, instance: ApsInstance, tenant: Tenant, *, tabs: bool = True) -> None:
    """In the session that has just begun."""
    request.session[KEPT] = {"instance": instance.pk, "tenant": tenant.pk, "tabs": tabs}


def framed_of(request: HttpRequest) -> Framed | None:
    """What was entered, for pages inside the frame; None outside."""
    return getattr(request, "framed", None)


def closed(request: HttpRequest, refused: Refused | None = None, *, status: int = 403) -> HttpResponse:
    """For who has no way in (any more): a page that tells nothing, which known control panels may show."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    with seeing(EVERYTHING):
        origins = entering.origins_of_all()
    heading = SUSPENDED if isinstance(refused, entering.Suspended) else ""
    told = {"sentence": refused.sentence if refused else "", "heading": heading}
    response = render(request, "panel/frame/closed.html", told, status=status)
    response.headers["Cache-Control"] = "no-store"
    return shown_by(response, origins)


def shown_by(response: HttpResponse, origins: Any) -> HttpResponse:
    """Only these may show the answer in a frame; what is no origin is none."""
    sound = [origin for origin in origins if isinstance(origin, str) and ORIGIN.fullmatch(origin)]
    response.xframe_options_exempt = True  # as Django's decorator does
    response._csp_replace = {"frame-ancestors": sound or [NONE]}  # type: ignore[attr-defined]  # noqa: SLF001 - as django-csp's decorators do
    return response


def _framed(request: HttpRequest) -> Framed | Refused | None:
    """What the session has entered, or why there is nothing any more; None for no session."""
    instance, tenant = _entered(request)
    if instance is None or tenant is None or not isinstance(request.user, Administrator):
        return None
    request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
    policy = _policy(tenant)
    try:
        entering.may_be_here(instance, tenant)
        _is_not_over(request, policy)
    except Refused as refused:
        entering.note_end(request.user, tenant, request_id=request_id, ip_address=address_of(request))
        logout(request)
        return refused
    actor = entering.actor_of(request.user, tenant.pk, request_id=request_id, ip_address=address_of(request))
    tabs = request.session[KEPT].get("tabs", True)
    return Framed(instance, tenant, tuple(instance.panel_hosts), Standing(actor, policy), tabs)


def _is_not_over(request: HttpRequest, policy: Policy) -> None:
    if over := session_limits.why_over(request, policy):
        raise Refused(over.replace("Sign in again.", entering.AGAIN))


def _entered(request: HttpRequest) -> tuple[ApsInstance | None, Tenant | None]:
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict):
        return None, None
    instance = ApsInstance.objects.filter(pk=kept["instance"]).first()
    return instance, Tenant.objects.filter(pk=kept["tenant"]).select_related("brand").first()


def _policy(tenant: Tenant) -> Policy:
    """As of the customer's other administrators; but the controller has seen who it is, and by what."""
    policy = policy_at(Role.CUSTOMER_ADMINISTRATOR, brand_id=tenant.brand_id, tenant_id=tenant.pk)
    return replace(policy, second_factor=False, session=min(policy.session, LONGEST))
