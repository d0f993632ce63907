"""A small HTTP/1.1 server: a thread per connection, kept alive, each answer in one piece.

`http.server` spends more time on a request's headers than the stand-in on its work, hence the reading by hand.
"""

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from oxherd.sandbox.replies import Fate, Reply, text

BODY_LIMIT = 32 * 1024 * 1024
LINE_LIMIT = 65536
HEADER_COUNT_LIMIT = 200
IDLE_SECONDS = 300.0
STOP_SECONDS = 10.0
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Message:
    """A request. Header names are in lower case; `query` keeps the last value of a name; `raw_...` are as they came.

    certificate: what the client has shown, as DER, where the server asks for it.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_path: str = ""
    raw_query: str = ""
    certificate: bytes = b""


class BadRequest(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.reply = text(status, sentence)


Answer = Callable[[Message], Reply]


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.tls = tls
        self.stopping = threading.Event()
        self._changed = threading.Condition()
        self._idle: set[socket.socket] = set()
        self._busy = 0
        super().__init__(address, _Connection)

    def serve(self) -> None:
        """Accepts connections until `stop`."""
        while not self.stopping.is_set():
            try:
                connection, address = self.socket.accept()
            except OSError:  # stopped, or out of descriptors for the moment
                self.stopping.wait(0.05)
            else:
                self.process_request(connection, address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; `_Connection` answers everything else itself."""

    def begin(self, connection: socket.socket) -> None:
        with self._changed:
            self._idle.discard(connection)
            self._busy += 1

    def end(self, connection: socket.socket) -> None:
        with self._changed:
            self._busy -= 1
            self._idle.add(connection)
            self._changed.notify_all()

    def forget(self, connection: socket.socket) -> None:
        with self._changed:
            self._idle.discard(connection)

    def stop(self) -> None:
        """Takes no more connections, lets the calls in hand finish, closes the idle connections."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, STOP_SECONDS)
            for connection in self._idle:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True
    rbufsize = LINE_LIMIT

    def setup(self) -> None:
        """Shakes hands here, in the connection's own thread: a slow client keeps nobody waiting."""
        if self.server.tls is not None:
            self.request.settimeout(IDLE_SECONDS)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.connection.settimeout(IDLE_SECONDS)
        try:
            while not self.server.stopping.is_set() and self._one():
                pass
        except OSError:
            pass
        finally:
            self.server.forget(self.connection)

    def finish(self) -> None:
        """The server closes the socket that it has accepted, which TLS has emptied."""
        super().finish()
        if self.server.tls is not None:
            self.connection.close()

    def _one(self) -> bool:
        """Reads and answers one request; False when the connection is done."""
        line = self.rfile.readline(LINE_LIMIT)
        if not line:
            return False
        self.server.begin(self.connection)
        try:
            return self._answer(line)
        finally:
            self.server.end(self.connection)

    def _answer(self, line: bytes) -> bool:
        try:
            message, keep = self._message(line)
        except BadRequest as refusal:
            self._send(refusal.reply, keep=False, head=False)
            self._swallow()
            return False
        reply = self.server.answer(message)
        if reply.fate is Fate.HOLD:
            self.server.stopping.wait(reply.hold_seconds)
        if reply.fate is not Fate.SEND:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.connection.close()
            return False
        keep = keep and not self.server.stopping.is_set()
        self._send(reply, keep=keep, head=message.method == "HEAD")
        return keep

    def _message(self, line: bytes) -> tuple[Message, bool]:
        parts = line.decode("latin-1").split()
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
            raise BadRequest(400, "This is not HTTP/1.1.")
        headers = _headers(self.rfile)
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = _body(self.rfile, headers)
        target = urlsplit(parts[1])
        query = {name: values[-1] for name, values in parse_qs(target.query, keep_blank_values=True).items()}
        message = Message(
            parts[0], unquote(target.path), query, headers, body, target.path, target.query, self._shown()
        )
        wish = headers.get("connection", "").lower()
        return message, wish != "close" if parts[2] != "HTTP/1.0" else wish == "keep-alive"

    def _shown(self) -> bytes:
        connection = self.connection
        return (isinstance(connection, ssl.SSLSocket) and connection.getpeercert(binary_form=True)) or b""

    def _send(self, reply: Reply, *, keep: bool, head: bool) -> None:
        lines = [
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {len(reply.content)}",
            f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        start = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.connection.sendall(start if head else start + reply.content)

    def _swallow(self) -> None:
        """Reads on for a moment, or the refusal would be lost in a reset."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        left = 2 * BODY_LIMIT
        while left > 0 and (piece := self.connection.recv(LINE_LIMIT)):
            left -= len(piece)


def _headers(stream: BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(HEADER_COUNT_LIMIT):
        line = stream.readline(LINE_LIMIT)
        if line in (b"\r\n", b"\n"):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not line.endswith(b"\n"):
            raise BadRequest(400, "A header line is broken.")
        headers[name.strip().lower()] = value.strip()
    raise BadRequest(431, "There are too many headers.")


def _body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(stream)
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise BadRequest(400, "Content-Length is not a number.")
    return _exactly(stream, _within_limit(int(length)))


def _chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream.readline(LINE_LIMIT)):
        _within_limit(len(body) + size)
        body += _exactly(stream, size)
        stream.readline(LINE_LIMIT)
    while stream.readline(LINE_LIMIT).strip():
        pass
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise BadRequest(400, "The size of a chunk is not a number.") from None


def _exactly(stream: BufferedIOBase, length: int) -> bytes:
    body = stream.read(length)
    if len(body) < length:
        raise BadRequest(400, "The body ended early.")
    return body


def _within_limit(length: int) -> int:
    if not 0 <= length <= BODY_LIMIT:
        raise BadRequest(413, f"The body is larger than {BODY_LIMIT} bytes.")
    return length
