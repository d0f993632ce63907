"""The least of a control panel: serves the package's files, a runtime of ten lines, and answers that a test lays out.

What the real runtime promises and the views use: `require` with aps/xhr and aps/ready!, `aps.context`, `aps.apsc`.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote

from oxherd.aps.package import members

RUNTIME = """
window.told = [];
window.aps = {
  context: JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}"),
  app: {},
  apsc: new Proxy({}, { get: (none, name) => (...words) => { window.told.push([name, ...words]); } })
};
async function xhr(url, options) {
  const answer = await fetch(url, { method: options.method, headers: options.headers, body: options.data });
  const text = await answer.text();
  if (!answer.ok) { throw Object.assign(new Error(answer.status), { response: { text: text } }); }
  return options.handleAs === "json" && text ? JSON.parse(text) : text;
}
window.require = function (names, act) {
  document.addEventListener("DOMContentLoaded", () => act(...names.map((name) => ({ "aps/xhr": xhr }[name]))));
};
"""
KINDS = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "png": "image/png",
}


@dataclass
class LittlePanel:
    """answers: (method, path with query) -> (status, JSON), looked up by its beginning. calls: all that was asked."""

    runtime: str = RUNTIME
    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, Any, str | None]] = field(default_factory=list)
    entered: list[dict[str, list[str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"panel": self, "files": members(1)})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        for (wanted, beginning), found in reversed(self.answers.items()):
            if wanted == method and path.startswith(beginning):
                return found
        return 200, []

    def view(self, name: str, context: dict[str, Any]) -> str:
        """The address of a view, as the panel would open it."""
        return f"{self.url}/package/ui/{name}.html#{json.dumps(context)}"

    def made(self) -> list[tuple[str, Any, str | None]]:
        """What was to be made or changed, without entries: path, resource, subscription."""
        return [
            (path, data, subscription)
            for method, path, data, subscription in self.calls
            if method != "GET" and not path.endswith("/entry")
        ]


class _Handler(BaseHTTPRequestHandler):
    panel: LittlePanel
    files: dict[str, bytes]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(self.path)
        name = path.removeprefix("/package/")
        if path.startswith("/aps/2/resources"):
            self._resources(path.removeprefix("/aps/2/resources"), body)
        elif path == "/frame/enter/":
            self.panel.entered.append(parse_qs(body.decode()))
            self._send(200, "text/html", b"<!DOCTYPE html><html lang=en><title>Ours</title><h1>Our page</h1>")
        elif path.endswith("/aps.js"):
            self._send(200, "text/javascript", self.panel.runtime.encode())
        elif name in self.files:
            self._send(200, KINDS[name.rpartition(".")[2]], self.files[name])
        else:
            self._send(404, "text/plain", b"")

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names of the standard library

    def _resources(self, path: str, body: bytes) -> None:
        data = json.loads(body) if body else None
        self.panel.calls.append((self.command, path, data, self.headers.get("APS-Subscription-ID")))
        status, found = self.panel.answer(self.command, path)
        self._send(status, "application/json", json.dumps(found).encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        # Views have to work where nothing inline is allowed.
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
