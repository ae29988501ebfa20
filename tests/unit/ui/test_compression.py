"""Streamlit's own files on their way to a browser: compressed once, the same bytes after it is undone."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
