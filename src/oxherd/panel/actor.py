"""Who makes the request: every view gets `request.actor`."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door


class PanelRequest(HttpRequest):
    """A request of somebody who is signed in."""

    actor: Actor
    htmx: HtmxDetails
    request_id: str


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PanelRequest) -> HttpResponse:
        request.request_id = uuid4().hex
        if isinstance(request.user, Administrator):
            request.actor = actor_of(request.user, door=Door.PANEL, request_id=request.request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.request_id
        return response
