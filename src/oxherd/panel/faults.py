"""The one place where errors become answers: pages with our look, or a toast for a part of a page."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from oxherd.errors import NotAllowed, NotYours, OxherdError, Refused
from oxherd.panel.frame.prefix import is_in_frame
from oxherd.panel.frame.sessions import framed_of
from oxherd.panel.toasts import as_toast

STATUS: dict[type[OxherdError], int] = {Refused: 422, NotYours: 404, NotAllowed: 403}
NO_DATABASE = "oxherd cannot reach its database. Nothing of what you entered was saved. Try again in a moment."
log = logging.getLogger(__name__)


class FaultMiddleware:
    """Translates what rooms raise; also hands messages to parts of pages, which have no place to show them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_part(request) and not _leaves(response):
            _add_toasts(response, [as_toast(message) for message in messages.get_messages(request)])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OxherdError):
            return None
        status = next((number for kind, number in STATUS.items() if isinstance(error, kind)), 500)
        if status == 500:  # noqa: PLR2004 - the HTTP status
            return None
        return refusal(request, error, status)


def refusal(request: HttpRequest, error: OxherdError, status: int = 422) -> HttpResponse:
    """The sentence of an error as a page, or as a toast where a part of a page was asked for."""
    if _is_part(request):
        response = HttpResponse(error.sentence, status=status, content_type="text/plain")
        _add_toasts(response, [{"level": "error", "text": error.sentence}])
        return response
    return _page(request, status, error.sentence)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _page(request, 400, "The server did not understand this request.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _page(request, 403, "Your role does not allow this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _page(request, 404, "There is nothing at this address. It may have been removed.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("Refused a form without a valid token: %s", reason)
    sentence = "This form is out of date, so nothing was saved. Reload the page and try again."
    if _is_part(request):
        response = HttpResponse(sentence, status=403, content_type="text/plain")
        _add_toasts(response, [{"level": "error", "text": sentence}])
        return response
    return _page(request, 403, sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or no database: a page that needs neither session nor database."""
    request_id = getattr(request, "request_id", "")
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _plain("panel/errors/503.html", 503, {"sentence": NO_DATABASE, "in_frame": is_in_frame(request)})
    return _plain("panel/errors/500.html", 500, {"request_id": request_id, "in_frame": is_in_frame(request)})


def _plain(template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    return HttpResponse(render_to_string(template, context), status=status)


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    start = _start(request)
    context = {"status": status, "sentence": sentence, "back": _back(request) or start, "start": start}
    return render(request, f"panel/errors/{status}.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """The page from which somebody came, if it is one of ours; else empty."""
    referrer = request.headers.get("Referer", "")
    return referrer if url_has_allowed_host_and_scheme(referrer, {request.get_host()}) else ""


def _start(request: HttpRequest) -> str:
    """In a frame that of the customer: its cookies are for the customer's pages alone."""
    framed = framed_of(request)
    return reverse("ox_users", args=[framed.tenant.pk]) if framed else reverse("home")


def _is_part(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _leaves(response: HttpResponse) -> bool:
    """Whether the browser goes to another page, which will show the messages."""
    headers = {"HX-Redirect", "HX-Refresh", "HX-Location"}
    return response.status_code in {301, 302, 303, 307} or any(name in response.headers for name in headers)


def _add_toasts(response: HttpResponse, toasts: list[dict[str, Any]]) -> None:
    if toasts and "HX-Trigger" not in response.headers:
        response.headers["HX-Trigger"] = json.dumps({"toasts": {"items": toasts}})
