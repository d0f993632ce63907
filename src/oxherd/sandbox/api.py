"""The interface for tests and scripts under `/sandbox/api`: what is held, mischief, log."""

import json
import re
from collections.abc import Callable
from typing import Any

from oxherd.sandbox import brands, holdings
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.http_api import cookie_of
from oxherd.sandbox.mischief import rule_from
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply, as_json, problem
from oxherd.sandbox.store import mailboxes, maildomains

PREFIX = "/sandbox/api/"
LIMIT = 1000
Work = Callable[..., Reply]


def answer(platform: Platform, message: Message) -> Reply:
    path = message.path.removeprefix(PREFIX).rstrip("/")
    method = "GET" if message.method == "HEAD" else message.method
    allowed = []
    for verb, pattern, work in ROUTES:
        match = pattern.fullmatch(path)
        if match and verb == method:
            return _worked(work, platform, message, *map(int, match.groups()))
        allowed += [verb] if match else []
    return problem(405, f"Use {' or '.join(allowed)} here.") if allowed else problem(404, "There is nothing here.")


def _worked(work: Work, platform: Platform, message: Message, *ids: int) -> Reply:
    try:
        return work(platform, message, *ids)
    except LookupError:
        return problem(404, "The stand-in holds no such object.")
    except ValueError as error:
        return problem(400, str(error))


def _sent(message: Message) -> Any:
    try:
        return json.loads(message.body)
    except ValueError:
        raise ValueError("The body is not JSON.") from None


def _page(message: Message) -> tuple[str, int, int]:
    """Search text, limit and offset of a list."""
    limit, offset = (int(message.query.get(name, usual)) for name, usual in (("limit", LIMIT), ("offset", 0)))
    return message.query.get("search", ""), max(limit, 0), max(offset, 0)


def _health(platform: Platform, _: Message) -> Reply:
    with platform.store.reading() as db:
        return as_json({"status": "ok", "contexts": holdings.count_contexts(db, "")})


def _mischief(platform: Platform, _: Message) -> Reply:
    return as_json(platform.mischief.as_dict())


def _replace_mischief(platform: Platform, message: Message) -> Reply:
    platform.mischief.replace(_sent(message))
    return _mischief(platform, message)


def _clear_mischief(platform: Platform, message: Message) -> Reply:
    platform.mischief.clear()
    return _mischief(platform, message)


def _add_rule(platform: Platform, message: Message) -> Reply:
    platform.mischief.add(rule_from(_sent(message)))
    return _mischief(platform, message)


def _clear_rules(platform: Platform, message: Message) -> Reply:
    platform.mischief.replace({"rules": []})
    return _mischief(platform, message)


def _log(platform: Platform, _: Message) -> Reply:
    return as_json(platform.journal.as_dict())


def _reset_log(platform: Platform, message: Message) -> Reply:
    platform.journal.reset()
    return _log(platform, message)


def _brands(platform: Platform, message: Message) -> Reply:
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        found = brands.brands_page(db, search, limit, offset)
        return as_json({"total": brands.count_brands(db, search), "brands": found})


def _brand(platform: Platform, _: Message, brand_id: int) -> Reply:
    with platform.store.reading() as db:
        return as_json(brands.brand(db, brand_id))


def _mail(platform: Platform, message: Message, context_id: int) -> Reply:
    """Catch-alls and forwards; the search is for forwards."""
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        holdings.context(db, context_id)
        catchalls = [{"domain": row["domain"], "user": row["name"]} for row in maildomains.catchalls(db, context_id)]
        found = brands.forwards_page(db, context_id, search, limit, offset)
        total = brands.count_forwards(db, context_id, search)
        return as_json({"total": total, "catchalls": catchalls, "forwards": found})


def _contexts(platform: Platform, message: Message) -> Reply:
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        found = holdings.contexts_page(db, search, limit, offset)
        return as_json({"total": holdings.count_contexts(db, search), "contexts": found})


def _context(platform: Platform, _: Message, context_id: int) -> Reply:
    with platform.store.reading() as db:
        return as_json(holdings.context(db, context_id))


def _users(platform: Platform, message: Message, context_id: int) -> Reply:
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        holdings.context(db, context_id)
        found = holdings.users_page(db, context_id, search, limit, offset)
        return as_json({"total": holdings.count_users(db, context_id, search), "users": found})


def _user(platform: Platform, _: Message, context_id: int, user_id: int) -> Reply:
    with platform.store.reading() as db:
        return as_json(holdings.user(db, context_id, user_id))


