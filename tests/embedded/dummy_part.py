"""Stands for `oxherd web`, `worker` and so on where only their supervision is tested."""

import http.server
import os
import signal
import sys


class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main():
    name, *arguments = sys.argv[1:]
    if name == "demo":
        print("operator@demo.test: a password")
        return
    print(f"process {os.getpid()}", flush=True)
    if name in {"web", "sandbox"}:
        port = int(arguments[arguments.index("--port") + 1])
        http.server.HTTPServer(("127.0.0.1", port), Healthy).serve_forever()
    elif name == "aps":
        print(name, *arguments, flush=True)
        signal.pause()
    elif name == "worker":
        signal.pause()


main()
