"""A real HTTP server on 127.0.0.1 that serves files well or badly, as told."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """How one request is answered: whole and well unless told otherwise.

    Attributes:
        cut: close the connection after this many bytes of the body.
        stall: after this many bytes send nothing until the server closes.
        ranges: understand Range and If-Range.
        early: answer a range with one that begins this many bytes too early.
        status, kind, body: another answer altogether.
        to: redirect to this path.
    """

    cut: int | None = None
    stall: int | None = None
    ranges: bool = True
    early: int = 0
    status: int = 0
    kind: str = "application/gzip"
    body: bytes | None = None
    to: str = ""


@dataclass
class Asked:
    path: str
    range: str | None
    if_range: str | None
    encoding: str | None


@dataclass
class BadServer:
    """Serves `files` (path without its slash -> bytes); the n-th request is answered by `answers[n]`, later ones by `then`."""

    files: dict[str, bytes]
    answers: list[Answer] = field(default_factory=list)
    then: Answer = field(default_factory=Answer)
    etag: str = '"one"'
    asked: list[Asked] = field(default_factory=list)
    secure: ssl.SSLContext | None = None  # for https

    def __enter__(self) -> BadServer:
        self.closing = threading.Event()
        self._lock = threading.Lock()
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                world._answer(self)

            def log_message(self, *_: object) -> None:
                """Nothing: the test's own output is enough."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.secure:
            self._server.socket = self.secure.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if self.secure else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def asked_for(self, path: str) -> list[Asked]:
        return [a for a in self.asked if a.path == path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.lstrip("/")
        if path == "SHA256SUMS":  # asked for beside each archive: not counted among the answers
            answer = Answer(kind="text/plain")
        else:
            with self._lock:
                answer = self.answers.pop(0) if self.answers else self.then
                self.asked.append(Asked(path, *(handler.headers[h] for h in ("Range", "If-Range", "Accept-Encoding"))))
        handler.close_connection = True
        if answer.to:
            handler.send_response(302)
            handler.send_header("Location", answer.to)
            handler.send_header("Content-Length", "0")
            handler.send_header("Connection", "close")
            handler.end_headers()
            return
        body = self.files.get(path) if answer.body is None else answer.body
        status = answer.status or (404 if body is None else 200)
        body, start = body or b"", 0
        asked_range, if_range = handler.headers["Range"], handler.headers["If-Range"]
        if status == 200 and answer.ranges and asked_range and if_range in (None, self.etag):
            start = int(asked_range.removeprefix("bytes=").partition("-")[0]) - answer.early
            status = 206 if start < len(body) else 416
        handler.send_response(status)
        handler.send_header("Content-Type", answer.kind)
        if answer.ranges:
            handler.send_header("ETag", self.etag)
        if status == 206:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        rest = body[start:] if status != 416 else b""
        handler.send_header("Content-Length", str(len(rest)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        stop = next((n for n in (answer.cut, answer.stall) if n is not None), len(rest))
        try:
            handler.wfile.write(rest[:stop])
            handler.wfile.flush()
        except ConnectionError:
            return
        if answer.stall is not None:
            self.closing.wait()
