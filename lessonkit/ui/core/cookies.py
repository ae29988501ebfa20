"""Gives each browser a cookie to be known again by, and the teacher's another; no script can read them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lessonkit.classroom import teacher
from lessonkit.errors import LessonError
from lessonkit.ui.core import who

SECONDS = int(teacher.TOKEN_SECONDS)
SECONDS_ALONE = (
    365 * 24 * 3600
)  # of somebody who comes back to their own machine; browsers keep none longer than 400 days
LONGEST_TICKET = 100  # characters
ALIVE = "/_stcore/health"  # what Streamlit's page asks before it connects, for the first time and again

log = logging.getLogger(__name__)


class LearnerCookie:
    """ASGI middleware: a page's answer gives a browser that has none a random name of its own.

    One that has a name is given it again with each page, and with what the page asks when its connection begins again: it
    lasts from when it was last used.

    Args:
        in_class: whether a class is served, whose browsers are known for a school day; looked at once.
    """

    def __init__(self, app: ASGIApp, in_class: Callable[[], bool] = who.in_class):
        self.app = app
        self.seconds = SECONDS if in_class() else SECONDS_ALONE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        name = _name(Headers(scope=scope))
        lives = bool(name) and scope["path"].endswith(ALIVE)

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if lives or headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(who.LEARNER, name or secrets.token_urlsafe(24), self.seconds))
                    message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, with_cookie)


async def _keep(request: Request) -> Response:
    """A ticket that the teacher's page was given becomes the browser's cookie."""
    told = request.headers.get("content-length", "")
    if not told.isdigit() or int(told) > LONGEST_TICKET:
        return PlainTextResponse("This is no ticket.\n", 400)
    ticket = (await request.body()).decode("ascii", "replace")
    try:
        token = await run_in_threadpool(teacher.redeem, ticket)
    except LessonError as problem:
        log.error("the teacher's browser could not be given a cookie: %s", problem)
        return PlainTextResponse("This could not be kept. The server's log says why.\n", 500)
    if not token:
        return PlainTextResponse("This ticket is not good any more.\n", 403)
    return Response(status_code=204, headers={"set-cookie": _cookie(who.TEACHER, token), "cache-control": "no-store"})


ROUTES = [Route("/class/keep", _keep, methods=["POST"])]


def _name(headers: Headers) -> str:
    """The name that a browser was given; "" for none. Python's own reader fails where another's cookie has an odd name."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == who.LEARNER and who.TOKEN.fullmatch(value):
            return value
    return ""


def _cookie(name: str, value: str, seconds: int = SECONDS) -> str:
    # Lax: whoever comes by a link or a QR code is who they were before.
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
