"""From a request to one of the REST interfaces to its answer: credentials, mischief, one transaction, the journal."""

import base64
import binascii
import json
import logging
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from oxherd.sandbox.contract.rest import endpoints
from oxherd.sandbox.faults import CloudRefusal, ServiceFault
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.mischief import Action, Rule, Subject
from oxherd.sandbox.passwords import matches
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Fate, Reply
from oxherd.sandbox.rest import CLOUD, PLUGINS, ROUTES, Answer, Asked, Route, as_json
from oxherd.sandbox.rest.bodies import checked
from oxherd.sandbox.rest.refusals import as_refusal
from oxherd.sandbox.services import Call
from oxherd.sandbox.store import Row, contexts, resellers

MODULES = (
    *("cloud_brand", "cloud_contexts", "cloud_forwards", "cloud_mail", "cloud_users_read", "cloud_users_write"),
    *("plugins_mail", "plugins_users"),
)
PREFIXES = {"/cloudapi/v2": CLOUD, "/oxaas/v1/admin": PLUGINS, "/api/oxaas/v1/admin": PLUGINS}
TRACE = "x-trace-id"
UNKNOWN = 5
NAMES = ("nameOrId", "login", "address", "domain", "alias", "context")
OF_CONTEXT = ("name", "id", "contextName", "contextId", "nameOrId", "context")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Match:
    face: str
    path: str
    route: Route
    values: dict[str, str]


def every_route() -> None:
    """Loads the modules that fill `ROUTES`. Raises RuntimeError if the contract names a request nobody answers."""
    for module in MODULES:
        import_module(f"oxherd.sandbox.rest.{module}")
    if missing := {(CLOUD, each.method, each.path) for each in endpoints()} - ROUTES.keys():
        raise RuntimeError(f"Nobody answers {sorted(missing)}")


def answers(path: str) -> bool:
    return path.startswith(tuple(f"{prefix}/" for prefix in PREFIXES))


def answer(platform: Platform, message: Message) -> Reply:
    """Never raises: whatever goes wrong is told as the interface tells it."""
    prefix = next(prefix for prefix in PREFIXES if message.path.startswith(f"{prefix}/"))
    face, path = PREFIXES[prefix], message.path.removeprefix(prefix).rstrip("/") or "/"
    found = _matched(face, message.method, path)
    reply = _unknown(face, path) if found is None else _answered(platform, message, found)
    if trace := message.headers.get(TRACE):
        reply.headers["X-Trace-Id"] = re.sub(r"[^\x20-\x7e]", "?", trace)
    return reply


def _matched(face: str, method: str, path: str) -> Match | None:
    for pattern, template, found in _patterns(face, method):
        if match := pattern.fullmatch(path):
            return Match(face, template, found, match.groupdict())
    return None


@cache
def _patterns(face: str, method: str) -> list[tuple[re.Pattern[str], str, Route]]:
    """The more of a path is literal, the earlier it is tried."""
    paths = [path for owner, verb, path in ROUTES if (owner, verb) == (face, method)]
    return [
        (_pattern(path), path, ROUTES[face, method, path]) for path in sorted(paths, key=lambda p: (p.count("{"), p))
    ]


def _pattern(path: str) -> re.Pattern[str]:
    parts = (f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in path.split("/"))
    return re.compile("/".join(parts))


def _unknown(face: str, path: str) -> Reply:
    """Whether another method would be understood."""
    others = any(_matched(face, method, path) for method in ("GET", "POST", "PUT", "DELETE"))
    return _refused(face, CloudRefusal(5), status=405 if others else 404)


def _answered(platform: Platform, message: Message, found: Match) -> Reply:
    started = time.perf_counter()
    subject = _subject(platform, message, found)
    platform.mischief.delay()
    rule = platform.mischief.strike(subject)
    reply = platform.struck(rule)
    outcome = rule.action.value if rule else "ok"
    if reply is None:
        reply, outcome = _reply(platform, message, found, rule)
    platform.record(subject, outcome, started, writes=found.route.writes)
    return reply


def _reply(platform: Platform, message: Message, found: Match, rule: Rule | None) -> tuple[Reply, str]:
    try:
        result = _work(platform, message, found, rule)
    except ServiceFault as fault:
        refusal = _told(fault, rule)
        return _refused(found.face, refusal), f"{refusal.status}: {refusal.title}"
    except Exception:
        log.exception("%s %s failed", message.method, message.path)
        return _refused(found.face, CloudRefusal(10)), "Internal error of the stand-in; its log tells more"
    reply = _written(result)
    if rule is not None and rule.action is Action.ANSWER_LOST:
        return Reply(reply.status, reply.content, reply.content_type, fate=Fate.RESET), rule.action.value
    return reply, "ok"


