"""Sends Streamlit's own files compressed: each is compressed once, by the first who asks, and kept.

Streamlit leaves them as they are, since Starlette's middleware would compress them again for each learner. Their names
hold a hash of their content, so what is kept is never out of date.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable
from functools import partial

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Best first. Browsers ask for Brotli only over https and of their own machine; a class, over http, gets gzip. The numbers
# are the levels: higher ones take several times the seconds for some 4 % fewer bytes.
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}
# Streamlit's files of text. No other path is waited for: a slow reader of a download would hold the others up.
_FILE = re.compile(r".*/static/.+\.(js|css|json|svg|wasm)")
KINDS = ("text/", "application/javascript", "application/json", "application/wasm", "image/svg+xml")
LEAST = 1000  # bytes; below it the headers weigh more
File = tuple[list[tuple[bytes, bytes]], bytes]


class CompressedFiles:
    """ASGI middleware: answers with a file's compressed copy where the browser takes one.

    Only of files that may be kept for ever (`immutable`), whole and found; all else passes. Of Streamlit's 26 MB some 13 MB
    can come to be held, in both encodings.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self._kept: dict[tuple[str, str], File] = {}
        self._making: dict[tuple[str, str], asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = _encoding(scope)
        if encoding is None:
            await self.app(scope, receive, send)
            return
        key = (scope["path"], encoding)
        if key not in self._kept:
            # one lock a file: thirty learners at once have it compressed once
            async with self._making.setdefault(key, asyncio.Lock()):
                if key not in self._kept and not await self._make(key, scope, receive, send):
                    return
            self._making.pop(key, None)
        headers, body = self._kept[key]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _make(self, key: tuple[str, str], scope: Scope, receive: Receive, send: Send) -> bool:
        """Ask the app for the file and keep it compressed. False where it is none of those, and has been sent."""
        answer = _Answer(send)
        await self.app(scope, partial(_until_gone, receive), answer.send)
        if answer.start is None or not answer.whole:
            self._making.pop(key, None)  # who waits asks for it too
            return False
        headers = MutableHeaders(raw=list(answer.start["headers"]))
        body = await run_in_threadpool(ENCODINGS[key[1]], b"".join(answer.parts))
        headers["content-encoding"], headers["content-length"] = key[1], str(len(body))
        headers.add_vary_header("Accept-Encoding")
        for name in ("etag", "accept-ranges"):  # they are of the file as it lies on the disk
            if name in headers:
                del headers[name]
        self._kept[key] = (headers.raw, body)
        return True


class _Answer:
    """One response on its way: held back where it is a file to compress, else sent on as it comes."""

    def __init__(self, send: Send):
        self._send = send
        self.start: Message | None = None
        self.parts: list[bytes] = []
        self.whole = False  # whether the last part has come: what is kept is sent to all who ask later

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_kept(message):
            self.start = message
        elif self.start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
            self.whole = not message.get("more_body", False)


async def _until_gone(receive: Receive) -> Message:
    """What the browser says, but not that it has gone: the file is read to its end, for the others.

    Starlette ends a file's answer without an error, wherever it is, when whoever asked goes.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        await asyncio.Event().wait()  # it is cancelled when the file has been read
    return message


def _encoding(scope: Scope) -> str | None:
    """The encoding to answer a request with; None where it passes: no such file, a part of one, or no encoding."""
    if scope["type"] != "http" or scope["method"] != "GET" or not _FILE.fullmatch(scope["path"]):
        return None
    asked = Headers(scope=scope)
    if "range" in asked or "if-none-match" in asked:
        return None
    taken = {}
    for item in asked.get("accept-encoding", "").split(","):
        name, _, quality = item.partition(";")
        taken[name.strip().lower()] = quality.replace(" ", "").removeprefix("q=").strip("0.") != "" or not quality
    return next((name for name in ENCODINGS if taken.get(name)), None)


def _may_be_kept(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and "immutable" in headers.get("cache-control", "")
        and headers.get("content-type", "").startswith(KINDS)
        and int(headers.get("content-length", 0)) >= LEAST
        and "content-encoding" not in headers
    )
