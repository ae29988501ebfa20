"""Puts scripts of the lesson's own into the page that Streamlit serves, before Streamlit's: SCRIPTS say what for."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lessonkit import config, language
from lessonkit.errors import SettingError
from lessonkit.language import tr, translatable
from lessonkit.ui.core import streamlit_words

NAMES = (
    "page_language.js", "translation_guard.js", "streamlit_words.js", "upload_guard.js", "sidebar_guard.js", "large_type.js",
)  # fmt: skip
SCRIPTS = [Path(__file__).with_name(name) for name in NAMES]
BEFORE = b"<head>"
SAID = {
    "lost": translatable("It did not arrive: the connection was cut. Choose the file again."),
    "full": translatable(
        "It was not taken: too much is being uploaded just now, or it is too large. Wait a moment, then choose it again."
    ),
    "close": translatable("Close"),
}
"""What the scripts say, by the names that they know it under: `lessonkit.say("lost")`."""
_LANG = re.compile(rb'(<html[^>]*\blang=")[^"]*"')


class PageScript:
    """ASGI middleware: every HTML page is sent with SCRIPTS at the beginning of its head, and in its language; all else as it is.

    Streamlit says of each page that it is in English. A browser would offer to translate a German page into German, and a
    screen reader would read it as if it were English. Streamlit's one page is some 20 kB, so it is held whole while it is changed. Its ETag is of the file without the script
    and goes.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self.scripts = b"".join(b"<script>\n" + script.read_bytes() + b"</script>" for script in SCRIPTS)
        with contextlib.suppress(SettingError):  # said on every page (`frame`)
            language.take_from(config.texts())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if "text/html" in asked.get("accept", ""):  # a compressed page could not be changed; it is small
            scope = {**scope, "headers": [(name, value) for name, value in asked.raw if name != b"accept-encoding"]}
        chosen = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])[-1]
        answer = _Answer(self.scripts, chosen, asked.get("accept-language", ""), scope["method"], send)
        await self.app(scope, receive, answer.send)


def spoken(chosen: str, accepted: str) -> str:
    """The language of a page that is asked for, as `language_choice.chosen` finds it later.

    Args:
        chosen: the address's language; accepted: the browser's, as its header Accept-Language says them, the first one first.
    """
    return chosen if chosen in language.languages() else language.best(re.split("[,;]", accepted)[0].strip())


def _texts() -> bytes:
    """SAID and Streamlit's own words in each language, as the first script on the page."""
    said, words = {}, {}
    for one in language.languages():
        with language.speaking(one):
            said[one] = {name: tr(text) for name, text in SAID.items()}
            words[one] = streamlit_words.in_this_language()
    given = json.dumps({"texts": said, "words": words}).replace("<", "\\u003c")
    return b"<script>window.lessonkit = " + given.encode() + b"</script>"


class _Answer:
    """One response on its way: held back from its start until its end where it is an HTML page."""

    def __init__(self, scripts: bytes, chosen: str, accepted: str, method: str, send: Send):
        self.scripts, self.chosen, self.accepted, self.method, self._send = scripts, chosen, accepted, method, send
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
        body = await run_in_threadpool(self._changed)  # the first page reads the translations
        headers = MutableHeaders(raw=list(self._start["headers"]))
        if self.method == "GET":
            headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})

    def _changed(self) -> bytes:
        tag = rf'\g<1>{spoken(self.chosen, self.accepted)}"'.encode()
        return _LANG.sub(tag, self._body, count=1).replace(BEFORE, BEFORE + _texts() + self.scripts, 1)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
