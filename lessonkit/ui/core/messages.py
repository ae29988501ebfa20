"""Lets a browser ask of Streamlit what the lesson's pages ask, and nothing else that its messages could.

One of them clears what is cached for everybody, the engine's client too; one has Streamlit write files into the app's folder.
They are a developer's, and Streamlit takes them from any page.
"""

from __future__ import annotations

import logging
import time

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

ASKED = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
OPERATIONS = {"deferred_file", "dataframe_chunk"}  # of a backend_operation_request
SAY_AGAIN = 60.0  # seconds until the log says once more that something was refused

log = logging.getLogger(__name__)


class OnlyOfPages:
    """ASGI middleware: a websocket's message of another kind than those above is dropped, before Streamlit sees it."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._said = -SAY_AGAIN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def allowed() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or not (kind := refused(message.get("bytes"))):
                    return message
                if time.monotonic() - self._said > SAY_AGAIN:
                    self._said = time.monotonic()
                    log.warning("a browser's message was dropped: %s", kind)

        await self.app(scope, allowed, send)


def refused(data: bytes | None) -> str:
    """Which kind of message this is, if it is one that is not taken; "" for one that is, or that nobody can read.

    Args:
        data: None for a message of text, which ends Streamlit's side of the connection with a traceback in the log.
    """
    if data is None:
        return "text"
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return ""  # Streamlit closes the connection
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        operation = message.backend_operation_request.WhichOneof("payload")
        return "" if operation in OPERATIONS else f"{kind}: {operation}"
    return "" if kind is None or kind in ASKED else kind
