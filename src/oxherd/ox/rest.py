"""JSON over HTTP to OX Cloud, as the brand: the plug-ins (`oxaas/v1/admin`) and the Cloud API."""

import json
import logging
from base64 import b64encode
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from oxherd.errors import PlatformError, PlatformMisconfigured, PlatformNotFound, PlatformRefused, PlatformUnreachable
from oxherd.ox.data import Connection
from oxherd.ox.faults import Call, from_status, from_text
from oxherd.ox.transport import Transport

logger = logging.getLogger(__name__)
DONE = range(200, 300)
UNAUTHORIZED, NOT_FOUND, TOO_MANY, BROKEN = 401, 404, 429, 500


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
        query: dict[str, str] | None = None,
        secrets: Collection[str] = (),
    ) -> Any:
        """The answer's JSON, None where it is empty. PlatformNotFound for 404, and for others as the platform says.

        secrets: passwords in the body, which must not reach the log.
        """
        call = Call("REST", f"{method} {urlsplit(where).path}", secrets=(*self._secrets, *secrets))
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        request = requests.Request(method, f"{self.base}{where}", headers=headers, params=query, json=body)
        status, content = self._transport.exchange(call, request)
        logger.debug("%s answered with HTTP %d", call.operation, status)
        if status not in DONE:
            raise refusal(status, content, call)
        return _read(content, call)


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
    raise PlatformUnreachable("The platform's answer could not be understood. It is tried again.", detail=detail)


def refusal(status: int, content: bytes, call: Call) -> PlatformError:
    """The error for an answer that is none of success: first by what its JSON says, then by its status."""
    text = call.without_secrets(_title(content))
    detail = call.describe(f"HTTP {status}: {text}")
    if status == UNAUTHORIZED:
        sentence = "The platform does not accept the login or password of this brand. Correct them in its settings."
        return PlatformMisconfigured(sentence, detail=detail)
    if status == TOO_MANY:
        return PlatformUnreachable("The platform is asked too often at the moment. It is tried again.", detail=detail)
    if not text or status >= BROKEN:
        return from_status(status, call, content)
    known = from_text(text, detail)
    if known is not None:
        return known
    if status == NOT_FOUND:
        return PlatformNotFound("The platform does not know this object.", detail=detail)
    return PlatformRefused(f"The platform refused this: {text}{'' if text[-1] in '.!?' else '.'}", detail=detail)


def _title(content: bytes) -> str:
    """The Cloud API's `errors` have one entry with a title; what plug-ins say beside the status is not published."""
    try:
        said = json.loads(content)
    except ValueError:
        return ""
    if not isinstance(said, dict):
        return ""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(first.get("title") or said.get("error") or "")[:300]
