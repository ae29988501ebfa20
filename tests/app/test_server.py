"""What the server does beside the pages: small photos as they are, a sentence where a page failed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from lessonkit.photos import catalog, images
from lessonkit.ui.core import routes


def asked(address: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET to the lesson's own routes."""
    scope = {"type": "http", "method": "GET", "path": address, "headers": [], "query_string": b"", "root_path": ""}
    sent: list[dict] = []

    async def receive() -> dict:
        return await asyncio.get_running_loop().create_future()  # the browser neither sends more nor leaves

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=routes.routes())(scope, receive, send))
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:])


def test_a_thumbnail_is_served_as_the_file_that_it_is_and_kept(
    drawn_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    small = images.thumbnail(catalog.resolve("drawn"), list(catalog.resolve("drawn").names)[0], 96)
    status, headers, body = asked(routes.thumbnail_url(small))
    assert (status, headers["content-type"]) == (200, "image/webp")
    assert body == small.read_bytes()
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize("address", ["/nothing.webp", "/../../runs/x/spec.json", "/%2e%2e/engine.json"])
def test_nothing_else_is_served(address: str, home: Path) -> None:
    home.mkdir()
    (home / "engine.json").touch()
    assert asked(routes.THUMBNAILS + address)[0] == 404


def test_a_page_that_fails_says_so_in_a_sentence_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def page() -> None:
        from lessonkit.ui.core import routes

        assert routes.said(KeyError("secret/path"))

    app = AppTest.from_function(page).run()
    assert len(app.error) == 1
    assert "KeyError" in app.error[0].value
    (number,) = re.findall(r"under error ([0-9a-f]{6})", app.error[0].value)
    assert f"error {number}: {routes.LOGGED}" in caplog.text
    assert "secret" not in app.error[0].value