def _photo(platform: Platform, _: Message, context_id: int, user_id: int) -> Reply:
    with platform.store.reading() as db:
        content, content_type = holdings.photo(db, context_id, user_id)
    kind = content_type if content_type in holdings.SAFE_IMAGES else "application/octet-stream"
    safety = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Reply(200, content, kind, {**safety, "Cache-Control": "no-cache"})


def _use(platform: Platform, message: Message, context_id: int, user_id: int) -> Reply:
    """How full mailbox and files of a user are; nothing else fills them here."""
    sent, names = _sent(message), {"mail_kib": "used", "files_mb": "used_files"}
    if not isinstance(sent, dict) or set(sent) - set(names) or not all(type(each) is int for each in sent.values()):
        raise ValueError("Give an object with any of mail_kib and files_mb, each a number.")
    with platform.store.writing() as db:
        holdings.user(db, context_id, user_id)
        mailboxes.change(db, context_id, user_id, **{names[name]: max(value, 0) for name, value in sent.items()})
        return as_json(holdings.user(db, context_id, user_id))


def _groups(platform: Platform, message: Message, context_id: int) -> Reply:
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        holdings.context(db, context_id)
        found = holdings.groups_with_members(db, context_id, search, limit, offset)
        return as_json({"total": holdings.count_groups(db, context_id, search), "groups": found})


def _group(platform: Platform, _: Message, context_id: int, group_id: int) -> Reply:
    with platform.store.reading() as db:
        return as_json(holdings.group(db, context_id, group_id))


def _resources(platform: Platform, message: Message, context_id: int) -> Reply:
    search, limit, offset = _page(message)
    with platform.store.reading() as db:
        holdings.context(db, context_id)
        found = holdings.resources_page(db, context_id, search, limit, offset)
        return as_json({"total": holdings.count_resources(db, context_id, search), "resources": found})


def _resource(platform: Platform, _: Message, context_id: int, resource_id: int) -> Reply:
    with platform.store.reading() as db:
        return as_json(holdings.resource(db, context_id, resource_id))


def _invite_guest(platform: Platform, message: Message, context_id: int) -> Reply:
    sent = _sent(message)
    if not isinstance(sent, dict) or not isinstance(sent.get("email"), str):
        raise ValueError("Give an object with the email of the guest.")  # noqa: TRY004 - one error for all bad input
    with platform.store.writing() as db:
        return as_json({"id": holdings.invite_guest(db, context_id, sent["email"])}, 201)


def _sign_in(platform: Platform, message: Message) -> Reply:
    sent = _sent(message)
    if not isinstance(sent, dict) or not {"context_id", "name", "password"} <= set(sent):
        raise ValueError("Give an object with context_id, name and password.")
    with platform.store.reading() as db:
        reason = holdings.why_no_sign_in(db, int(sent["context_id"]), str(sent["name"]), str(sent["password"]))
    return as_json({"allowed": reason is None, "reason": reason})


def _open_session(platform: Platform, _: Message, context_id: int, user_id: int) -> Reply:
    with platform.store.reading() as db:
        holdings.user(db, context_id, user_id)
    session = platform.sessions.open(context_id, user_id)
    reply = as_json({"session": session.id, "cookie": cookie_of(session).partition(";")[0]}, 201)
    reply.headers["Set-Cookie"] = cookie_of(session)
    return reply


ROUTES: list[tuple[str, re.Pattern[str], Work]] = [
    (verb, re.compile(path.replace("ID", "([0-9]{1,18})")), work)
    for verb, path, work in (
        ("GET", "health", _health),
        ("GET", "mischief", _mischief),
        ("PUT", "mischief", _replace_mischief),
        ("DELETE", "mischief", _clear_mischief),
        ("POST", "mischief/rules", _add_rule),
        ("DELETE", "mischief/rules", _clear_rules),
        ("GET", "log", _log),
        ("DELETE", "log", _reset_log),
        ("GET", "brands", _brands),
        ("GET", "brands/ID", _brand),
        ("GET", "contexts", _contexts),
        ("GET", "contexts/ID", _context),
        ("GET", "contexts/ID/users", _users),
        ("GET", "contexts/ID/users/ID", _user),
        ("GET", "contexts/ID/users/ID/photo", _photo),
        ("PUT", "contexts/ID/users/ID/usage", _use),
        ("GET", "contexts/ID/groups", _groups),
        ("GET", "contexts/ID/groups/ID", _group),
        ("GET", "contexts/ID/resources", _resources),
        ("GET", "contexts/ID/resources/ID", _resource),
        ("GET", "contexts/ID/mail", _mail),
        ("POST", "contexts/ID/guests", _invite_guest),
        ("POST", "contexts/ID/users/ID/sessions", _open_session),
        ("POST", "sign-in", _sign_in),
    )
]
