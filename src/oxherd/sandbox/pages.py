"""The stand-in's own pages: contexts with what they hold, mischief, last calls. They read as the platform holds it."""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from oxherd.sandbox import brand_pages, holdings, rendering, user_pages
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.mischief import NUMBERS, Action, rule_from
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.rendering import PAGE_SIZE, listed
from oxherd.sandbox.replies import Reply

STATIC = {
    "style.css": "text/css; charset=utf-8",
    "follow.js": "text/javascript; charset=utf-8",
    "wizard.js": "text/javascript; charset=utf-8",
    "close.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
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
    return rendering.page("missing.html", status=404, path=message.path)


@cache
def _static(name: str) -> Reply:
    content = files(__package__).joinpath("static", name).read_bytes()
    return Reply(200, content, STATIC[name], {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"})


def _overview(platform: Platform, message: Message) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        place = listed(message, holdings.count_contexts(db, search))
        found = holdings.contexts_page(db, search, PAGE_SIZE, place["offset"])
    return rendering.page("contexts.html", here="contexts", contexts=found, place=place)


def _context(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = listed(message, holdings.count_users(db, context_id, search))
        found = holdings.users_page(db, context_id, search, PAGE_SIZE, place["offset"])
    return rendering.page("users.html", here="contexts", context=context, users=found, place=place)


def _groups(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = listed(message, holdings.count_groups(db, context_id, search))
        found = holdings.groups_page(db, context_id, search, PAGE_SIZE, place["offset"])
    return rendering.page("groups.html", here="contexts", context=context, groups=found, place=place)


def _group(platform: Platform, message: Message, context_id: int, group_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context, group = holdings.context(db, context_id), holdings.group_row(db, context_id, group_id)
        place = listed(message, holdings.count_members(db, context_id, group_id, search))
        found = holdings.members_page(db, context_id, group_id, search, limit=PAGE_SIZE, offset=place["offset"])
    return rendering.page("group.html", here="contexts", context=context, group=group, members=found, place=place)


def _resources(platform: Platform, message: Message, context_id: int) -> Reply:
    search = message.query.get("search", "").strip()
    with platform.store.reading() as db:
        context = holdings.context(db, context_id)
        place = listed(message, holdings.count_resources(db, context_id, search))
        found = holdings.resources_page(db, context_id, search, PAGE_SIZE, place["offset"])
        names = holdings.names_of_entities(db, context_id, found)
    return rendering.page("resources.html", here="contexts", context=context, resources=found, names=names, place=place)


def _mischief(platform: Platform, _: Message, error: str = "") -> Reply:
    values: dict[str, Any] = {"mischief": platform.mischief.as_dict(), "actions": list(Action), "error": error}
    return rendering.page("mischief.html", status=400 if error else 200, here="mischief", **values)


def _calls(platform: Platform, _: Message) -> Reply:
    return rendering.page("calls.html", here="calls", log=platform.journal.as_dict(PAGE_SIZE))


def _change_mischief(platform: Platform, message: Message) -> Reply:
    form = rendering.form(message)
    try:
        numbers = {name: float(form.get(name) or 0) for name in NUMBERS}
        platform.mischief.replace({**numbers, "error_action": form.get("error_action")})
    except ValueError as error:
        return _mischief(platform, message, str(error))
    return rendering.see("/mischief")


def _add_rule(platform: Platform, message: Message) -> Reply:
    form = rendering.form(message)
    match = {name: form.get(name) for name in ("service", "operation", "name", "context_id")}
    try:
        times = int(form["times"]) if form.get("times") else None
        seconds = float(form.get("seconds") or 60)
        rule = {"match": match, "action": form.get("action"), "times": times, "seconds": seconds}
        platform.mischief.add(rule_from({**rule, "text": form.get("text"), "fault": form.get("fault")}))
    except ValueError as error:
        return _mischief(platform, message, str(error))
    return rendering.see("/mischief")


def _remove_rule(platform: Platform, message: Message) -> Reply:
    position = rendering.form(message).get("position", "")
    if position.isdecimal():
        platform.mischief.remove(int(position))
    return rendering.see("/mischief")


def _clear_mischief(platform: Platform, _: Message) -> Reply:
    platform.mischief.clear()
    return rendering.see("/mischief")


def _reset_calls(platform: Platform, _: Message) -> Reply:
    platform.journal.reset()
    return rendering.see("/calls")


ROUTES: list[tuple[str, re.Pattern[str], Work]] = [
    (verb, re.compile(path.replace("ID", "([0-9]{1,18})")), work)
    for verb, path, work in (
        ("GET", "/", _overview),
        ("GET", "/contexts/ID", _context),
        ("GET", "/contexts/ID/users/ID", user_pages.show),
        ("GET", "/contexts/ID/users/ID/upgrade", user_pages.upgrade),
        ("GET", "/contexts/ID/groups", _groups),
        ("GET", "/contexts/ID/groups/ID", _group),
        ("GET", "/contexts/ID/resources", _resources),
        ("GET", "/contexts/ID/mail", brand_pages.mail),
        ("GET", "/brands", brand_pages.overview),
        ("GET", "/brands/ID", brand_pages.show),
        ("GET", "/mischief", _mischief),
        ("POST", "/mischief", _change_mischief),
        ("POST", "/mischief/rules", _add_rule),
        ("POST", "/mischief/rules/remove", _remove_rule),
        ("POST", "/mischief/clear", _clear_mischief),
        ("GET", "/wizard", user_pages.wizard),
        ("POST", "/wizard", user_pages.change_wizard),
        ("GET", "/calls", _calls),
        ("POST", "/calls/reset", _reset_calls),
    )
]
