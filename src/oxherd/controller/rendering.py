"""How the controller's own pages are made: templates, headers, forms, files."""

import mimetypes
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, select_autoescape

from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, text

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Views of packages may hold scripts inline, and show pages of their application in a frame.
POLICY_OF_VIEWS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " frame-src http: https:; form-action http: https:; frame-ancestors 'self'"
)
STATIC = {"style.css": "oxherd.sandbox", "icon.svg": "oxherd.sandbox", "follow.js": "oxherd.sandbox"}
STATIC |= {"panel.css": "oxherd.controller", "panel.js": "oxherd.controller", "wizard.js": "oxherd.controller"}
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def page(template: str, *, status: int = 200, **values: Any) -> Reply:
    content = _templates().get_template(template).render(**values).encode()
    headers = {**HEADERS, "Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Reply(status, content, "text/html; charset=utf-8", headers)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("oxherd.controller"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )


def static(name: str) -> Reply | None:
    if name not in STATIC:
        return None
    return _file(files(STATIC[name]).joinpath("static", name).read_bytes(), name, {})


def runtime() -> Reply:
    """What views of packages load as the panel's own code."""
    return _file(files("oxherd.controller").joinpath("static", "aps.js").read_bytes(), "aps.js", {})


def of_package(content: bytes, name: str) -> Reply:
    return _file(content, name, {"Content-Security-Policy": POLICY_OF_VIEWS})


def _file(content: bytes, name: str, more: dict[str, str]) -> Reply:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind += "; charset=utf-8" if kind.startswith("text/") else ""
    return Reply(200, content, kind, {**HEADERS, "Cache-Control": "no-cache", **more})


def form(message: Message) -> dict[str, str]:
    """Texts of a form, however the browser sends it; of files see `upload`."""
    if not message.headers.get("content-type", "").startswith("multipart/form-data"):
        values = parse_qs(message.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: value[-1].strip() for name, value in values.items()}
    return {
        name: content.decode("utf-8", "replace").strip() for name, is_file, _, content in _parts(message) if not is_file
    }


def upload(message: Message, name: str) -> tuple[str, bytes]:
    """Content type and bytes of a file; empty if none was chosen."""
    found = [(kind, content) for each, is_file, kind, content in _parts(message) if each == name and is_file]
    return found[0] if found else ("", b"")


def _parts(message: Message) -> list[tuple[str, bool, str, bytes]]:
    head = f"Content-Type: {message.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + message.body)
    found = []
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found.append((name, part.get_filename() is not None, part.get_content_type(), content))
    return found


def see(path: str) -> Reply:
    reply = text(303, "Done.")
    reply.headers["Location"] = path
    return reply