def _told(fault: ServiceFault, rule: Rule | None) -> CloudRefusal:
    """A refusal of a rule keeps the rule's text where no code says it; trouble with the storage is a service gone."""
    if isinstance(fault, CloudRefusal) or rule is None:
        return as_refusal(fault)
    if rule.action is Action.STORAGE_EXCEPTION:
        return CloudRefusal(10)
    refusal = as_refusal(fault)
    refusal.title = rule.text if rule.action is Action.REFUSE and refusal.code == UNKNOWN else refusal.title
    return refusal


def _work(platform: Platform, message: Message, found: Match, rule: Rule | None) -> Any:
    """One transaction; a refusal takes back everything."""
    if rule is not None and (refusal := rule.refusal()):
        raise refusal
    with platform.store.writing() if found.route.writes else platform.store.reading() as db:
        call = Call(db, platform.settings, found.face, {})
        call.reseller = _brand(call, message)
        asked = Asked(call, message, found.values, platform.sessions)
        asked.body = _body(message, found)
        return found.route.work(asked)


def _brand(call: Call, message: Message) -> Row:
    """HTTP Basic with the login of a brand. Raises CloudRefusal."""
    scheme, _, given = message.headers.get("authorization", "").partition(" ")
    try:
        login, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise CloudRefusal(2) from None
    brand = resellers.find_named(call.db, login)
    if scheme.lower() != "basic" or brand is None or not matches(brand["password"], password):
        raise CloudRefusal(2)
    return brand


def _body(message: Message, found: Match) -> Any:
    if found.face == PLUGINS:
        return as_json(message.body) if message.body else None
    kind = _bodies().get((message.method, found.path))
    return checked(kind, as_json(message.body)) if kind else None


@cache
def _bodies() -> dict[tuple[str, str], str]:
    return {(each.method, each.path): each.body for each in endpoints() if each.body}


def _subject(platform: Platform, message: Message, found: Match) -> Subject:
    """By what a rule of mischief knows it: the context, and every name in address and body."""
    given = {value for name, value in found.values.items() if name in NAMES}
    query = {name: message.query.get(name, "") for name in (*OF_CONTEXT, "userName")}
    wanted = next((value for value in (*query.values(), *map(found.values.get, OF_CONTEXT)) if value), "")
    with platform.store.reading() as db:
        context = contexts.find_named(db, wanted) if wanted else None
    number = wanted if context is None else str(context["id"])
    context_id = int(number) if number.isdecimal() and len(number) < 10 else None  # noqa: PLR2004 - a number of 32 bits
    names = frozenset(name for name in (*given, wanted, query["userName"], *_sent_names(message)) if name)
    return Subject(found.face, f"{message.method} {found.path}", context_id, names)


def _sent_names(message: Message) -> Iterable[str]:
    try:
        data = json.loads(message.body) if message.body else None
    except ValueError:
        return ()
    keys = ("name", "newName", "login", "address", "domain")
    return [str(data[key]) for key in keys if data.get(key)] if isinstance(data, dict) else ()


def _written(result: Any) -> Reply:
    status, data = (result.status, result.data) if isinstance(result, Answer) else (200, result)
    content = b"" if data is None else json.dumps(data, ensure_ascii=False).encode()
    return Reply(status, content, "application/json", {"Cache-Control": "no-store"})


def _refused(face: str, refusal: CloudRefusal, *, status: int = 0) -> Reply:
    """The Cloud API tells one error in the form of JSON:API; what the plug-ins say beside the status is not known."""
    status = status or refusal.status
    error = {"code": str(refusal.code), "id": str(uuid.uuid4()), "status": str(status), "title": refusal.title}
    data = {"errors": [error]} if face == CLOUD else {"error": refusal.title}
    if face == PLUGINS:
        status = status if status in (401, 404, 405, 503) else 400
    reply = _written(Answer(status, data))
    if status == 401:  # noqa: PLR2004 - HTTP
        reply.headers["WWW-Authenticate"] = 'Basic realm="OX Cloud"'
    return reply


every_route()
