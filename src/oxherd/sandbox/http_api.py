"""The part of App Suite's HTTP API that says who somebody is, and the internal REST look-up of sessions.

Sources: http_api/paths/login/redeemToken.yaml, token/acquireToken.yaml and com.openexchange.tokenlogin.impl;
SessionRESTService below /preliminary. Refusals come with status 200 and `error`, as everywhere in that API.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from oxherd.sandbox import holdings
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.journal import Entry, now
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply, as_json, text
from oxherd.sandbox.sessions import Session

PREFIXES = ("/appsuite/api/", "/ajax/")
LOOK_UP = "/preliminary/session/v1/get/"
COOKIE = "open-xchange-secret-standin"


class Refusal(Exception):
    def __init__(self, code: str, sentence: str, status: int = 200) -> None:
        super().__init__(sentence)
        self.code, self.status = code, status


def answers(path: str) -> bool:
    return path.startswith((*PREFIXES, LOOK_UP))


def answer(platform: Platform, message: Message) -> Reply:
    if message.path.startswith(LOOK_UP):
        return _look_up(platform, message)
    module = next(message.path.removeprefix(each) for each in PREFIXES if message.path.startswith(each))
    action = message.query.get("action", "")
    work = ACTIONS.get((module, action))
    if work is None:
        return text(404, f"The stand-in knows no {module}?action={action}.")
    started = time.perf_counter()
    try:
        reply, outcome = work(platform, message), "ok"
    except Refusal as refusal:
        reply, outcome = _refused(refusal), f"{refusal.code}: {refusal}"
    _record(platform, "HTTP API", action, outcome, started)
    return reply


def _acquire_token(platform: Platform, message: Message) -> Reply:
    token = platform.sessions.acquire_token(_own_session(platform, message))
    return as_json({"data": {"token": token}})


def _redeem_token(platform: Platform, message: Message) -> Reply:
    """A new session beside the one that had the token."""
    if message.method != "POST":
        raise Refusal("SVL-0001", "Use POST here.", 405)
    given = _given(message)
    for name in ("token", "client", "secret", "authId"):
        if not given.get(name):
            raise Refusal("SVL-0002", f"Missing the following request parameter: {name}")
    if not hmac.compare_digest(given["secret"].encode(), platform.settings.token_secret.encode()):
        raise Refusal("TKL-0005", "Token redeem denied.")
    found = platform.sessions.redeem_token(given["token"])
    if found is None:
        raise Refusal("TKL-0003", f"No such token: {given['token']}")
    user = _user(platform, found)
    session = platform.sessions.open(found.context_id, found.user_id)
    told = {"session": session.id, "user": user["name"], "user_id": found.user_id, "context_id": found.context_id}
    reply = as_json({**told, "locale": user.get("language") or "en_US"})
    reply.headers["Set-Cookie"] = cookie_of(session)
    return reply


def _log_out(platform: Platform, message: Message) -> Reply:
    platform.sessions.end(_own_session(platform, message).id)
    return Reply(200, b"", "text/plain; charset=utf-8")


ACTIONS: dict[tuple[str, str], Callable[[Platform, Message], Reply]] = {
    ("token", "acquireToken"): _acquire_token,
    ("login", "redeemToken"): _redeem_token,
    ("login", "logout"): _log_out,
}


def cookie_of(session: Session) -> str:
    return f"{COOKIE}={session.secret}; Path=/; HttpOnly; SameSite=Lax"


def _look_up(platform: Platform, message: Message) -> Reply:
    started = time.perf_counter()
    if message.method != "GET":
        return text(405, "Use GET here.")
    if not _is_ours(platform, message.headers.get("authorization", "")):
        reply = text(401, "Unauthorized")
        reply.headers["WWW-Authenticate"] = 'Basic realm="OX REST"'
        _record(platform, "REST", "session", "401", started)
        return reply
    session = platform.sessions.find(message.path.removeprefix(LOOK_UP))
    _record(platform, "REST", "session", "ok", started)
    if session is None:
        return as_json({})
    with platform.store.reading() as db:
        guest = bool(holdings.user(db, session.context_id, session.user_id)["guest"])
    return as_json({"context": session.context_id, "user": session.user_id, "guest": guest})


def _is_ours(platform: Platform, header: str) -> bool:
    scheme, _, value = header.partition(" ")
    wanted = f"{platform.settings.rest_login}:{platform.settings.rest_password}".encode()
    try:
        given = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(given, wanted)


def _own_session(platform: Platform, message: Message) -> Session:
    """The session of the parameter, if the cookie has its secret."""
    session = platform.sessions.find(_given(message).get("session", ""))
    if session is None:
        raise Refusal("SES-0203", "Your session expired. Please login again.")
    try:
        cookies = SimpleCookie(message.headers.get("cookie", ""))
    except CookieError:
        cookies = SimpleCookie()
    secret = cookies[COOKIE].value if COOKIE in cookies else ""
    if not hmac.compare_digest(secret.encode(), session.secret.encode()):
        raise Refusal("SES-0204", "Session secret is different.")
    return session


def _user(platform: Platform, session: Session) -> dict[str, object]:
    """Raises Refusal where user or context are gone or disabled."""
    try:
        with platform.store.reading() as db:
            context = holdings.context(db, session.context_id)
            user = holdings.user(db, session.context_id, session.user_id)
    except LookupError:
        raise Refusal("TKL-0004", "No such session for token.") from None
    if not context["enabled"] or not user.get("mailenabled", True):
        raise Refusal("LGI-0006", "The account is disabled.", 403)
    return user


def _given(message: Message) -> dict[str, str]:
    """Parameters of the address and of a form together."""
    form = parse_qs(message.body.decode("utf-8", "replace"), keep_blank_values=True) if message.body else {}
    return {**message.query, **{name: values[-1] for name, values in form.items()}}


def _refused(refusal: Refusal) -> Reply:
    told = {"error": str(refusal), "error_params": [], "categories": "USER_INPUT", "category": 1}
    content = json.dumps({**told, "code": refusal.code, "error_desc": str(refusal)}).encode()
    return Reply(refusal.status, content, "text/javascript; charset=UTF-8", {"Cache-Control": "no-store"})


def _record(platform: Platform, service: str, operation: str, outcome: str, started: float) -> None:
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    platform.journal.add(Entry(now(), service, operation, None, "", outcome, milliseconds, writes=False))
