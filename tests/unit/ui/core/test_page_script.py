"""The page that the server sends: in which language it says that it is, and what its scripts say."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse

from lessonkit import language
from lessonkit.ui.core import page_script

PAGE = '<!doctype html><html lang="en"><head><title>x</title></head></html>'


@pytest.fixture
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language whose texts a teacher brought."""
    (tmp_path / "pl").mkdir()
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "pl" / "own.po").write_text(head + 'msgid "Close"\nmsgstr "Zamknij </script>"\n')
    monkeypatch.setenv("LESSONKIT_TEXTS", str(tmp_path))
    yield
    language.take_from(None)


def sent(accepted: str = "", query: str = "") -> str:
    """The page as a browser gets it."""
    headers = [(b"accept", b"text/html"), (b"accept-language", accepted.encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": query.encode()}
    messages: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        messages.append(message)

    app = page_script.PageScript(HTMLResponse(PAGE))
    asyncio.run(app(scope, receive, send))
    headers_sent = dict(messages[0]["headers"])
    body = b"".join(message.get("body", b"") for message in messages[1:])
    assert int(headers_sent[b"content-length"]) == len(body)
    return body.decode()


@pytest.mark.parametrize(
    ("accepted", "query", "lang"),
    [
        ("pl-PL,pl;q=0.9,en;q=0.5", "", "pl"),
        ("pl", "language=en", "en"),
        ("en-GB", "dataset=drawn&language=pl", "pl"),
        ("zu", "", "en"),
        ("", "language=%22%3E%3Cscript%3E", "en"),
    ],
)
def test_the_page_says_its_language(polish: None, accepted: str, query: str, lang: str) -> None:
    """Else a browser offers to translate it, and a screen reader reads it with another language's sounds."""
    assert re.findall(r"<html[^>]*>", sent(accepted, query)) == [f'<html lang="{lang}">']


def test_the_scripts_find_what_they_say_in_each_language(polish: None) -> None:
    body = sent()
    (given,) = re.findall(r"<script>window\.lessonkit = (.*?)</script>", body)
    texts = json.loads(given)["texts"]
    assert texts["pl"]["close"] == "Zamknij </script>"
    assert texts["en"] == page_script.SAID
    said = set(re.findall(r'\bsaid\("(\w+)"\)', body))
    assert said == set(page_script.SAID)
