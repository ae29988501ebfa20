"""Stands where a process that serves pages would: answers that it lives, and ends where it is sent something."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if "broken" in sys.argv:
    sys.exit(7)
for asked in sys.argv:
    if asked.startswith("once="):  # the first process ends at its first start; the second waits until that has happened
        ended = Path(asked.partition("=")[2])
        if TOLD["number"] == 1 and not ended.exists():
            ended.write_text(str(os.getpid()))
            os._exit(7)
        while TOLD["number"] == 2 and not (ended.exists() and ended.read_text() and not alive(int(ended.read_text()))):
            time.sleep(0.01)
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
port = next(int(one.partition("=")[2]) for one in sys.argv if one.startswith("--server.port="))
ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
