"""JSON over HTTP to OX Cloud, as the brand: the plug-ins (`oxaas/v1/admin`) and the Cloud API."""

import json
import logging
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from oxherd.errors import PlatformError, PlatformMisconfigured, PlatformNotFound, PlatformRefused, PlatformUnreachable
from oxherd.ox.data import Connection
from oxherd.ox.faults import Call, from_code, from_status, from_text, said
from oxherd.ox.json_lists import NoList, objects_in
from oxherd.ox.transport import Transport

logger = logging.getLogger(__name__)
Query = Mapping[str, str]
DONE = range(200, 300)
UNAUTHORIZED, NOT_FOUND, TOO_MANY, BROKEN = 401, 404, 429, 500
_STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    UNAUTHORIZED: (
        PlatformMisconfigured,
        "The platform does not accept the login or password of this brand. Correct them in its settings.",
    ),
    TOO_MANY: (PlatformUnreachable, "The platform is asked too often at the moment. It is tried again."),
}


def path(*parts: object) -> str:
    """Parts of an address, each made safe."""
    return "".join(f"/{quote(str(part), safe='@')}" for part in parts)


class Rest:
    """`base` is the address before the path, without a slash at its end; threads share one."""

    def __init__(self, base: str, transport: Transport, connection: Connection) -> None:
        self.base = base
        self._transport = transport
        token = b64encode(f"{connection.login}:{connection.password}".encode()).decode("ascii")
        self._authorization = f"Basic {token}"
        self._secrets = (connection.password, token)

    def ask(
        self,
        method: str,
        where: str,
        body: Any = None,
        *,
        query: Query | None = None,
        secrets: Collection[str] = (),
        context_id: int | None = None,
    ) -> Any:
        """The answer's JSON, None where it is empty. PlatformNotFound for 404, and for others as the platform says.

        secrets: passwords in the body, which must not reach the log. context_id: for the log, as in `Call`.
        """
        call = self._call(method, where, secrets, context_id)
        status, content = self._answer(call, method, where, body, query=query)
        if status not in DONE:
            raise refusal(status, content, call)
        return _read(content, call)

    def each(
        self, where: str, *, query: Query | None = None, context_id: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """The objects of a list, while it arrives, in constant memory; raises as `ask` does."""
        call = self._call("GET", where, context_id=context_id)
        with self._transport.exchange_streamed(call, self._request("GET", where, None, query)) as (status, chunks):
            logger.debug("%s answered with HTTP %d", call.operation, status)
            if status not in DONE:
                raise refusal(status, b"".join(chunks), call)
            try:
                yield from objects_in(chunks)
            except NoList as error:
                raise not_understood(call.describe(str(error))) from None

    def look(self, where: str, *, query: Query | None = None) -> tuple[int, Any]:
        """Status and JSON of an answer, None where it is none. Raises PlatformUnreachable for trouble that passes."""
        call = self._call("GET", where)
        status, content = self._answer(call, "GET", where, query=query)
        if status >= BROKEN or status == TOO_MANY:
            raise refusal(status, content, call)
        return status, _json(content)

    def _answer(
        self, call: Call, method: str, where: str, body: Any = None, *, query: Query | None = None
    ) -> tuple[int, bytes]:
        status, content = self._transport.exchange(call, self._request(method, where, body, query))
        logger.debug("%s answered with HTTP %d", call.operation, status)
        return status, content

    def _call(self, method: str, where: str, secrets: Collection[str] = (), context_id: int | None = None) -> Call:
        return Call("REST", f"{method} {urlsplit(where).path}", context_id, (*self._secrets, *secrets), by_brand=True)

    def _request(self, method: str, where: str, body: Any, query: Query | None) -> requests.Request:
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        return requests.Request(method, f"{self.base}{where}", headers=headers, params=query, json=body)


def app_suite_host(base: str) -> str:
    """The address for the plug-ins: partners' hosts of OX Cloud begin with `provisioning.`, and the REST of App Suite
    is at the same name without it."""
    parts = urlsplit(base)
    return parts._replace(netloc=parts.netloc.removeprefix("provisioning.")).geturl()


def _read(content: bytes, call: Call) -> Any:
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except ValueError:
        detail = call.describe(f"no JSON: {content[:200].decode('utf-8', 'replace')}")
    raise not_understood(detail)


def not_understood(detail: str) -> PlatformUnreachable:
    """For an answer of another form than is published."""
    return PlatformUnreachable("The platform's answer could not be understood. It is tried again.", detail=detail)


def refusal(status: int, content: bytes, call: Call) -> PlatformError:
    """The error for an answer that is none of success: by its code, else by what its JSON says, else by its status."""
    code, title = _said(content)
    text = call.without_secrets(title)
    detail = call.describe(f"HTTP {status}: {text}")
    known = from_code(code, text, detail) or from_text(text, detail)
    if known is not None and not (status >= BROKEN and isinstance(known, PlatformRefused)):
        return known
    if status in _STATUSES:
        kind, sentence = _STATUSES[status]
        return kind(sentence, detail=detail)
    if not text or status >= BROKEN:
        return from_status(status, call, content)
    if status == NOT_FOUND:
        return PlatformNotFound("The platform does not know this object.", detail=detail)
    return PlatformRefused(said(text), detail=detail)


def _said(content: bytes) -> tuple[int, str]:
    """Code and title of the Cloud API's `errors`, which have one entry; 0 for the code of others.

    What plug-ins say beside the status is not published.
    """
    answer = _json(content)
    if not isinstance(answer, dict):
        return 0, ""
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = str(first.get("code", ""))
    return int(code) if code.isdecimal() else 0, str(first.get("title") or answer.get("error") or "")[:300]


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
