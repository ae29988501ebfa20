"""A mirror (LESSONKIT_MIRROR) that says nothing until it is told to."""

from __future__ import annotations

import http.server
import threading

from tests.engines import DEADLINE


class SilentMirror:
    """Answers when `go` is set, with a page instead of an archive; `asked` is set once it is asked.

    `begin` has it say nothing again.
    """

    def __init__(self) -> None:
        self.begin()
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                go = mirror.go
                mirror.asked.set()
                go.wait(DEADLINE)
                self.send_response(404)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def begin(self) -> None:
        self.go, self.asked = threading.Event(), threading.Event()

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()
