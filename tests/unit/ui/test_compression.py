"""Streamlit's own files on their way to a browser: compressed once, the same bytes after it is undone."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from lessonkit.ui.core.compression import CompressedFiles

SCRIPT = b"export const breeds = ['Abyssinian', 'Bengal'];\n" * 200
FOR_EVER = {"cache-control": "public, immutable, max-age=31536000", "etag": '"as on the disk"'}
UNDONE = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture
def asked() -> Counter[str]:
    """How often the app behind the middleware was asked for each path."""
    return Counter()


@pytest.fixture
def app(asked: Counter[str]) -> CompressedFiles:
    async def answer(request: Request) -> Response:
        path = request.url.path
        asked[path] += 1
        await asyncio.sleep(0)  # the others who ask get their turn
        kept = {} if "page" in path else FOR_EVER
        kind = "image/jpeg" if path.endswith("jpg") else "text/javascript"
        return Response(SCRIPT[: 100 if "small" in path else None], 404 if "none" in path else 200, kept, kind)

    return CompressedFiles(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "HEAD", "POST"])]))


def get(app: CompressedFiles, *paths: str, method: str = "GET", **headers: str) -> list[tuple[httpx.Headers, bytes]]:
    """The headers and the bytes as sent of each path, all asked at once."""

    async def one(client: httpx.AsyncClient, path: str) -> tuple[httpx.Headers, bytes]:
        asked = {"accept-encoding": "", **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with client.stream(method, path, headers=asked) as response:
            return response.headers, b"".join([part async for part in response.aiter_raw()])

    async def all_at_once() -> list[tuple[httpx.Headers, bytes]]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lesson") as client:
            return await asyncio.gather(*(one(client, path) for path in paths))

    return asyncio.run(all_at_once())


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip;q=0.5", "gzip"), ("GZIP", "gzip")],
)
def test_a_file_is_sent_in_an_encoding_that_the_browser_takes(app, accepted: str, encoding: str):
    ((headers, body),) = get(app, "/static/js/chart.D9Z0.js", accept_encoding=accepted)
    assert UNDONE[encoding](body) == SCRIPT
    assert len(body) < len(SCRIPT) / 10
    assert (headers["content-encoding"], int(headers["content-length"])) == (encoding, len(body))
    assert headers["vary"] == "Accept-Encoding"
    assert headers["cache-control"] == FOR_EVER["cache-control"]
    assert "etag" not in headers


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/static/js/chart.js", {"accept_encoding": "identity"}),
        ("/static/js/chart.js", {"accept_encoding": "gzip;q=0"}),
        ("/static/js/chart.js", {"accept_encoding": "gzip", "range": "bytes=0-9"}),
        ("/static/js/small.js", {"accept_encoding": "gzip"}),
        ("/static/js/none.js", {"accept_encoding": "gzip"}),
        ("/static/js/page.js", {"accept_encoding": "gzip"}),
        ("/static/media/pet.jpg", {"accept_encoding": "gzip"}),
        ("/health", {"accept_encoding": "gzip"}),
    ],
)
def test_all_else_is_sent_as_it_is(app, asked, path: str, more: dict[str, str]):
    for _ in range(2):
        ((headers, body),) = get(app, path, **more)
        assert SCRIPT.startswith(body)
        assert body
        assert "content-encoding" not in headers
    assert asked[path] == 2


def test_a_file_that_many_ask_for_at_once_is_made_once_for_each_encoding(app, asked):
    answers = get(app, *["/static/js/chart.js"] * 30, accept_encoding="gzip")
    assert len({body for _, body in answers}) == 1
    assert asked["/static/js/chart.js"] == 1
    get(app, "/static/js/chart.js", accept_encoding="br")
    get(app, "/static/js/chart.js", accept_encoding="gzip, br")
    assert asked["/static/js/chart.js"] == 2


FILE: Scope = {
    "type": "http",
    "method": "GET",
    "path": "/static/js/chart.js",
    "headers": [(b"accept-encoding", b"gzip")],
    "asgi": {"spec_version": "2.3"},  # uvicorn's: a message tells the app that whoever asked has gone
}


def sent(app: CompressedFiles, hears: str) -> list[Message]:
    """What the app sends for FILE to somebody of whom it hears "http.request" or "http.disconnect"."""
    messages = []

    async def receive() -> Message:
        return {"type": hears}

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(app(FILE, receive, send))
    return messages


def test_who_leaves_while_a_file_is_read_does_not_cut_it_for_the_others(tmp_path: Path):
    """Starlette stops reading a file when whoever asked has gone: a part of it would be kept, and sent to all."""
    script = tmp_path / "chart.js"
    script.write_bytes(SCRIPT * 100)
    app = CompressedFiles(Starlette(routes=[Route("/{path:path}", lambda _: FileResponse(script, headers=FOR_EVER))]))
    sent(app, "http.disconnect")
    ((_, body),) = get(app, FILE["path"], accept_encoding="gzip")
    assert gzip.decompress(body) == SCRIPT * 100


def test_a_file_that_was_not_read_to_its_end_is_not_sent_and_asked_for_again():
    whole = [False, True]

    async def cut_once(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"content-type": "text/javascript", "content-length": str(len(SCRIPT)), "cache-control": "immutable"}
        await send({"type": "http.response.start", "status": 200, "headers": Headers(headers).raw})
        await send({"type": "http.response.body", "body": SCRIPT[:2000], "more_body": True})
        if whole.pop(0):
            await send({"type": "http.response.body", "body": SCRIPT[2000:]})

    app = CompressedFiles(cut_once)
    assert sent(app, "http.request") == []
    ((_, body),) = get(app, FILE["path"], accept_encoding="gzip")
    assert gzip.decompress(body) == SCRIPT
