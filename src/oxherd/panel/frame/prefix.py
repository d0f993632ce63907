"""The panel once more, at /frame/, for frames in the control panels of controllers: with cookies of its own.

All pages are the same ones; what they link to stands below /frame/ too. The cookies of the two never meet: inside, only
those of the frame are there, and what is set inside goes to the frame alone. Each customer has cookies of its own, so
that two tabs of a browser may show two customers.
"""

import re
from collections.abc import Callable, Container
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix

PREFIX = "/frame"
SECURE = "__Secure-"
PLACE = re.compile(r"/t/([0-9]{1,19})/")


class PartitionedMorsel(Morsel[str]):
    """A cookie of which browsers keep one for each site in whose frames it is set (CHIPS); Python knows none yet."""

    def OutputString(self, attrs: Container[str] | None = None) -> str:  # noqa: N802 - Python's name
        return f"{super().OutputString(attrs)}; Partitioned"


class FrameMiddleware:
    """Outermost of those that look at paths and cookies: whoever comes after finds the panel as it ever is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PREFIX and not request.path_info.startswith(f"{PREFIX}/"):
            return self.get_response(request)
        request.in_frame = True  # type: ignore[attr-defined]  # `is_in_frame` reads it
        request.path_info = request.path_info.removeprefix(PREFIX) or "/"
        request.META["PATH_INFO"] = request.path_info
        request.META["SCRIPT_NAME"] = f"{request.META.get('SCRIPT_NAME', '')}{PREFIX}"
        place = PLACE.match(request.path_info)
        request.frame_place = place[1] if place else ""  # type: ignore[attr-defined]  # for `_mark_cookies`
        request.COOKIES = _theirs(request.COOKIES, place[1]) if place else {}
        before = get_script_prefix()
        set_script_prefix(f"{before.rstrip('/')}{PREFIX}/")
        try:
            response = self.get_response(request)
        finally:
            set_script_prefix(before)
        _mark_cookies(response, request.frame_place)  # type: ignore[attr-defined]  # set above
        return response


def is_in_frame(request: HttpRequest) -> bool:
    """Whether a page below /frame/ is asked for."""
    return getattr(request, "in_frame", False)


def leads_to(request: HttpRequest, tenant_id: int) -> None:
    """The cookies of this answer are for the pages of that customer, from wherever they are set."""
    request.frame_place = str(tenant_id)  # type: ignore[attr-defined]  # for `_mark_cookies`


def cookie_name(name: str, place: str) -> str:
    """How a cookie of the panel is called in the frame, for the customer whose id is `place`.

    Its prefix may not be the panel's: that asks for all paths.
    """
    bare = name.removeprefix(settings.COOKIE_PREFIX)
    return f"{SECURE if settings.SERVED_BY_TLS else ''}frame-{bare}-{place}"


def _theirs(cookies: dict[str, str], place: str) -> dict[str, str]:
    """Of what the browser brings only what is the frame's and the customer's, by the names that the panel reads."""
    ours = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages")
    names = {cookie_name(name, place): name for name in ours}
    return {names[name]: value for name, value in cookies.items() if name in names}


def _mark_cookies(response: HttpResponse, place: str) -> None:
    """For the customer's pages alone; where there is none, no cookie is set.

    In a frame of another site browsers keep only cookies that say so; without TLS there is none but of one site.
    """
    for name, cookie in list(response.cookies.items()):
        del response.cookies[name]
        if not place:
            continue
        new = PartitionedMorsel() if settings.SERVED_BY_TLS else Morsel[str]()
        new.set(cookie_name(name, place), cookie.value, cookie.coded_value)
        new.update(cookie)
        new["path"], new["domain"] = f"{PREFIX}/t/{place}", ""
        new["samesite"], new["secure"] = ("None", True) if settings.SERVED_BY_TLS else ("Lax", "")
        response.cookies[cookie_name(name, place)] = new
