"""Puts scripts of the lesson's own into the page that Streamlit serves, before Streamlit's: SCRIPTS say what for."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = [Path(__file__).with_name(name) for name in ("translation_guard.js", "upload_guard.js", "sidebar_guard.js")]
BEFORE = b"<head>"


class PageScript:
    """ASGI middleware: every HTML page is sent with SCRIPTS at the beginning of its head; all else as it is.

    Streamlit's one page is some 20 kB, so it is held whole while it is changed. Its ETag is of the file without the script
    and goes.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self.script = b"".join(b"<script>\n" + script.read_bytes() + b"</script>" for script in SCRIPTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if "text/html" in asked.get("accept", ""):  # a compressed page could not be changed; it is small
            scope = {**scope, "headers": [(name, value) for name, value in asked.raw if name != b"accept-encoding"]}
        answer = _Answer(self.script, scope["method"], send)
        await self.app(scope, receive, answer.send)


class _Answer:
    """One response on its way: held back from its start until its end where it is an HTML page."""

    def __init__(self, script: bytes, method: str, send: Send):
        self.script, self.method, self._send = script, method, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()
        else:
            await self._send(message)

    async def _finish(self) -> None:
        assert self._start is not None
        body = self._body.replace(BEFORE, BEFORE + self.script, 1)
        headers = MutableHeaders(raw=list(self._start["headers"]))
        if self.method == "GET":
            headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
