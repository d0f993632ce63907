"""When a session was last seen, and from where: for the list of one's sessions."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

SEEN_AT = "seen_at"  # in the session, so that most requests need no query
EVERY_SECONDS = 60


class ActivityMiddleware:
    """Notes a session at most once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and time.time() - request.session.get(SEEN_AT, 0) > EVERY_SECONDS:
            note_activity(request)
        return self.get_response(request)


def note_activity(request: HttpRequest) -> None:
    """Keep this session in the list of sessions, with the address and browser of now."""
    UserSession.objects.create_from_request(request)
    request.session[SEEN_AT] = int(time.time())
