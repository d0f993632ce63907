"""A mail server that takes mail, or says what a test wants it to say."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """`answers`: what is said to a command instead of 250, such as {"RCPT": "550 no such user"}."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.answers: dict[str, str] = {}
        self.taken: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].split(":")[0].upper()
            if verb == "DATA" and verb not in self.server.answers:
                self._take()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say(self.server.answers.get(verb, "250 fine"))

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) not in {".\r\n", ""}:
            lines.append(line)
        self.server.taken.append("".join(lines))
        self._say(self.server.answers.get("END", "250 taken"))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()
