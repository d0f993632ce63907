"""The endpoint at /aps/: for controllers alone. Nothing is answered but JSON, whatever comes."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from oxherd.aps import bodies, lifecycle, trust
from oxherd.aps.faults import Fault, of_error, response_to, without_database
from oxherd.aps.models import ApsInstance
from oxherd.aps.progress import Answer
from oxherd.aps.routes import Route, route
from oxherd.aps.service import Call, Service
from oxherd.aps.services import SERVICES, app
from oxherd.aps.trust import Channel
from oxherd.aps.trust_commands import note_controller
from oxherd.errors import OxherdError
from oxherd.signin.addresses import address_of

log = logging.getLogger(__name__)
ACTS: dict[str, Callable[[Call, Service, Route], Answer]] = {
    "retrieve": lifecycle.retrieve,
    "configure": lifecycle.configure,
    "unprovision": lifecycle.unprovision,
    "link": lifecycle.link,
    "unlink": lifecycle.unlink,
    "call": lifecycle.operate,
}


@login_not_required
@csrf_exempt  # there is no session that another page could misuse: each call is signed, or shows a certificate
def endpoint(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every call of a controller; the address says which (`routes`)."""
    try:
        return _answered(request, path)
    except Fault as fault:
        return _refused(request, fault)
    except OxherdError as error:
        return _refused(request, of_error(error))
    except (OperationalError, InterfaceError):
        log.exception("aps: no database")
        return without_database(request)
    except UnreadablePostError:
        return response_to(Fault(400))
    except Exception:
        log.exception("aps: %s %s failed", request.method, request.path)
        return response_to(Fault(500, "oxherd has failed; its log tells why."))


def _answered(request: HttpRequest, path: str) -> HttpResponse:
    if not path.strip("/"):
        if request.method not in {"GET", "HEAD"}:
            raise Fault(405)
        return JsonResponse({"status": "ok"})
    content = _content(request)
    channel = trust.channel_of(request)
    found = route(request.method or "", path)
    body = bodies.read(content, request.headers.get("Content-Type", ""))
    answer = _carry_out(request, channel, found, body)
    if answer.status == 204:  # noqa: PLR2004 - of HTTP: nothing follows
        return HttpResponse(status=204)
    return JsonResponse(dict(answer.body), status=answer.status, headers=dict(answer.headers))


def _content(request: HttpRequest) -> bytes:
    if request.headers.get("Transfer-Encoding"):  # Django reads as much as Content-Length says
        raise Fault(411)
    try:
        length = int(request.headers.get("Content-Length") or 0)
        content = b"" if length > bodies.LARGEST_BODY else request.body
    except (ValueError, RequestDataTooBig):
        raise Fault(413) from None
    if length > bodies.LARGEST_BODY or len(content) > bodies.LARGEST_BODY:
        raise Fault(413)
    return content


def _carry_out(request: HttpRequest, channel: Channel, found: Route, body: dict[str, Any]) -> Answer:
    controller = request.headers.get("APS-Controller-URI", "")
    if found.one.service == "app":
        if found.act == "provision":
            with transaction.atomic():  # an instance comes with its first resource, or not at all
                instance = app.enrol(channel, body)
                call = _call(request, instance, body)
                answer = lifecycle.provision(call, SERVICES["app"])
                note_controller(call.actor(), instance, controller)
                return answer
        if found.act == "unprovision" and channel.instance is not None:
            return lifecycle.unprovision(_call(request, channel.instance, body), SERVICES["app"], found)
    instance = channel.needed()
    call, service = _call(request, instance, body), SERVICES[found.one.service]
    note_controller(call.actor(), instance, controller)
    if found.act == "provision":
        return lifecycle.provision(call, service)
    return ACTS[found.act](call, service, found)


def _call(request: HttpRequest, instance: ApsInstance, body: dict[str, Any]) -> Call:
    return Call(
        instance=instance,
        body=body,
        query=request.GET.dict(),
        is_poll=request.headers.get("APS-Request-Phase", "").strip().lower() == "async",
        identity=request.headers.get("APS-Identity-ID", "")[:100],
        request_id=getattr(request, "request_id", ""),
        ip_address=address_of(request),
    )


def _refused(request: HttpRequest, fault: Fault) -> HttpResponse:
    log.info("aps: %s %s: %s %s", request.method, request.path, fault.status, fault.message)
    return response_to(fault)
