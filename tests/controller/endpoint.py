"""An application's endpoint as small as can be: it answers what a test has told it to, and remembers each call."""

import json
import re
import threading
from dataclasses import dataclass, field

from oxherd.sandbox.http11 import Server
from oxherd.sandbox.replies import Reply, as_json


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: object
    url: str = ""

    @property
    def kind(self):
        return re.sub("[0-9a-f-]{36}", "ID", f"{self.method} {self.path.partition('?')[0]}")

    @property
    def line(self):
        return f"{self.method} {self.path}"


@dataclass
class Endpoint:
    """`answers`: by "METHOD /service/ID" what comes next, as (status, body, headers), the last one for ever."""

    answers: dict[str, list] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    before: object = None
    tls: object = None

    def __post_init__(self):
        self._server = Server(("127.0.0.1", 0), self._answer, self.tls)
        self._thread = threading.Thread(target=self._server.serve, daemon=True)

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_address[1]}/mail"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.stop()
        self._thread.join()

    def expect(self, line, *answers):
        self.answers[line] = list(answers)

    @property
    def lines(self):
        return [call.line for call in self.calls]

    def of(self, start):
        return [call for call in self.calls if call.line.startswith(start)]

    def _answer(self, message):
        path = message.raw_path.removeprefix("/mail") + (f"?{message.raw_query}" if message.raw_query else "")
        body = json.loads(message.body) if message.body else None
        url = f"http://{message.headers['host']}{message.raw_path}" + (
            f"?{message.raw_query}" if message.raw_query else ""
        )
        call = Call(message.method, path, message.headers, body, url)
        self.calls.append(call)
        if self.before:
            self.before(call)
        left = self.answers.get(call.kind)
        if left is None:
            return Reply(204, b"") if message.method == "DELETE" else as_json({})
        status, data, headers = (*(left.pop(0) if len(left) > 1 else left[0]), {}, {})[:3]
        reply = as_json(data, status) if status != 204 else Reply(204, b"")
        reply.headers.update(headers)
        return reply
