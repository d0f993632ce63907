"""Who makes the request: every view gets `request.actor`."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.policies import Policy
from oxherd.accounts.queries import Standing, standing_of
from oxherd.accounts.states import Door
from oxherd.administrators import acting
from oxherd.administrators.models import ActingFor
from oxherd.panel import session_limits
from oxherd.signin.addresses import address_of
from oxherd.walls.sight import EVERYTHING, NOTHING, Sight, kept, seeing, sight_of

ACTING = "acting"  # in the session: the id of what goes on


HEALTH = "/healthz"


class PanelRequest(HttpRequest):
    """A request of somebody who is signed in."""

    actor: Actor
    policy: Policy
    acting: ActingFor | None  # what is done is done in a customer's administrator's place
    htmx: HtmxDetails
    request_id: str


class RequestIdMiddleware:
    """Outermost, so that every answer and every log line of a request can be found by one id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PanelRequest) -> HttpResponse:
        request.request_id = uuid4().hex
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.request_id
        return response


class ActorMiddleware(LoginRequiredMiddleware):
    """Deny by default: a view that does not say otherwise is for those who have signed in."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == HEALTH:  # tells by itself that there is no database
            request.see = lambda _: None  # type: ignore[attr-defined]  # as below
            return self.get_response(request)  # type: ignore[return-value]  # WSGI: nothing to await
        with seeing(EVERYTHING) as see:  # who is there, and what is asked of them, stands above all customers
            sight = self._enter(request)
            see(sight)
            request.see = see  # type: ignore[attr-defined]  # for `process_view`
            response: HttpResponse = self.get_response(request)  # type: ignore[assignment]  # WSGI: nothing to await
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = kept(sight, response.streaming_content)
        if "Cache-Control" not in response.headers:
            # Back must not show who has been deleted, nor anything at all after signing out.
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        """Doors that are open to strangers find out by themselves who comes, and see all while they do."""
        if not getattr(view_func, "login_required", True):
            request.see(EVERYTHING)  # type: ignore[attr-defined]  # set above
        if hasattr(request, "actor"):
            session_limits.note(request)
        return super().process_view(request, view_func, view_args, view_kwargs)

    def _enter(self, request: HttpRequest) -> Sight:
        if not isinstance(request.user, Administrator):
            return NOTHING
        request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
        framed = getattr(request, "framed", None)  # whose role is said by what was entered, and not by memberships
        standing = (
            framed.standing
            if framed
            else standing_of(request.user, door=Door.PANEL, request_id=request_id, ip_address=address_of(request))
        )
        self._let_in(request, standing)  # type: ignore[arg-type]  # from here on it is a PanelRequest
        return sight_of(request.actor) if hasattr(request, "actor") else NOTHING

    def _let_in(self, request: PanelRequest, standing: Standing) -> None:
        """Say to the views who acts; or end a session that is over, and who acted for somebody with it."""
        over = session_limits.why_over(request, standing.policy)
        if over:
            get_adapter().logout(request)
            messages.info(request, over)
            return
        request.actor, request.policy, request.acting = standing.actor, standing.policy, None
        going_on = request.session.get(ACTING)
        if going_on is None:
            return
        now = acting.now(going_on, standing.actor)
        if now is None:
            del request.session[ACTING]
            messages.info(request, "You do not act for the customer's administrator any more.")
        else:
            request.acting, request.actor = now.row, now.actor

    def handle_no_permission(  # type: ignore[override]  # htmx is redirected in a header
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        """A part of a page cannot be the sign-in form: the whole page goes there, and comes back."""
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # HtmxMiddleware has set it
        if not htmx:
            return super().handle_no_permission(request, view_func)
        back = urlencode({"next": htmx.current_url_abs_path or reverse("home")})
        return HttpResponseClientRedirect(f"{reverse(settings.LOGIN_URL)}?{back}")
