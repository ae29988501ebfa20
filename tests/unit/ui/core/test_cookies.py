"""A learner's browser is known again: it is given a name, and keeps it for as long as it comes back."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from lessonkit.ui.core import cookies, who

NAME = "a" * 32


def given(cookie: str = "", path: str = "/train", kind: str = "text/html; charset=utf-8") -> str:
    """The cookie that an answer sets; "" for none."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"cookie", cookie.encode())] if cookie else []}
    asyncio.run(cookies.LearnerCookie(app, lambda: True)(scope, None, send))  # type: ignore[arg-type]
    return next((value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"), "")


def test_a_new_browser_is_given_a_name_and_another_one_another() -> None:
    first, second = given(), given()
    assert first.startswith(f"{who.LEARNER}=")
    assert "HttpOnly" in first
    assert first != second


@pytest.mark.parametrize("others", ["", "a=b; ", "odd@name/of,another=1; ", 'x="y;z"; '])
def test_one_that_has_a_name_keeps_it_for_another_day_with_each_page(others: str) -> None:
    mine = f"{others}{who.LEARNER}={NAME}"
    assert given(mine).startswith(f"{who.LEARNER}={NAME}; Path=/; Max-Age={cookies.SECONDS}")
    assert NAME in given(mine, cookies.ALIVE, "text/plain")
    assert given(mine, "/app/static/thumbnails/a.webp", "image/webp") == "", "what others may keep names nobody"


def test_what_only_looks_for_the_server_is_given_no_name() -> None:
    assert given("", cookies.ALIVE, "text/plain") == ""
    assert NAME not in given(f"{who.LEARNER}={NAME}\u00e9")
