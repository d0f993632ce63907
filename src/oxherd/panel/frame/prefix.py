"""The panel once more, at /frame/, for frames in the control panels of controllers: with cookies of its own.

All pages are the same ones; what they link to stands below /frame/ too. The cookies of the two never meet: inside, only
those of the frame are there, and what is set inside goes to the frame alone.
"""

from collections.abc import Callable, Container
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix

PREFIX = "/frame"
SECURE = "__Secure-"


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
        request.COOKIES = _theirs(request.COOKIES)
        before = get_script_prefix()
        set_script_prefix(f"{before.rstrip('/')}{PREFIX}/")
        try:
            response = self.get_response(request)
        finally:
            set_script_prefix(before)
        _mark_cookies(response)
        return response


def is_in_frame(request: HttpRequest) -> bool:
    """Whether a page below /frame/ is asked for."""
    return getattr(request, "in_frame", False)


def cookie_name(name: str) -> str:
    """How a cookie of the panel is called in the frame. Its prefix may not be the panel's: that asks for all paths."""
    bare = name.removeprefix(settings.COOKIE_PREFIX)
    return f"{SECURE if settings.SERVED_BY_TLS else ''}frame-{bare}"


def _theirs(cookies: dict[str, str]) -> dict[str, str]:
    """Of what the browser brings only the frame's, by the names that the panel reads."""
    names = {cookie_name(name): name for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages")}
    return {names[name]: value for name, value in cookies.items() if name in names}


def _mark_cookies(response: HttpResponse) -> None:
    """In a frame of another site browsers keep only cookies that say so; without TLS there is none but of one site."""
    for name, cookie in list(response.cookies.items()):
        del response.cookies[name]
        new = PartitionedMorsel() if settings.SERVED_BY_TLS else Morsel[str]()
        new.set(cookie_name(name), cookie.value, cookie.coded_value)
        new.update(cookie)
        new["path"], new["domain"] = PREFIX, ""
        new["samesite"], new["secure"] = ("None", True) if settings.SERVED_BY_TLS else ("Lax", "")
        response.cookies[cookie_name(name)] = new
