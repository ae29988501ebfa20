"""A browser may ask of the server what pages ask. What a developer's browser may ask besides, nobody may."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from lessonkit.ui.core import messages


def back(**fields: object) -> BackMsg:
    message = BackMsg()
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def operation(name: str) -> BackMsg:
    message = BackMsg()
    message.backend_operation_request.request_id = "1"
    getattr(message.backend_operation_request, name).SetInParent()
    return message


def rerun() -> BackMsg:
    message = BackMsg()
    message.rerun_script.query_string = "dataset=pets"
    return message


def reaches(data: bytes | None, text: str | None = None) -> bool:
    """Whether Streamlit sees a websocket's message; the end of the connection it always sees."""
    seen: list[Message] = []
    coming = iter([{"type": "websocket.receive", "bytes": data, "text": text}, {"type": "websocket.disconnect"}])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            seen.append(message)

    async def receive() -> Message:
        return next(coming)

    asyncio.run(messages.OnlyOfPages(app)({"type": "websocket"}, receive, None))  # type: ignore[arg-type]
    return bool(seen)


@pytest.mark.parametrize(
    "message",
    [
        back(clear_cache=True),  # everybody's, and the engine's client
        back(set_run_on_save=True),
        back(debug_shutdown_runtime=True),
        back(debug_disconnect_websocket=True),
        back(load_git_info=True),
        operation("install_skills"),
        operation("dismiss_skills_nudge"),
    ],
    ids=lambda m: str(m)[:30],
)
def test_what_only_a_developer_asks_is_not_taken(message: BackMsg) -> None:
    assert not reaches(message.SerializeToString())


@pytest.mark.parametrize(
    "message",
    [
        rerun(),
        back(stop_script=True),
        back(app_heartbeat=True),
        operation("deferred_file"),
        operation("dataframe_chunk"),
    ],
    ids=lambda m: str(m)[:30],
)
def test_what_pages_ask_is(message: BackMsg) -> None:
    assert reaches(message.SerializeToString())


def test_what_nobody_can_read_is_left_to_streamlit() -> None:
    assert reaches(b"\xff\xff\xff")


def test_text_which_no_page_sends_is_dropped() -> None:
    assert not reaches(None, "text")


def test_every_kind_of_message_that_this_streamlit_knows_was_decided_about() -> None:
    """A new one is looked at before it is let in, or kept out."""
    known = {f.name for f in BackMsg.DESCRIPTOR.fields} - {"debug_last_backmsg_id"}
    decided = messages.ASKED | {
        "clear_cache", "set_run_on_save", "load_git_info", "debug_disconnect_websocket", "debug_shutdown_runtime",
    }  # fmt: skip
    assert known == decided
