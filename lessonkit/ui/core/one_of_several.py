"""Where several processes serve pages behind one proxy: each answers only what the proxy passes on, and keeps its browsers."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lessonkit.serving import worker
from lessonkit.serving.worker import Worker

REFUSED = 1008  # a websocket's close code for what is against the rules


def end_with_starter() -> None:
    """Have this process end where whoever started several has gone."""
    worker.end_with_starter()


class OneOfSeveral:
    """ASGI middleware: refuses what did not come by the proxy, and gives a browser a cookie that names this process.

    With a page, with what Streamlit's page asks before it connects, and with the connection itself; never with anything
    else: a browser that has its session in another process is not led away by a photo.

    Args:
        me: what this process was told; None: as `worker.told` says.
    """

    def __init__(self, app: ASGIApp, me: Worker | None = None):
        self.app = app
        self.me = me or worker.told()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        me = self.me
        if me is None or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        name = worker.HEADER.encode()
        said = [value for header, value in scope["headers"] if header == name]
        if len(said) != 1 or not me.knows(said[0]):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
            else:
                answer = PlainTextResponse("Open the lesson by the address that it said when it started.\n", 403)
                await answer(scope, receive, send)
            return
        scope = {**scope, "headers": [(header, value) for header, value in scope["headers"] if header != name]}
        mine = f"{worker.COOKIE}={me.number}"
        if mine in (part.strip() for part in Headers(scope=scope).get("cookie", "").split(";")):
            await self.app(scope, receive, send)
            return
        alive = scope["path"].endswith(worker.ALIVE)

        async def with_cookie(message: Message) -> None:
            begins = message["type"] == "http.response.start"
            if begins or message["type"] == "websocket.accept":
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                if not begins or alive or headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", f"{mine}; Path=/; HttpOnly; SameSite=Lax")
                    message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, with_cookie)
