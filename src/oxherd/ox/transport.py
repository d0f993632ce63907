"""HTTP to one platform: pooled and kept alive, with time limits, without redirects, cookies or repeats."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies

from oxherd import outgoing
from oxherd.errors import PlatformMisconfigured
from oxherd.ox.faults import DESCRIBE, Call, from_status, from_transport
from oxherd.ox.interface import Connection

_CHUNK = 64 * 1024


class Transport:
    """`base` is the platform's address without a slash at its end; threads share one transport."""

    def __init__(self, connection: Connection) -> None:
        self.base = _base(connection.api_url)
        self._timeout = (connection.connect_timeout, connection.read_timeout)
        self._session = _session(self.base, connection)

    def get(self, url: str) -> bytes:
        """A document of the platform: a WSDL or a part of one."""
        call = Call(urlsplit(url).path.rpartition("/")[2], DESCRIBE)
        with closing(self._send(requests.Request("GET", url), call)) as response:
            content = self._content(response, call)
        if response.status_code != requests.codes.ok:
            raise from_status(response.status_code, call, content)
        return content

    def post(self, call: Call, action: str, message: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; PlatformUnreachable when there is none, or only a part."""
        with closing(self._send(self._request(call, action, message), call)) as response:
            return response.status_code, self._content(response, call)

    def exchange(self, call: Call, request: requests.Request) -> tuple[int, bytes]:
        """Status and body of the answer to a request of REST; raises as `post`."""
        with closing(self._send(request, call)) as response:
            return response.status_code, self._content(response, call)

    @contextmanager
    def streamed(self, call: Call, action: str, message: bytes) -> Iterator[tuple[int, Iterator[bytes]]]:
        """As `post`, the body piece by piece; leaving early gives up the rest."""
        with self.exchange_streamed(call, self._request(call, action, message)) as answer:
            yield answer

    @contextmanager
    def exchange_streamed(self, call: Call, request: requests.Request) -> Iterator[tuple[int, Iterator[bytes]]]:
        """As `exchange`, the body piece by piece; leaving early gives up the rest."""
        with closing(self._send(request, call)) as response:
            yield response.status_code, self._chunks(response, call)

    def _request(self, call: Call, action: str, message: bytes) -> requests.Request:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        return requests.Request("POST", f"{self.base}/webservices/{call.service}", data=message, headers=headers)

    def _send(self, request: requests.Request, call: Call) -> requests.Response:
        try:
            prepared = self._session.prepare_request(request)
            return self._session.send(prepared, timeout=self._timeout, allow_redirects=False, stream=True)
        except requests.RequestException as error:
            failure = from_transport(error, call)
        raise failure  # outside of the handler: the library's error carries the message with its passwords

    def _chunks(self, response: requests.Response, call: Call) -> Iterator[bytes]:
        try:
            yield from response.iter_content(_CHUNK)
        except requests.RequestException as error:
            failure = from_transport(error, call)
        else:
            return
        raise failure

    def _content(self, response: requests.Response, call: Call) -> bytes:
        try:
            return response.content
        except requests.RequestException as error:
            failure = from_transport(error, call)
        raise failure


def _base(api_url: str) -> str:
    """The API URL without a slash at its end; PlatformMisconfigured for what is no address of a web server."""
    try:
        parts = urlsplit(api_url.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment:
        raise PlatformMisconfigured("The API URL must look like https://ox.example.com. Correct it.")
    if parts.username is not None:
        raise PlatformMisconfigured("The API URL must not hold a login or password. They have fields of their own.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _session(base: str, connection: Connection) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # would read .netrc and the environment on each call; what matters of them is taken here
    session.proxies = get_environ_proxies(base)
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    session.verify = (bundle or True) if connection.verify_tls else False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "oxherd"
    for scheme in ("http://", "https://"):
        adapter = outgoing.GuardedAdapter(
            outgoing.PLATFORM, pool_connections=2, pool_maxsize=connection.pool_size, max_retries=0
        )
        session.mount(scheme, adapter)
    return session
