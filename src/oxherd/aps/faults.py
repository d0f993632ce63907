"""What a controller hears when something cannot be: always JSON of {code, error, type, message} (APS 2.0, errors)."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse

from oxherd.errors import NotAllowed, NotYours, OxherdError, Refused

PREFIX = "/aps/"
# As CloudBlue Commerce's own connector tells that nothing is gained by asking again.
FINAL = "aps-transient-error"
NO_DATABASE_WAIT = "30"  # seconds
SENTENCES = {
    400: "The request cannot be understood.",
    401: "The caller is not known.",
    403: "The caller may not do this.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    411: "Send the body with a Content-Length: one in chunks is not read here.",
    413: "The request is too large.",
    503: "oxherd cannot reach its database. Try again in a moment.",
}


class Fault(Exception):
    """A call that is not carried out. status: of HTTP. kind: a word for programs. final: asking again is in vain."""

    def __init__(
        self, status: int, message: str = "", *, kind: str = "", field: str | None = None, final: bool = False
    ) -> None:
        self.status, self.message = status, message or SENTENCES.get(status, "oxherd has failed.")
        self.kind, self.field, self.final = kind or KINDS.get(status, "failed"), field, final
        super().__init__(self.message)


KINDS = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    503: "unavailable",
}


def of_error(error: OxherdError) -> Fault:
    """What a room's error is for a controller: its sentence says all there is to say."""
    if isinstance(error, NotYours):
        return Fault(404, error.sentence)
    if isinstance(error, NotAllowed):
        return Fault(403, error.sentence)
    if isinstance(error, Refused):
        return Fault(400 if error.field else 409, error.sentence, field=error.field, final=True)
    return Fault(500, error.sentence, kind=error.code)


def without_database(request: HttpRequest) -> JsonResponse:
    """A poll is answered that it goes on, since it does: for an error the controller would give the work up."""
    if request.headers.get("APS-Request-Phase", "").strip().lower() != "async":
        return response_to(Fault(503))
    return JsonResponse({}, status=202, headers={"APS-Info": SENTENCES[503], "APS-Retry-Timeout": NO_DATABASE_WAIT})


def response_to(fault: Fault) -> JsonResponse:
    """The answer that tells of it."""
    told: dict[str, Any] = {"code": fault.status, "error": fault.kind, "type": "Exception", "message": fault.message}
    if fault.field:
        told["details"] = {"field": fault.field}
    return JsonResponse(told, status=fault.status, headers={FINAL: "False"} if fault.final else None)


class JsonFaultMiddleware:
    """What fails before the endpoint is reached (a strange host name, no database) is told as JSON there, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            request.get_host()
        except DisallowedHost:
            return response_to(Fault(400, "This host is not one of ours (OXHERD_ALLOWED_HOSTS)."))
        response = self.get_response(request)
        failed = response.status_code >= 400  # noqa: PLR2004 - of HTTP
        if response.status_code == 503:  # noqa: PLR2004 - of HTTP; only what has no database is answered so
            return without_database(request)
        return response_to(Fault(response.status_code)) if failed and not _is_json(response) else response


def _is_json(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def header_text(text: str) -> str:
    """A sentence as a header can carry it: one line of ASCII."""
    line = " ".join(text.translate({0x201C: '"', 0x201D: '"', 0x2019: "'"}).split())
    return json.dumps(line)[1:-1].replace('\\"', '"') if not line.isascii() else line
