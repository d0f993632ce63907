"""Who is behind a login token or a session of App Suite.

Source: `login?action=redeemToken` of the HTTP API, and `/preliminary/session/v1/get/{session}` of the internal REST
interface. Both answer 200 with JSON; the first one with `error` where it refuses, the second one with an empty object.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests
from requests.utils import get_environ_proxies

from oxherd.errors import PlatformMisconfigured, PlatformUnreachable
from oxherd.ox.faults import Call, from_status, from_transport

CLIENT = "oxherd"
CONNECT_SECONDS = 5.0
# Both answers are a few hundred bytes; whatever is longer is not one of them.
LARGEST_ANSWER = 64 * 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    context_id: int
    user_id: int


def redeem_token(api_url: str, *, token: str, secret: str, timeout: float) -> Identity | None:
    """Whose login token this is; None where the platform does not take it: unknown, too old, or redeemed before.

    api_url: of the HTTP API, without a slash at its end. timeout: seconds for the answer. A token is good for one
    redemption. The session that comes of it is ended at once.
    Raises PlatformUnreachable, or PlatformMisconfigured where it is not the HTTP API that answers.
    """
    call = Call("HTTP API", "redeemToken", secrets=(token, secret))
    with _session(api_url) as session:
        url = f"{api_url}/login?action=redeemToken&authId={uuid4()}"
        form = {"token": token, "client": CLIENT, "secret": secret}
        answer = _json(session, "POST", url, call, timeout, data=form)
        if "error" in answer:
            logger.info("a login token was not taken: %s", call.without_secrets(_reason(answer)))
            return None
        _log_out(session, api_url, str(answer.get("session", "")), timeout)
    return _identity(answer.get("context_id"), answer.get("user_id"), call)


def look_up_session(api_url: str, *, session_id: str, login: str, password: str, timeout: float) -> Identity | None:
    """Whose session this is; None where there is no such session, or it is a guest's.

    api_url: of the internal REST interface, without a slash at its end. timeout: seconds for the answer.
    Raises PlatformUnreachable, or PlatformMisconfigured for a wrong address, login or password.
    """
    call = Call("REST", "session", secrets=(session_id, password))
    with _session(api_url) as session:
        url = f"{api_url}/preliminary/session/v1/get/{quote(session_id, safe='')}"
        answer = _json(session, "GET", url, call, timeout, auth=(login.encode(), password.encode()))
    if not answer or answer.get("guest"):
        return None
    return _identity(answer.get("context"), answer.get("user"), call)


def _identity(context_id: Any, user_id: Any, call: Call) -> Identity:
    if type(context_id) is not int or type(user_id) is not int:
        detail = call.describe("an answer without context and user")
        raise PlatformMisconfigured("App Suite's answer names no user. Check the address.", detail=detail)
    return Identity(context_id, user_id)


def _reason(answer: dict[str, Any]) -> str:
    return f"{answer.get('code', '')} {answer.get('error_desc') or answer.get('error')}"[:300]


def _log_out(session: requests.Session, api_url: str, session_id: str, timeout: float) -> None:
    """A session that nobody needs any more; where this fails, it ends by itself."""
    params = {"action": "logout", "session": session_id}
    try:
        session.get(f"{api_url}/login", params=params, timeout=(CONNECT_SECONDS, timeout), allow_redirects=False)
    except requests.RequestException as error:
        logger.info("the session of a redeemed token could not be ended: %s", type(error).__name__)


def _json(session: requests.Session, method: str, url: str, call: Call, timeout: float, **more: Any) -> dict[str, Any]:
    try:
        answer = session.request(
            method, url, timeout=(CONNECT_SECONDS, timeout), allow_redirects=False, stream=True, **more
        )
        content = _beginning(answer)
    except requests.RequestException as error:
        failure = from_transport(error, call)
    else:
        return _read(answer.status_code, content, call)
    raise failure  # outside of the handler: the library's error carries the address with its session


def _beginning(answer: requests.Response) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(LARGEST_ANSWER):
        content += chunk
        if len(content) >= LARGEST_ANSWER:
            break
    return bytes(content)


def _read(status: int, content: bytes, call: Call) -> dict[str, Any]:
    """403 is the HTTP API's answer where user or context are disabled: JSON with `error`, as for all refusals."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and (status == requests.codes.ok or "error" in answer):
        return answer
    if status in {requests.codes.ok, requests.codes.not_found}:
        detail = call.describe(f"HTTP {status}, and no JSON")
        raise PlatformMisconfigured("This is not App Suite's interface. Check the address.", detail=detail)
    raise from_status(status, call, content)


@contextmanager
def _session(api_url: str) -> Iterator[requests.Session]:
    """A session of its own for each question: App Suite ties its sessions to cookies."""
    if not api_url:
        raise PlatformUnreachable("No address of App Suite is known.")
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = get_environ_proxies(api_url)
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        session.headers["User-Agent"] = CLIENT
        yield session
