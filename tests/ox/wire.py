"""A tiny HTTP server that records what arrives and answers what a test says: for what no sane platform does."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lxml import etree

from oxherd.sandbox.wsdl import wsdl

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://soap.admin.openexchange.com"
DATA = "http://dataobjects.soap.admin.openexchange.com/xsd"
CREDENTIALS = "http://dataobjects.rmi.admin.openexchange.com/xsd"


@dataclass(frozen=True)
class Recorded:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def operation(self) -> etree._Element:
        return etree.fromstring(self.body)[0][0]

    def fields(self, name: str) -> list[tuple[str, str]]:
        """Local name and text of what stands in the argument, in wire order."""
        argument = self.operation.find(f"{{{SERVICE}}}{name}")
        return [(etree.QName(child).localname, "".join(child.itertext())) for child in argument]


@dataclass(frozen=True)
class Answer:
    """`cut` ends the connection within the body, `reset` before it, `hang_up` after it; `until` waits first."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    hang_up: bool = False
    until: threading.Event | None = None


def soap(inner: str = "") -> bytes:
    names = f'xmlns:soap="{SOAP}" xmlns:s="{SERVICE}" xmlns:d="{DATA}"'
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f"<soap:Envelope {names} {nil}><soap:Body>{inner}</soap:Body></soap:Envelope>".encode()


def answered(operation: str, *returns: str) -> bytes:
    inside = "".join(f"<s:return>{value}</s:return>" for value in returns)
    return soap(f"<s:{operation}Response>{inside}</s:{operation}Response>")


def fault(name: str, text: str, code: str = "soap:Server") -> Answer:
    detail = f"<detail><s:{name}><s:{name}/></s:{name}></detail>" if name else ""
    inside = f"<faultcode>{code}</faultcode><faultstring>{text}; exceptionId -1042374120-17</faultstring>{detail}"
    return Answer(soap(f"<soap:Fault>{inside}</soap:Fault>"), status=500)


class Wire:
    """`answer` decides what comes back for a POST, `description` for a GET of a WSDL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Recorded] = []
        self.hung_up = threading.Event()
        self.answer: Callable[[Recorded], Answer] = lambda request: Answer(soap())
        self.description: Callable[[str], Answer] = lambda name: Answer(wsdl(name, "http://elsewhere.invalid:80/"))

    @property
    def posts(self) -> list[Recorded]:
        return [request for request in self.requests if request.method == "POST"]

    @property
    def gets(self) -> list[str]:
        return [request.path for request in self.requests if request.method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    wire: Wire

    def do_GET(self) -> None:
        self._record()
        self._send(self.wire.description(self.path.rpartition("/webservices/")[2].partition("?")[0]))

    def do_POST(self) -> None:
        self._send(self.wire.answer(self._record()))

    def do_PUT(self) -> None:
        self.do_POST()

    def _record(self) -> Recorded:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        recorded = Recorded(self.command, self.path, dict(self.headers.items()), body, self.client_address[1])
        self.wire.requests.append(recorded)
        return recorded

    def _send(self, answer: Answer) -> None:
        self.close_connection = answer.cut or answer.reset or answer.hang_up
        if answer.until:
            answer.until.wait(20)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/xml", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

    def log_message(self, *arguments: object) -> None:
        """Tests read what was recorded."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def close_request(self, request: object) -> None:
        super().close_request(request)
        self.RequestHandlerClass.wire.hung_up.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of many tests."""


@contextmanager
def running_wire() -> Iterator[Wire]:
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        handler.wire = Wire(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield handler.wire
        server.shutdown()
