"""The stand-in's own pages: contexts with what they hold, mischief, last calls. They read as the platform holds it."""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlencode

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from oxherd.sandbox import holdings
from oxherd.sandbox.contract import access, service_names
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.mischief import NUMBERS, Action, rule_from
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply, text

PAGE_SIZE = 100
PARTS = re.compile(r"([@._-])")
STATIC = {
    "style.css": "text/css; charset=utf-8",
    "follow.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # none at all would make browsers send forms with `Origin: null`
    "Cache-Control": "no-store",
}
Work = Callable[..., Reply]


def answer(platform: Platform, message: Message) -> Reply:
    method = "GET" if message.method == "HEAD" else message.method
    for verb, pattern, work in ROUTES:
        match = pattern.fullmatch(message.path)
        if match and verb == method:
            try:
                return work(platform, message, *map(int, match.groups()))
            except LookupError:
                break
    if message.path.removeprefix("/static/") in STATIC:
        return _static(message.path.removeprefix("/static/"))
    return _page("missing.html", status=404, path=message.path)


@cache
def _static(name: str) -> Reply:
    content = files(__package__).joinpath("static", name).read_bytes()
    return Reply(200, content, STATIC[name], {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"})


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("oxherd.sandbox"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )
    templates.filters["quota"] = _quota
    templates.filters["soft"] = _soft
    templates.globals["services"] = service_names()
    return templates


def _quota(megabytes: int | None) -> str:
    return "unlimited" if megabytes in (None, -1) else f"{megabytes:,} MB".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _soft(value: str) -> Markup:
    """May break after the signs between the parts of an address or name."""
    parts = [escape(part) for part in PARTS.split(value)]
    return Markup("").join(part + Markup("<wbr>") if position % 2 else part for position, part in enumerate(parts))


def _page(template: str, *, status: int = 200, **values: Any) -> Reply:
    content = _templates().get_template(template).render(**values).encode()
    return Reply(status, content, "text/html; charset=utf-8", HEADERS)


def _listed(message: Message, total: int) -> dict[str, Any]:
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


def _overview(platform: Platform, message: Message) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        place = _listed(message, holdings.count_contexts(db, search))
        found = holdings.contexts_page(db, search, PAGE_SIZE, place["offset"])
    return _page("contexts.html", here="contexts", contexts=found, place=place)


def _context(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = _listed(message, holdings.count_users(db, context_id, search))
        found = holdings.users_page(db, context_id, search, PAGE_SIZE, place["offset"])
    return _page("users.html", here="contexts", context=context, users=found, place=place)


def _groups(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = _listed(message, holdings.count_groups(db, context_id, search))
        found = holdings.groups_page(db, context_id, search, PAGE_SIZE, place["offset"])
    return _page("groups.html", here="contexts", context=context, groups=found, place=place)


def _group(platform: Platform, message: Message, context_id: int, group_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context, group = holdings.context(db, context_id), holdings.group_row(db, context_id, group_id)
        place = _listed(message, holdings.count_members(db, context_id, group_id, search))
        found = holdings.members_page(db, context_id, group_id, search, limit=PAGE_SIZE, offset=place["offset"])
    return _page("group.html", here="contexts", context=context, group=group, members=found, place=place)


def _resources(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = _listed(message, holdings.count_resources(db, context_id, search))
        found = holdings.resources_page(db, context_id, search, PAGE_SIZE, place["offset"])
        names = holdings.names_of_entities(db, context_id, found)
    return _page("resources.html", here="contexts", context=context, resources=found, names=names, place=place)


SHOWN_APART = {
    *("id", "name", "display_name", "aliases", "primaryEmail", "email1", "defaultSenderAddress", "userAttributes"),
    *("access", "combination", "image_sha256", "image_content_type", "maxQuota", "usedQuota", "guest", "groups"),
    *("mailenabled", "capabilities", "contextadmin", "default_group", "filestoreId", "filestore_name"),
}


def _user(platform: Platform, _: Message, context_id: int, user_id: int) -> Reply:
    with platform.store.reading() as db:
        context, user = holdings.context(db, context_id), holdings.user(db, context_id, user_id)
        groups = holdings.groups_of(db, context_id, user_id)
    others = {name: value for name, value in sorted(user.items()) if value is not None and name not in SHOWN_APART}
    lists = {"groups": groups, "others": others, "flags": access().flags}
    return _page("user.html", here="contexts", context=context, user=user, lists=lists)


def _mischief(platform: Platform, _: Message, error: str = "") -> Reply:
    values = {"mischief": platform.mischief.as_dict(), "actions": list(Action), "error": error}
    return _page("mischief.html", status=400 if error else 200, here="mischief", **values)


def _calls(platform: Platform, _: Message) -> Reply:
    return _page("calls.html", here="calls", log=platform.journal.as_dict(PAGE_SIZE))


def _form(message: Message) -> dict[str, str]:
    values = parse_qs(message.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value[-1].strip() for name, value in values.items()}


def _change_mischief(platform: Platform, message: Message) -> Reply:
    form = _form(message)
    try:
        numbers = {name: float(form.get(name) or 0) for name in NUMBERS}
        platform.mischief.replace({**numbers, "error_action": form.get("error_action")})
    except ValueError as error:
        return _mischief(platform, message, str(error))
    return _see("/mischief")


def _add_rule(platform: Platform, message: Message) -> Reply:
    form = _form(message)
    match = {name: form.get(name) for name in ("service", "operation", "name", "context_id")}
    try:
        times = int(form["times"]) if form.get("times") else None
        seconds = float(form.get("seconds") or 60)
        rule = {"match": match, "action": form.get("action"), "times": times, "seconds": seconds}
        platform.mischief.add(rule_from({**rule, "text": form.get("text")}))
    except ValueError as error:
        return _mischief(platform, message, str(error))
    return _see("/mischief")


def _remove_rule(platform: Platform, message: Message) -> Reply:
    position = _form(message).get("position", "")
    if position.isdecimal():
        platform.mischief.remove(int(position))
    return _see("/mischief")


def _clear_mischief(platform: Platform, _: Message) -> Reply:
    platform.mischief.clear()
    return _see("/mischief")


def _reset_calls(platform: Platform, _: Message) -> Reply:
    platform.journal.reset()
    return _see("/calls")


def _see(path: str) -> Reply:
    reply = text(303, "Done.")
    reply.headers["Location"] = path
    return reply


ROUTES: list[tuple[str, re.Pattern[str], Work]] = [
    (verb, re.compile(path.replace("ID", "([0-9]{1,18})")), work)
    for verb, path, work in (
        ("GET", "/", _overview),
        ("GET", "/contexts/ID", _context),
        ("GET", "/contexts/ID/users/ID", _user),
        ("GET", "/contexts/ID/groups", _groups),
        ("GET", "/contexts/ID/groups/ID", _group),
        ("GET", "/contexts/ID/resources", _resources),
        ("GET", "/mischief", _mischief),
        ("POST", "/mischief", _change_mischief),
        ("POST", "/mischief/rules", _add_rule),
        ("POST", "/mischief/rules/remove", _remove_rule),
        ("POST", "/mischief/clear", _clear_mischief),
        ("GET", "/calls", _calls),
        ("POST", "/calls/reset", _reset_calls),
    )
]
