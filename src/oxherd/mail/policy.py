"""Who may write to a group that takes mail of its own customer's users only: Postfix asks, with each such recipient.

Postfix's policy delegation: a request is lines of name=value and an empty line, the answer is `action=...` and another.
"""

import socketserver

from django.db import Error, connection

REFUSED = "action=554 5.7.1 Only signed-in users of this organisation may write to this address\n\n"
PERMITTED = "action=permit_sasl_authenticated\n\n"
PUT_OFF = "action=451 4.3.0 It cannot be told at the moment whether you may write to this address\n\n"
LONGEST_LINE = 4096
MOST_LINES = 200


def answer(request: dict[str, str]) -> str:
    """What Postfix is told of a recipient. A database that is away puts mail off, and loses none."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT mail.may_post(%s, %s)",
                [request.get("recipient", "").lower(), request.get("sasl_username", "").lower()],
            )
            may = bool(cursor.fetchone()[0])
    except Error:
        connection.close()
        return PUT_OFF
    return PERMITTED if may else REFUSED


class Asked(socketserver.StreamRequestHandler):
    """One connection of an smtpd process, which asks again and again."""

    timeout = 600

    def handle(self) -> None:
        try:
            while request := self._read():
                self.wfile.write(answer(request).encode())
        except (OSError, ValueError):
            return  # it has gone, or does not speak the protocol
        finally:
            connection.close()

    def _read(self) -> dict[str, str]:
        request: dict[str, str] = {}
        for _ in range(MOST_LINES):
            line = self.rfile.readline(LONGEST_LINE)
            if not line.endswith(b"\n"):
                return {}
            if line == b"\n":
                return request
            name, _, value = line.decode("ascii", "replace").rstrip("\n").partition("=")
            request[name] = value
        return {}


class PolicyServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        super().__init__((host, port), Asked)
