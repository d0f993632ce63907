"""Which part of the stand-in answers which address."""

import html
import logging

from oxherd.sandbox import api, app_suite, http_api, pages
from oxherd.sandbox.contract import service_names
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply, text, xml
from oxherd.sandbox.rest import faces
from oxherd.sandbox.wsdl import wsdl

WEBSERVICES = "/webservices/"
log = logging.getLogger(__name__)


def answer(platform: Platform, message: Message) -> Reply:
    """Never raises: trouble of the stand-in itself is a status 500 and a line in its log."""
    try:
        return _routed(platform, message)
    except Exception:
        log.exception("%s %s failed", message.method, message.path)
        return text(500, "Something broke inside the stand-in; its log tells what.")


def _routed(platform: Platform, message: Message) -> Reply:
    if message.path.startswith(WEBSERVICES):
        return _webservice(platform, message, message.path.removeprefix(WEBSERVICES).rstrip("/"))
    machines = faces if faces.answers(message.path) else http_api if http_api.answers(message.path) else None
    if machines is not None:
        reply: Reply = machines.answer(platform, message)
        return reply
    if message.method not in ("GET", "HEAD") and _is_foreign(message):
        return text(403, "Requests that change the stand-in must come from its own pages or from no page at all.")
    if message.path.startswith(api.PREFIX):
        return api.answer(platform, message)
    if message.path.startswith(app_suite.PREFIX):
        return app_suite.answer(message)
    return pages.answer(platform, message)


def _webservice(platform: Platform, message: Message, name: str) -> Reply:
    if not name:
        return _service_list(message)
    if name not in service_names():
        return Reply(404, b"<html><body>No service was found.</body></html>", "text/html;charset=UTF-8")
    if message.method == "POST":
        return platform.call(name, message.body)
    if "wsdl" in {key.lower() for key in message.query}:
        return xml(200, wsdl(name, f"{_origin(message)}{WEBSERVICES}{name}"))
    return text(405, f"POST a SOAP message here, or GET {WEBSERVICES}{name}?wsdl.")


def _service_list(message: Message) -> Reply:
    addresses = [html.escape(f"{_origin(message)}{WEBSERVICES}{name}?wsdl") for name in service_names()]
    items = "".join(f'<li><a href="{address}">{address}</a></li>' for address in addresses)
    page = (
        f'<!doctype html><html lang="en"><title>Services</title><h1>Available SOAP services</h1><ul>{items}</ul></html>'
    )
    return Reply(200, page.encode(), "text/html;charset=UTF-8")


def _origin(message: Message) -> str:
    """As the client sees it: scheme and host of the request, whatever a proxy in between may have changed."""
    scheme = "https" if message.headers.get("x-forwarded-proto", "").lower() == "https" else "http"
    return f"{scheme}://{message.headers.get('host', 'localhost')}"


def _is_foreign(message: Message) -> bool:
    """A browser on somebody else's page: it says so in `Origin`."""
    origin = message.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != message.headers.get("host")
