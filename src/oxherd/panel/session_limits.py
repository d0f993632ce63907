"""Sessions end after a while without a click, and after a while in any case: as the sign-in rules say."""

import time

from django.http import HttpRequest

from oxherd.accounts.policies import Policy

BEGAN, ACTIVE = "began_at", "active_at"  # in the session, seconds since 1970
EVERY_SECONDS = 60
# Pages ask these by themselves: nobody has clicked.
POLLS = ("_progress", "_status", "_state", "banners", "acting")
IDLE = "You were signed out because nothing was clicked for a while. Sign in again."
OLD = "You were signed out because you signed in long ago. Sign in again."


def why_over(request: HttpRequest, policy: Policy) -> str:
    """The sentence that says why the session is over; empty while it goes on."""
    now, session = time.time(), request.session
    if now - session.get(BEGAN, now) > policy.session.total_seconds():
        return OLD
    if now - session.get(ACTIVE, now) > policy.idle.total_seconds():
        return IDLE
    return ""


def note(request: HttpRequest) -> None:
    """Keep when the session began and, at most once a minute, when somebody last clicked."""
    now = int(time.time())
    if BEGAN not in request.session:
        request.session[BEGAN] = now
    name = (request.resolver_match.url_name or "") if request.resolver_match else ""
    if now - request.session.get(ACTIVE, 0) > EVERY_SECONDS and not name.endswith(POLLS):
        request.session[ACTIVE] = now


def begin(request: HttpRequest) -> None:
    """Count anew: somebody has just signed in."""
    request.session[BEGAN] = request.session[ACTIVE] = int(time.time())
