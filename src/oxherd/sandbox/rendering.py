"""How the stand-in's own pages are made: templates, headers, forms."""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from oxherd.sandbox.contract import service_names
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, text

PAGE_SIZE = 100
PARTS = re.compile(r"([@._-])")
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def page(template: str, *, status: int = 200, policy: dict[str, str] | None = None, **values: Any) -> Reply:
    """policy: what differs from the usual Content-Security-Policy."""
    content = _templates().get_template(template).render(**values).encode()
    directives = "; ".join(f"{name} {sources}" for name, sources in {**POLICY, **(policy or {})}.items())
    headers = {
        "Content-Security-Policy": directives,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # none at all would make browsers send forms with `Origin: null`
        "Cache-Control": "no-store",
    }
    return Reply(status, content, "text/html; charset=utf-8", headers)


def listed(message: Message, total: int) -> dict[str, Any]:
    """Where a list stands: its search, its range, and the addresses of the pages beside it."""
    search = message.query.get("search", "").strip()
    number = message.query.get("page", "")
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(int(number), 1), last) if number.isdecimal() and len(number) < 10 else 1  # noqa: PLR2004 - a sane page
    first = (page - 1) * PAGE_SIZE

    def address(number: int) -> str:
        return "?" + urlencode({"search": search, "page": number} if search else {"page": number})

    return {
        "search": search,
        "total": total,
        "offset": first,
        "range": f"{first + 1} to {min(first + PAGE_SIZE, total)}" if total else "0",
        "previous": address(page - 1) if page > 1 else None,
        "next": address(page + 1) if page < last else None,
    }


def form(message: Message) -> dict[str, str]:
    values = parse_qs(message.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value[-1].strip() for name, value in values.items()}


def see(path: str) -> Reply:
    reply = text(303, "Done.")
    reply.headers["Location"] = path
    return reply


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("oxherd.sandbox"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )
    templates.filters["quota"] = _quota
    templates.filters["soft"] = _soft
    templates.filters["limit"] = _limit
    templates.globals["services"] = service_names()
    return templates


def _quota(megabytes: int | None) -> str:
    return "unlimited" if megabytes in (None, -1) else f"{megabytes:,} MB".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _limit(name: str) -> Markup:
    """`Subadmin.MaxContext`, which may break where its words begin."""
    return Markup("").join(Markup("<wbr>") + part for part in re.split(r"(?<=[a-z.])(?=[A-Z])|(?<=_)", name))


def _soft(value: str) -> Markup:
    """May break after the signs between the parts of an address or name."""
    parts = [escape(part) for part in PARTS.split(value)]
    return Markup("").join(part + Markup("<wbr>") if position % 2 else part for position, part in enumerate(parts))
