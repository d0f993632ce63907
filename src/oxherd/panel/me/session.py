"""Who has signed in to the page of their own. It stands in the session beside, and apart from, any administrator."""

import time
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.views.decorators.cache import never_cache

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.panel import answers
from oxherd.people import own_sign_in
from oxherd.people.models import ServiceUser
from oxherd.signin.addresses import address_of
from oxherd.walls.sight import EVERYTHING, Sight, seeing

KEY = "me"
IDLE_SECONDS = 3600
EVERY_SECONDS = 60


def begin(request: HttpRequest, user: ServiceUser) -> None:
    """Let the user in, under another key than before."""
    request.session.cycle_key()
    rotate_token(request)
    request.session[KEY] = {"user": user.pk, "seal": own_sign_in.seal_of(user), "active_at": int(time.time())}


def end(request: HttpRequest) -> None:
    if request.session.pop(KEY, None) is not None:
        request.session.cycle_key()


def who(request: HttpRequest) -> ServiceUser | None:
    """Who is signed in here; whose time is over, or who may not be here any more, is signed out."""
    kept = request.session.get(KEY)
    if not isinstance(kept, dict):
        return None
    now = int(time.time())
    user = own_sign_in.of_id(kept["user"]) if now - kept["active_at"] <= IDLE_SECONDS else None
    if user is None or not own_sign_in.is_sealed(user, kept["seal"]):
        end(request)
        return None
    if now - kept["active_at"] > EVERY_SECONDS:
        request.session[KEY] = kept | {"active_at": now}
    return user


def actor_of(request: HttpRequest, user: ServiceUser) -> Actor:
    """The user, with no role at all: only commands that are meant for it do anything."""
    return Actor(
        name=str(user),
        door=Door.SELF_SERVICE,
        service_user_id=user.pk,
        request_id=request.request_id,  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
        ip_address=address_of(request),
    )


def for_signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view who has signed in here, and shows it nothing but this user's customer."""

    @wraps(view)
    def answer(request: HttpRequest, **rest: str) -> HttpResponse:
        with seeing(EVERYTHING) as see:
            me = who(request)
            if me is None:
                return answers.done(request, reverse("me_sign_in"))  # type: ignore[arg-type]  # asks for htmx only
            see(Sight(tenants=frozenset({me.tenant_id})))
            return view(request, me, **rest)

    return login_not_required(never_cache(answer))
