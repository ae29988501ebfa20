"""Stands where a process that serves pages would: answers that it lives, and ends where it is sent something."""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLD = json.loads(os.environ["LESSON_SERVES_AS"])


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(
            f"{TOLD['number']} {os.getpid()} {self.headers.get('x-lesson-proxy') == TOLD['secret']}".encode()
        )

    def do_POST(self) -> None:
        os._exit(3)

    def log_message(self, *_: object) -> None:
        pass


if "broken" in sys.argv:
    sys.exit(7)
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
port = next(int(one.partition("=")[2]) for one in sys.argv if one.startswith("--server.port="))
ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
